"""Opening hours as people write and read them: “09:00–12:30, 13:30–18:00”, “Monday to Friday 09:00–18:00”."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from roles.clock import Spans
from roles.models import Weekday

DAY_MINUTES = 24 * 60
MOST_SPANS = 6
# What stands between two spans, in whatever language it was typed.
_BETWEEN = re.compile("[,;،؛、，]")
_SPAN = re.compile(r"^(\d{1,2})(?:[:.h](\d{2}))?\s*h?\s*(?:-|–|—|to|bis)\s*(\d{1,2})(?:[:.h](\d{2}))?\s*h?$")
_ALL_DAY = {"24h", "24 h", "24", "all day"}
_CLOSED = {"", "-", "–", "closed"}


def read_spans(text: str) -> Spans:
    """Read the hours of a day, in minutes after midnight; hours that end before they begin last into the next day.

    Raises ValidationError with what to write instead.
    """
    said = " ".join(text.lower().split())
    if said in _CLOSED or said == str(_("closed")):
        return ()
    if said in _ALL_DAY:
        return ((0, DAY_MINUTES),)
    spans = sorted(_read_span(part.strip()) for part in _BETWEEN.split(said) if part.strip())
    if len(spans) > MOST_SPANS:
        raise ValidationError(_("At most %(most)s spans a day.") % {"most": MOST_SPANS})
    for (_opens, closes), (opens, _closes) in pairwise(spans):
        if opens < closes:
            raise ValidationError(_("These hours overlap: %(text)s. Write each hour once.") % {"text": text.strip()})
    return tuple(spans)


def _read_span(text: str) -> tuple[int, int]:
    found = _SPAN.match(text)
    if found is None:
        raise ValidationError(
            _("“%(text)s” cannot be read as hours. Write them like this: 09:00–12:30, 13:30–18:00.") % {"text": text}
        )
    hours, minutes, to_hours, to_minutes = (int(part or 0) for part in found.groups())
    if hours > 23 or to_hours > 24 or minutes > 59 or to_minutes > 59 or (to_hours == 24 and to_minutes):
        raise ValidationError(_("“%(text)s” is not a time of day. Write one from 00:00 to 24:00.") % {"text": text})
    opens, closes = hours * 60 + minutes, to_hours * 60 + to_minutes
    return opens, closes if closes > opens else closes + DAY_MINUTES


def spans_in_words(spans: Spans) -> str:
    """The hours of a day as they are read and written; “closed” where there are none.

    The comma is the plain one in every language: they are typed again, stand in the API and in the log.
    """
    return ", ".join(f"{_time(opens)}–{_time(closes)}" for opens, closes in spans) or str(_("closed"))


def _time(minutes: int) -> str:
    hours, rest = divmod(minutes if minutes <= DAY_MINUTES else minutes - DAY_MINUTES, 60)
    return f"{hours:02}:{rest:02}"


def week_in_words(week: Sequence[Spans]) -> str:
    """A week in one line: days with the same hours that follow each other are said together, closed ones not at all."""
    parts = []
    day = 0
    while day < len(week):
        last = day
        while last + 1 < len(week) and week[last + 1] == week[day]:
            last += 1
        if week[day]:
            parts.append(f"{_days(day, last)} {spans_in_words(week[day])}")
        day = last + 1
    return "; ".join(parts) or str(_("Never open"))


def _days(first: int, last: int) -> str:
    begin, end = Weekday(first).label, Weekday(last).label
    if first == 0 and last == 6:
        return str(_("Every day"))
    if first == last:
        return str(begin)
    joined = _("%(first)s and %(last)s") if last == first + 1 else _("%(first)s to %(last)s")
    return str(joined % {"first": begin, "last": end})
