"""The form that takes a file of members."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from roles.member_files import MOST_LETTERS, Line, Unreadable, read


class MemberFileForm(forms.Form):
    """A CSV file, or its lines pasted."""

    file = forms.FileField(
        label=gettext_lazy("CSV file"), required=False, widget=forms.FileInput({"accept": ".csv,text/csv"})
    )
    text = forms.CharField(
        label=gettext_lazy("Or paste the lines"),
        required=False,
        strip=False,
        widget=forms.Textarea({"rows": 6, "class": "code-input", "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self.said: str = cleaned.get("text") or ""
        self.lines: list[Line] = []
        if file := cleaned.get("file"):
            if file.size > MOST_LETTERS * 4:
                raise forms.ValidationError(_("The file is too large."))
            try:
                self.said = file.read().decode("utf-8-sig")
            except UnicodeDecodeError:
                raise forms.ValidationError(
                    _("Save the file as CSV in UTF-8; its letters cannot be read so.")
                ) from None
        if not self.said.strip():
            raise forms.ValidationError(_("Choose a file, or paste its lines."))
        try:
            self.lines = read(self.said)
        except Unreadable as problem:
            raise forms.ValidationError(str(problem)) from problem
        return cleaned
