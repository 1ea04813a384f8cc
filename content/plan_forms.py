"""What is filled in to plan when something is said."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from content.actions.publications import LONGEST_GRACE
from content.planning import YEARS, YEARS_SAID
from roles.days import DayField
from roles.forms import time_zones


class PlanForm(forms.Form):
    """A day, what a clock shows there, whose clock that is, and how late it may be."""

    on_day = DayField(label=_("Day"))
    at_time = forms.TimeField(label=_("Time"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    zone = forms.ChoiceField(
        label=_("Time zone"),
        help_text=_("That of the people who are to see it: nine in the morning there, in winter and in summer."),
    )

    grace_minutes = forms.IntegerField(
        label=_("May be late by (minutes)"),
        required=False,
        min_value=1,
        max_value=LONGEST_GRACE,
        help_text=_("What could not go out by then is missed: you are told, and it is not published late."),
    )

    def clean_on_day(self) -> date:
        """The day, where calendars reach."""
        day: date = self.cleaned_data["on_day"]
        if day.year not in YEARS:
            raise forms.ValidationError(_("Choose a day between %(first)s and %(last)s.") % YEARS_SAID)
        return day

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone = self.fields["zone"]
        assert isinstance(zone, forms.ChoiceField)
        known, chosen = time_zones(), self.initial.get("zone")
        zone.choices = known if not chosen or chosen in dict(known) else [(chosen, chosen), *known]
