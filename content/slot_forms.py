"""What is filled in to add slots to a channel."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from listening.models import Channel
from roles.forms import time_zones
from roles.tenancy import active_organization


class SlotForm(forms.Form):
    """On which days, at which time, on whose clock."""

    channel = forms.ModelChoiceField(label=_("Channel"), queryset=Channel.objects.none())
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Days"), choices=list(WEEKDAYS.items()), coerce=int, widget=forms.CheckboxSelectMultiple
    )
    at_time = forms.TimeField(label=_("Time"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    zone = forms.ChoiceField(
        label=_("Time zone"), choices=time_zones, help_text=_("That of the people who are to see it.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Channel.objects.filter(is_active=True).order_by("name", "pk")
        self.fields["channel"].queryset = rows  # type: ignore[attr-defined]
        self.fields["zone"].initial = active_organization().time_zone
