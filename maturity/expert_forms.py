"""What is filled in of an expert."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from listening.models import Topic


class ExpertForm(forms.Form):
    """What somebody knows first-hand, and how much time they may give."""

    knows = forms.CharField(
        label=_("What they know first-hand"),
        max_length=300,
        help_text=_("From doing it, whatever their title: “twelve years in the workshop, brakes above all”."),
    )
    topics = forms.ModelMultipleChoiceField(
        label=_("Topics"),
        queryset=Topic.objects.active().by_name(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Whoever puts a question about one of these finds them first."),
    )
    writes_well = forms.BooleanField(label=_("Writes well"), required=False)
    is_ambassador = forms.BooleanField(
        label=_("Ambassador"), required=False, help_text=_("Speaks of us outside, under their own name, and wants to.")
    )
    hours = forms.DecimalField(
        label=_("Hours a month they may give"), min_value=0, max_value=200, decimal_places=1, required=False
    )

    def clean_hours(self) -> Any:
        return self.cleaned_data["hours"] or 0
