"""What a coach fills in to write a guideline."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from listening.models import Topic


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
        queryset=Topic.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Beside a conversation about one of these it stands first. None chosen: it bears on everything."),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["topics"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = Topic.objects.active().by_name()
