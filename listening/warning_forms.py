"""Forms of early warning."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from listening.models import EarlyWarning, Topic, TrackingQuery
from roles.days import MomentField


class RaiseForm(forms.Form):
    """What one warns of."""

    title = forms.CharField(label=_("What is it about?"), max_length=200)
    severity = forms.TypedChoiceField(
        label=_("How severe?"), coerce=int, choices=EarlyWarning.Severity.choices, initial=EarlyWarning.Severity.SERIOUS
    )
    note = forms.CharField(
        label=_("What should the coaches know?"), max_length=1000, required=False, widget=forms.Textarea({"rows": 3})
    )


class KnownEventForm(forms.Form):
    """A time in which more is to be expected."""

    name = forms.CharField(label=_("Event"), max_length=120)
    starts_at = MomentField(label=_("Begins"), widget=forms.DateTimeInput({"type": "datetime-local"}))
    ends_at = MomentField(label=_("Ends"), widget=forms.DateTimeInput({"type": "datetime-local"}))
    query = forms.ModelChoiceField(
        label=_("Query"), required=False, queryset=TrackingQuery.objects.order_by("name"), empty_label=_("Everything")
    )
    topic = forms.ModelChoiceField(
        label=_("Topic"), required=False, queryset=Topic.objects.order_by("name"), empty_label=_("Everything")
    )
    is_quiet = forms.BooleanField(
        label=_("Tell nobody of what is unusual then"),
        required=False,
        initial=True,
        help_text=_("It is kept in the history. Otherwise it warns and names the event."),
    )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        start, end = said.get("starts_at"), said.get("ends_at")
        if start and end and end <= start:
            self.add_error("ends_at", _("It ends before it begins."))
        return said
