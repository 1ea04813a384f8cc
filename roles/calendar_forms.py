"""Forms of business hours and holidays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from roles import holiday_files
from roles.clock import Spans
from roles.days import DayField, MomentField
from roles.forms import time_zones
from roles.models import Calendar, Weekday
from roles.opening_words import read_spans, spans_in_words

LONGEST_PREVIEW = 30 * 24


class HoursField(forms.CharField):
    """The hours of a day in words, as `read_spans` understands them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"required": False, "max_length": 120, **options})

    def prepare_value(self, value: Any) -> Any:
        return spans_in_words(value) if isinstance(value, tuple) else value

    def clean(self, value: Any) -> Spans:
        return read_spans(super().clean(value))


class CalendarForm(forms.Form):
    """Business hours: a name, a time zone, and the hours of each weekday."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"), choices=time_zones)
    is_default = forms.BooleanField(
        label=gettext_lazy("Use these hours wherever nothing else is chosen"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for day in Weekday:
            self.fields[f"day{day.value}"] = HoursField(label=day.label)

    def days(self) -> Iterator[forms.BoundField]:
        """The fields of the week, Monday first."""
        return (self[f"day{day.value}"] for day in Weekday)

    def said(self) -> dict[str, Any]:
        """What the actions take."""
        cleaned = self.cleaned_data
        week = [cleaned[f"day{day.value}"] for day in Weekday]
        return {name: cleaned[name] for name in ("name", "time_zone", "is_default")} | {"week": week}

    @staticmethod
    def values_of(calendar: Calendar, week: list[Spans]) -> dict[str, Any]:
        """What the form shows of a calendar."""
        days = {f"day{number}": spans for number, spans in enumerate(week)}
        named = {name: getattr(calendar, name) for name in ("name", "time_zone", "is_default")}
        return named | days


class HolidayForm(forms.Form):
    """A day on which it is otherwise."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    day = DayField(label=gettext_lazy("Day"))
    hours = HoursField(
        label=gettext_lazy("Open nevertheless"),
        help_text=gettext_lazy("Such as 09:00–12:00. Empty: closed all day."),
    )
    is_yearly = forms.BooleanField(label=gettext_lazy("Every year on this date"), required=False)


class HolidayFileForm(forms.Form):
    """An iCalendar file, uploaded or pasted."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".ics,text/calendar"}),
        help_text=gettext_lazy("A calendar of holidays that ends in .ics."),
    )
    text = forms.CharField(
        label=gettext_lazy("or its text"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "placeholder": "BEGIN:VCALENDAR"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        file = cleaned.get("file")
        if file is not None and file.size > holiday_files.LARGEST:
            self.add_error("file", _("The file is too large: a megabyte at most."))
        elif file is not None:
            cleaned["text"] = file.read().decode("utf-8", errors="replace")
        elif not str(cleaned.get("text", "")).strip():
            raise ValidationError(_("Choose a file, or paste the text of one."))
        return cleaned


class PreviewForm(forms.Form):
    """A promise to try the calendar with."""

    within = forms.DecimalField(
        label=gettext_lazy("Promised within (hours)"), min_value=0, max_value=LONGEST_PREVIEW, decimal_places=2
    )
    start = MomentField(
        label=gettext_lazy("At"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    @classmethod
    def asked(cls, data: Any, *, zone: ZoneInfo, at: datetime) -> PreviewForm:
        """The form as the address says; without a word there, four hours from half past four on Friday."""
        local = at.astimezone(zone).replace(hour=16, minute=30, second=0, microsecond=0, tzinfo=None)
        friday = local + timedelta(days=(Weekday.FRIDAY - local.weekday()) % 7)
        return cls({"within": data.get("within") or "4", "start": data.get("start") or friday})

    def clean_start(self) -> datetime:
        # As it stands on the wall of the calendar: the view puts the zone to it.
        start: datetime = self.cleaned_data["start"]
        return start.replace(tzinfo=None)


class ChooseCalendarForm(forms.Form):
    """By whose hours a department works."""

    calendar = forms.ModelChoiceField(
        label=gettext_lazy("Business hours"),
        queryset=Calendar.objects.by_name(),
        required=False,
        empty_label=gettext_lazy("The default ones"),
    )
