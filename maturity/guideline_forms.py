"""What a coach fills in to write a guideline."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from listening.models import Topic
from maturity.models import GapReport


class GuidelineForm(forms.Form):
    """A section of the guidelines: what it says, and on what it bears."""

    title = forms.CharField(label=_("Title"), max_length=120)
    text = forms.CharField(
        label=_("Text"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 14, "dir": "auto"}),
        help_text=_("In Markdown: **bold**, lists with - or 1., headings with #, [links](https://…)."),
    )
    topics = forms.ModelMultipleChoiceField(
        label=_("It bears on"),
        queryset=Topic.objects.active().by_name(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Beside a conversation about one of these it stands first. None chosen: it bears on everything."),
    )
    gaps = forms.ModelMultipleChoiceField(
        label=_("It answers these gap reports"),
        queryset=GapReport.objects.open().with_everything(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("They are closed by it, and who reported them is told."),
    )
    is_internal = forms.BooleanField(
        label=_("It stays inside"), required=False, help_text=_("Left out where anybody may read the guidelines.")
    )
    is_small = forms.BooleanField(
        label=_("A small change"),
        required=False,
        help_text=_("Whoever has said yes to it need not do so again: a spelling mistake, a link that moved."),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, is_new: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_new:
            del self.fields["is_small"]
        if not GapReport.objects.open().exists():
            del self.fields["gaps"]
