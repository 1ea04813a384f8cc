"""When something is to be said, as a person types it; and the channels of our own."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from content.actions.publications import GRACE_MINUTES, LONGEST_GRACE
from content.models import Publication
from roles.forms import DayField, time_zones

FULL_HOUR = timedelta(hours=1)


class PlanForm(forms.Form):
    """A day, what the clock shows there, and how late it may be."""

    on_day = DayField(label=_("Day"))
    at_time = forms.TimeField(
        label=_("Time"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        input_formats=["%H:%M", "%H:%M:%S"],
    )
    zone = forms.ChoiceField(label=_("Time zone"), choices=time_zones)
    grace_minutes = forms.IntegerField(
        label=_("May be late by (minutes)"),
        min_value=1,
        max_value=LONGEST_GRACE,
        initial=GRACE_MINUTES,
        help_text=_("What could not go out by then is missed: you are told, and it is not published late."),
    )

    @classmethod
    def for_next_hour(cls, zone: str, *, at: datetime) -> PlanForm:
        """Propose the next full hour but one, as the organization's clock shows it."""
        wall = (at + 2 * FULL_HOUR).astimezone(ZoneInfo(zone)).replace(minute=0, second=0, microsecond=0)
        return cls(initial={"on_day": wall.date(), "at_time": wall.time(), "zone": zone})

    @classmethod
    def of(cls, row: Publication) -> PlanForm:
        """Show when it is planned."""
        names = ("on_day", "at_time", "zone", "grace_minutes")
        return cls(initial={name: getattr(row, name) for name in names})


class ChannelForm(forms.Form):
    """What a channel of our own is called, and where one posts there by hand."""

    name = forms.CharField(label=_("Name"), max_length=200)
    url = forms.URLField(
        label=_("Where one posts there"), max_length=2000, required=False, assume_scheme="https",
        help_text=_("The page on which a person posts by hand."),
    )  # fmt: skip

    def __init__(self, *args: Any, has_address: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if not has_address:
            del self.fields["url"]
