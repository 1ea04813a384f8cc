"""What a coach fills in to set a level."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from roles.models import Department, Level, Organization


class LevelForm(forms.Form):
    """A level, and why."""

    level = forms.ChoiceField(label=_("Level"), required=False)
    reason = forms.CharField(
        label=_("Why"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Kept with the change, for those who ask later."),
    )

    def __init__(self, data: Any = None, *, where: Organization | Department) -> None:
        prefix = f"d{where.pk}" if isinstance(where, Department) else "whole"
        super().__init__(data, initial={"level": where.level}, prefix=prefix)
        same = [("", _("The organization's"))] if isinstance(where, Department) else []
        self.fields["level"].choices = [*same, *Level.choices]  # type: ignore[attr-defined]
