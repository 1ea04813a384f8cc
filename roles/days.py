"""Days that people and programs may name: of each of them every clock on earth can show the beginning and the end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# A day before or after is a slip of the keyboard or a placeholder, and where another zone has its midnight a day
# further, the first and the last day of the calendar are days that no clock can show.
FIRST, LAST = date(1900, 1, 1), date(2999, 12, 31)
_WRITTEN = re.compile(r"(\d{4})-\d\d-\d\d(?:[T ]\d\d:\d\d[\d:.,]*\s*(?:Z|[+-]\d\d:?\d\d)?)?", re.ASCII)


def is_far(day: date) -> bool:
    """Whether nobody can mean this day."""
    return not FIRST <= (day.date() if isinstance(day, datetime) else day) <= LAST


def check_day(day: date) -> None:
    """Raise ValidationError where nobody can mean this day."""
    if is_far(day):
        raise ValidationError(_said(day.isoformat()))


def far_days(said: Any) -> dict[str, list[str]]:
    """What is wrong with the days in what a program sent, at whatever depth, by the names under which they stand."""
    return {name: [_said(text)] for name, text in _texts(said) if _is_far_as_written(text)}


def _is_far_as_written(text: str) -> bool:
    found = _WRITTEN.fullmatch(text.strip())
    return found is not None and not FIRST.year <= int(found[1]) <= LAST.year


def _texts(said: Any) -> Iterator[tuple[str, str]]:
    """Every text with the name under which it stands; without recursion, however deep it is."""
    left = [("non_field_errors", said)]
    while left:
        name, value = left.pop()
        if isinstance(value, str):
            yield name, value
        elif isinstance(value, dict):
            left += [(str(key), inner) for key, inner in value.items()]
        elif isinstance(value, list):
            left += [(name, inner) for inner in value]


def _said(text: str) -> str:
    return _("The date “%(text)s” is a placeholder, not a date.") % {"text": text[:60]}


class DayField(forms.DateField):
    """A day that one can mean, chosen in the browser's own calendar."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(**{"widget": widget, **options})

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value:
            check_day(value)


class MomentField(forms.DateTimeField):
    """A moment of a day that one can mean."""

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value:
            check_day(value)
