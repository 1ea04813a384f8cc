"""The forms of media."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from content.models import Media

ALT = _("Description, for people who cannot see or hear it")


class ManyFilesInput(forms.FileInput):
    """A choice of one file or of several."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Files, one or several; each is told by its content later."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        """Return those that came."""
        return [super(FilesField, self).clean(one, initial) for one in data or [None] if one or self.required]


class UploadForm(forms.Form):
    """Files, and what is to be seen or heard where it is one."""

    file = FilesField(
        label=_("Files"),
        help_text=_("JPEG, PNG, GIF, WebP, MP4, MOV, WebM, MP3, M4A, Ogg or WAV. You can choose several."),
        widget=ManyFilesInput(attrs={"accept": "image/*,video/*,audio/*"}),
    )
    alt = forms.CharField(
        label=ALT, max_length=1500, required=False, widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
        help_text=_("Of several files you say it afterwards, of each."),
    )  # fmt: skip

    def clean_alt(self) -> str:
        """Words are about one file."""
        alt: str = self.cleaned_data["alt"]
        if alt and len(self.cleaned_data.get("file", ())) > 1:
            raise forms.ValidationError(_("These words can be about one file only. Say of each what is to be seen."))
        return alt


class DescriptionForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable when it runs
    """What media are called and what is to be seen or heard."""

    class Meta:
        model = Media
        fields = ("name", "alt")
        labels = {"alt": ALT}
        widgets = {"alt": forms.Textarea(attrs={"rows": 4, "dir": "auto"})}


class MediaFilter(forms.Form):
    """Which media are shown."""

    q = forms.CharField(label=_("Name or description"), max_length=100, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=[("", _("All")), *Media.Kind.choices], required=False)
    which = forms.ChoiceField(
        label=_("Which"),
        choices=[("", _("All")), ("unused", _("Used nowhere")), ("without_words", _("Without a description"))],
        required=False,
    )

    def rows(self) -> Any:
        """The media that are asked for, the newest first; nonsense asks for nothing."""
        rows = Media.objects.with_use().order_by("-pk")
        if not self.is_valid():
            return rows
        said = self.cleaned_data
        if said["q"]:
            rows = rows.saying(said["q"])
        if said["kind"]:
            rows = rows.of_kind(said["kind"])
        if said["which"]:
            rows = rows.unused() if said["which"] == "unused" else rows.without_words()
        return rows
