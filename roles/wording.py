"""Spans of time in words, in one place, so that pages, scripts and messages say them alike."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache

from django.utils import formats, timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

MINUTE, HOUR, DAY = 60, 3600, 86400
# A day as our patterns have it (`l, j F Y`), and how others write it: without and with a year, and after its weekday.
WRITTEN_DAY = re.compile(r"(?:\b([Dl]),? )?\bj ([MF])( Y)?")
WRITTEN_MONTH = re.compile(r"^[MF] Y$")
# Languages that write days otherwise than English.
ORDERED = {"ja", "de", "fr", "es", "pt"}


def in_order(pattern: str) -> str:
    """A pattern of Django's `date`, in the order and with the marks of the language that is spoken."""
    return _in_order(pattern, (get_language() or "").split("-")[0])


@lru_cache(maxsize=256)
def _in_order(pattern: str, language: str) -> str:
    def written(found: re.Match[str]) -> str:
        weekday, month, year = found.groups()
        if language == "ja":
            return f"{'Y年' if year else ''}n月j日{f'({weekday})' if weekday else ''}"
        if language == "de":
            return f"{f'{weekday}, ' if weekday else ''}j. {month}{year or ''}"
        # Months are small there; in Spanish and Portuguese “of” stands before those that are written out.
        of = r" \d\e " if month == "F" and language != "fr" else " "
        weekday = f"{weekday}{'' if language == 'fr' else ','} " if weekday else ""
        return f"{weekday}j{of}{'F' if month == 'F' else 'b'}{f'{of}Y' if year else ''}"

    if WRITTEN_MONTH.match(pattern) and language == "ja":
        return "Y年n月"
    if WRITTEN_MONTH.match(pattern) and language in {"fr", "es", "pt"}:
        return pattern.replace("M", "b") if pattern[0] == "M" or language == "fr" else r"F \d\e Y"
    return WRITTEN_DAY.sub(written, pattern) if language in ORDERED else pattern


def in_a_sentence(label: str) -> str:
    """A label as it stands within a sentence: in German nouns keep their capitals."""
    return label if (get_language() or "").startswith("de") else label[:1].lower() + label[1:]


def listed(things: Iterable[object]) -> str:
    """Things one after another, between them the mark that the language has for it: `a, b`, `a、b`, `a، b`."""
    between = _("%(one)s, %(next)s") % {"one": "", "next": ""}
    return between.join(map(str, things))


def quoted(name: object) -> str:
    """A name between the quotation marks of the language."""
    return _("“%(name)s”") % {"name": name}


def colon(label: object) -> str:
    """A label before what it names: with a space of its own in French, a wide sign in Japanese."""
    return _("%(label)s:") % {"label": label}


def labelled(label: object, said: object) -> str:
    """What is said, behind what it is about."""
    return _("%(label)s: %(said)s") % {"label": label, "said": said}


def sentence(parts: object) -> str:
    """Words as a sentence, with the mark at its end that the language has."""
    return _("%(parts)s.") % {"parts": parts}


def patterns() -> dict[str, str]:
    """Return the patterns with their gaps, as the script that keeps times fresh needs them."""
    return _patterns(get_language() or "")


@lru_cache
def _patterns(_language: str) -> dict[str, str]:
    # A list of 25 rows says some seventy spans.
    return {
        "now": _("just now"),
        "ago": _("%(span)s ago"),
        "in": _("in %(span)s"),
        "left": _("%(span)s left"),
        "over": _("%(span)s over"),
        "due": _("due now"),
        "minutes": _("%(n)s min"),
        "hours": _("%(n)s h"),
        "days": _("%(n)s d"),
    }


def coarse(seconds: float) -> str:
    """Return a span in its largest unit, rounded down: `12 min`, `3 h`, `2 d`; under a minute is `0 min`."""
    said = patterns()
    for name, size in (("days", DAY), ("hours", HOUR)):
        if seconds >= size:
            return said[name] % {"n": int(seconds // size)}
    return said["minutes"] % {"n": int(seconds // MINUTE)}


def _unit(seconds: float) -> int:
    return next((size for size in (DAY, HOUR) if seconds >= size), MINUTE)


def span(seconds: float) -> str:
    """Return a span in its two largest units: `2 d 4 h`, `3 h 20 min`, `12 min`; under a minute in seconds."""
    seconds = max(0.0, seconds)
    if seconds < MINUTE:
        return _("%(n)s s") % {"n": int(seconds)}
    said = patterns()
    units = [("days", DAY), ("hours", HOUR), ("minutes", MINUTE)]
    first = next(index for index, (_name, size) in enumerate(units) if seconds >= size)
    left_over, parts = int(seconds), []
    for name, size in units[first : first + 2]:
        number, left_over = divmod(left_over, size)
        if number:
            parts.append(said[name] % {"n": number})
    return " ".join(parts)


def number(value: float) -> str:
    """A number with one decimal at most, as people of this language write it: `1,234.5`, `1.234,5`."""
    rounded = round(value, 1)
    whole = int(rounded) if rounded == int(rounded) else rounded
    return str(formats.number_format(whole, use_l10n=True, force_grouping=True))


def spoken(minutes: float) -> str:
    """Return minutes as a sentence says them: `3 hours`, `1 hour 30 minutes`; under ten, one decimal at most."""
    whole = round(minutes)
    if minutes < 10 and abs(minutes - whole) >= 0.05:
        return _("%(n)s minutes") % {"n": formats.number_format(minutes, 1, use_l10n=True)}
    hours, rest = divmod(whole, 60)
    said = [ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}] if hours else []
    said += [ngettext("%(n)s minute", "%(n)s minutes", rest) % {"n": rest}] if rest or not hours else []
    return " ".join(said)


def ago(at: datetime, *, now: datetime, is_due: bool = False) -> str:
    """Return a moment as people say it, up to a week off; further away it is a date.

    What is to come is rounded to the nearest unit: what ends after seven days ends in seven, a minute later too. What
    is due once its moment has come says so, and not how long ago that was.
    """
    seconds = (now - at).total_seconds()
    if is_due and seconds > -MINUTE:
        return patterns()["due"]
    if abs(seconds) < MINUTE:
        return patterns()["now"]
    if 0 < seconds < 7 * DAY:
        return patterns()["ago"] % {"span": coarse(seconds)}
    if -7 * DAY <= seconds < 0:
        return patterns()["in"] % {"span": coarse(-seconds + _unit(-seconds) / 2)}
    day, today = timezone.localtime(at).date(), timezone.localtime(now).date()
    return _day(day, "j M" if day.year == today.year else "j M Y", get_language() or "")


@lru_cache(maxsize=1024)
def _day(day: date, pattern: str, _language: str) -> str:
    return formats.date_format(day, in_order(pattern))


def left(seconds: float) -> str:
    """Return what a clock shows: `3 h 20 min left`, `25 min over`."""
    if abs(seconds) < MINUTE:
        return patterns()["due"]
    return patterns()["left" if seconds >= 0 else "over"] % {"span": span(abs(seconds))}


def clock_state(left_seconds: float, allotted_seconds: float, warns_seconds: float | None = None) -> str:
    """Return calm, soon or late: soon begins when so many seconds are left.

    Where nothing is said it is the last quarter, or the last quarter of an hour if that is longer, but never before
    half of the time has gone, so that a short target does not alarm from the start.
    """
    if left_seconds < 0:
        return "late"
    if warns_seconds is not None:
        return "soon" if left_seconds <= warns_seconds else "calm"
    warning = min(max(allotted_seconds / 4, 15 * MINUTE), allotted_seconds / 2)
    return "soon" if left_seconds <= warning else "calm"
