"""Reads the dates that feeds write, in all the ways they write them; never makes one up."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

from listening.networks.feed.calendar_words import HALVES, MONTHS, WEEKDAYS, ZONES
from listening.networks.words import _

_ISO = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
    r"(?:(?:[T_]|\s+)\s*(?P<hour>\d{1,2}):(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:[.,](?P<part>\d{1,12}))?)?"
    r"\s*(?P<zone>.*))?",
    re.IGNORECASE,
)
# What most RSS says, so that it need not be puzzled out: `Wed, 25 Nov 2026 18:11:42 GMT`.
_MAIL = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),\s+)?(\d{1,2})\s+(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\s+(\d{4})\s+"
    r"(\d{2}):(\d{2}):(\d{2})\s+(GMT|UTC|Z|[+-]\d{4})"
)
_BASIC = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?)?(Z|[+-]\d{2}:?\d{2})?", re.IGNORECASE)
_MONTH_ONLY = re.compile(r"(\d{4})(?:-(\d{1,2}))?")
_ORDINAL = re.compile(r"(\d{4})-(\d{3})")
_TIME = re.compile(
    r"(?:(?<=[\s,T(])|^)(?P<hour>\d{1,2})[:.h](?P<minute>\d{2})(?:[:.](?P<second>\d{1,2})(?:[.,]\d+)?)?"
    r"\s*(?P<half>[ap]\.?\s?m\b\.?)?",
    re.IGNORECASE,
)
_HALF_HOUR = re.compile(r"\b(?P<hour>\d{1,2})\s*(?P<half>[ap]\.?m\b\.?)", re.IGNORECASE)
_OFFSET = re.compile(
    r"(?:(?:GMT|UTC?|Z)\s*)?([+-])\s?(\d{1,2})(?::?(\d{2}))?(?::?\d{2})?(?:\s*(?:Z|GMT|UTC?))?", re.IGNORECASE
)
_CUT_OFFSET = re.compile(r"([+-])(\d{2}):(?:(\d)?)")
_NAMED_PLACE = re.compile(r"\b([A-Z][A-Za-z_]+(?:/[A-Z][A-Za-z_+-]+){1,2})\b")
_WORD = re.compile(r"[^\W\d_]+\.?")
_NUMBER = re.compile(r"(?<!\w)(\d{1,4})(?:st|nd|rd|th|er|e|º|ª)?(?!\w)", re.IGNORECASE)
_NUMERIC_DAY = re.compile(r"\b(\d{1,4})([/.-])(\d{1,2})\2(\d{1,4})\b")
_EAST_ASIAN = re.compile(r"(\d{2,4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]?")


class NotADate(ValueError):
    """The text names no moment."""


class _Doubt(list[str]):
    """What was odd about a date that could be read."""


def read_date(text: str) -> tuple[datetime | None, str]:
    """Return the moment in UTC and what was odd about it; no moment when the text names none."""
    moment, doubt = _read(text.strip()[:120])
    return moment, doubt


@lru_cache(maxsize=4096)
def _read(text: str) -> tuple[datetime | None, str]:
    doubts = _Doubt()
    try:
        moment = _strict(text, doubts) or _loose(text, doubts)
        # The last year is left out too: in zones to the east its end lies beyond every calendar.
        if not 1800 <= moment.year < 9999:
            return None, _("The date “%(text)s” is a placeholder, not a date.", text=text[:60])
    except (ValueError, OverflowError):
        return None, _("The date “%(text)s” could not be read.", text=text[:60]) if text else _("The date is empty.")
    return moment, " ".join(doubts)


def _strict(text: str, doubts: _Doubt) -> datetime | None:
    if mail := _MAIL.fullmatch(text):
        clock = (int(mail[4]), int(mail[5]), int(mail[6]), 0)
        return _moment(int(mail[3]), MONTHS[mail[2].lower()], int(mail[1]), clock, _zone(mail[7], doubts))
    iso = _ISO.fullmatch(text)
    if iso and _is_zone_like(iso["zone"] or ""):
        second, part = int(iso["second"] or 0), (iso["part"] or "0")[:6].ljust(6, "0")
        zone = _zone(iso["zone"] or "", doubts)
        clock = (int(iso["hour"] or 0), int(iso["minute"] or 0), second, int(part))
        return _moment(int(iso["year"]), int(iso["month"]), int(iso["day"]), clock, zone)
    if text.isascii() and text.replace(".", "", 1).isdigit() and len(text.partition(".")[0]) in (9, 10, 13):
        seconds = float(text) / (1000 if len(text.partition(".")[0]) == 13 else 1)
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=0)
    if basic := _BASIC.fullmatch(text):
        year, month, day, hour, minute, second_ = (int(part or 0) for part in basic.groups()[:6])
        return _moment(year, month, day, (hour, minute, second_, 0), _zone(basic[7] or "", doubts))
    if ordinal := _ORDINAL.fullmatch(text):
        if not 1 <= int(ordinal[2]) <= 366:
            raise NotADate(text)
        return datetime(int(ordinal[1]), 1, 1, tzinfo=UTC) + timedelta(days=int(ordinal[2]) - 1)
    if month_only := _MONTH_ONLY.fullmatch(text):
        doubts.append(_("The date names no day."))
        return _moment(int(month_only[1]), int(month_only[2] or 1), 1, (0, 0, 0, 0), UTC)
    return None


def _loose(text: str, doubts: _Doubt) -> datetime:
    text = re.sub(r"&#43;", "+", text).replace("\\n", " ")
    text = re.sub(r"\((?:[^()]*)\)", " ", text)
    text = _EAST_ASIAN.sub(r"\1-\2-\3 ", text)
    for word, half in HALVES.items():
        if word in text:
            text = re.sub(rf"{word}\s*(\d{{1,2}}:\d{{2}}(?::\d{{2}})?)", rf"\1 {half}", text)
    day_text, clock, zone_text = _split_time(text)
    zone, day_text, zone_text = _take_zone(day_text, zone_text, doubts)
    year, month, day = _day(day_text, zone_text, doubts)
    return _moment(year, month, day, clock, zone)


def _split_time(text: str) -> tuple[str, tuple[int, int, int, int], str]:
    """Cut a text at its time of day: what is before, the time, what is after."""
    found = next((match for match in _TIME.finditer(text) if not _part_of_day(text, match)), None)
    if found is None:
        found = _HALF_HOUR.search(text)
        if found is None:
            return text, (0, 0, 0, 0), ""
    groups = found.groupdict()
    hour, half = int(groups["hour"]), re.sub(r"[^ap]", "", (groups.get("half") or "").lower())
    if half and hour > 12:
        half = ""
    if half == "p" and hour != 12:
        hour += 12
    elif half == "a" and hour == 12:
        hour = 0
    clock = (hour, int(groups.get("minute") or 0), int(groups.get("second") or 0), 0)
    return text[: found.start()], clock, text[found.end() :]


def _part_of_day(text: str, match: re.Match[str]) -> bool:
    # 30.10.23 has dots like 21.55: a third dotted number with nothing before it is a day.
    return "." in match.group() and ":" not in match.group() and bool(_NUMERIC_DAY.match(text, match.start()))


def _take_zone(before: str, after: str, doubts: _Doubt) -> tuple[timezone | ZoneInfo, str, str]:
    for place in (after, before):
        named = _NAMED_PLACE.search(place)
        if named:
            try:
                zone = ZoneInfo(named[1])
            except (ValueError, OSError, KeyError):
                continue
            rest = place.replace(named[1], " ")
            return (zone, before, rest) if place is after else (zone, rest, after)
    offset = _OFFSET.search(after)
    if offset:
        return _offset(offset, doubts), before, after[: offset.start()] + " " + after[offset.end() :]
    for found in _WORD.finditer(after):
        word = found.group().rstrip(".").upper()
        if word in ZONES and not (_fold(found.group()) in MONTHS or _fold(found.group()) in WEEKDAYS):
            return _zone(word, doubts), before, after[: found.start()] + " " + after[found.end() :]
    for found in _WORD.finditer(before):
        # 26 Sep 2022 GMT: a zone without a time.
        if found.group() in {"GMT", "UTC", "UT", "Z"}:
            return UTC, before[: found.start()] + before[found.end() :], after
    return UTC, before, after


def _day(before: str, after: str, doubts: _Doubt) -> tuple[int, int, int]:
    text = f"{before} {after}"
    if numeric := _NUMERIC_DAY.search(text):
        return _numeric_day(numeric, text, doubts)
    words = [_fold(word) for word in _WORD.findall(text)]
    months = [MONTHS[word] for word in words if word in MONTHS]
    strange = [word for word in words if not _is_known(word)]
    if strange:
        # A weekday in a language we do not know, or a time zone nobody told us about; anything else is no date.
        if (
            len(strange) > 1
            or not months
            or (strange[0] != words[0] and strange[0] not in map(_fold, _WORD.findall(after)))
        ):
            raise NotADate(text)
        if strange[0] != words[0]:
            doubts.append(_("The time zone “%(zone)s” is not known; UTC was taken.", zone=strange[0].upper()))
    numbers: list[str] = _NUMBER.findall(text)
    return _year_and_day(numbers, months[-1], doubts) if months else _three_numbers(numbers, text)


def _is_known(word: str) -> bool:
    return word in MONTHS or word in WEEKDAYS or word in _FILLERS or word.upper() in ZONES


def _year_and_day(numbers: list[str], month: int, doubts: _Doubt) -> tuple[int, int, int]:
    if len(numbers) == 1 and len(numbers[0]) == 4:
        doubts.append(_("The date names no day."))
        return int(numbers[0]), month, 1
    if len(numbers) != 2:
        raise NotADate(str(numbers))
    first, second = numbers
    if len(first) >= 3 or int(first) > 31:
        first, second = second, first
    return _full_year(second), month, int(first)


def _numeric_day(found: re.Match[str], text: str, doubts: _Doubt) -> tuple[int, int, int]:
    first, mark, middle, last = found.groups()
    if len(first) == 4:
        return int(first), int(middle), int(last)
    if len(first) > 2 or len(last) < 2:
        raise NotADate(text)
    year, one, two = _full_year(last), int(first), int(middle)
    if mark == ".":
        return year, two, one
    if one > 12 or two > 12:
        return (year, two, one) if one > 12 else (year, one, two)
    if one != two:
        fitting = _by_weekday(text, year, one, two)
        if fitting:
            return year, *fitting
        doubts.append(_("In the date “%(date)s” day and month may be the other way round.", date=found.group()))
    return year, one, two


def _three_numbers(numbers: list[str], text: str) -> tuple[int, int, int]:
    """`Sat, 11 04 2020`: day, month, year with nothing but spaces between them."""
    if len(numbers) != 3 or not any(_fold(word) in WEEKDAYS for word in _WORD.findall(text)):
        raise NotADate(text)
    day, month, year = numbers
    if len(day) == 4:
        day, year = year, day
    if len(year) != 4:
        raise NotADate(text)
    fitting = _by_weekday(text, int(year), int(month), int(day)) or (int(month), int(day))
    return int(year), *fitting


def _by_weekday(text: str, year: int, one: int, two: int) -> tuple[int, int] | None:
    """Of month one, day two and month two, day one: which falls on the weekday that the text names."""
    named = {WEEKDAYS[_fold(word)] for word in _WORD.findall(text) if _fold(word) in WEEKDAYS}
    fitting = []
    for month, day in ((one, two), (two, one)):
        try:
            if datetime(year, month, day, tzinfo=UTC).weekday() in named:
                fitting.append((month, day))
        except ValueError:
            continue
    return fitting[0] if len(fitting) == 1 else None


def _full_year(text: str) -> int:
    year = int(text)
    if len(text) == 2:
        return year + (2000 if year < 69 else 1900)
    if len(text) == 3 and 100 <= year < 200:
        return year + 1900  # A well-known mistake with years counted from 1900.
    if len(text) != 4:
        raise NotADate(text)
    return year


def _moment(year: int, month: int, day: int, clock: tuple[int, int, int, int], zone: timezone | ZoneInfo) -> datetime:
    hour, minute, second, part = clock
    extra = timedelta()
    if (hour, minute, second) == (24, 0, 0):
        hour, extra = 0, timedelta(days=1)
    if second == 60:
        second, extra = 59, extra + timedelta(seconds=1)
    return (datetime(year, month, day, hour, minute, second, part, tzinfo=zone) + extra).astimezone(UTC)


def _is_zone_like(text: str) -> bool:
    return not text or bool(_OFFSET.fullmatch(text)) or text.upper() in ZONES or bool(_CUT_OFFSET.fullmatch(text))


def _zone(text: str, doubts: _Doubt) -> timezone:
    if not text or text in {"GMT", "UTC", "Z"}:
        return UTC
    offset = _OFFSET.fullmatch(text)
    if offset:
        return _offset(offset, doubts)
    if cut := _CUT_OFFSET.fullmatch(text):
        doubts.append(_("The time zone “%(text)s” is cut off.", text=text))
        return _offset(cut, doubts)
    minutes = ZONES.get(text.upper())
    if minutes is None:
        raise NotADate(text)
    return timezone(timedelta(minutes=minutes))


def _offset(found: re.Match[str], doubts: _Doubt) -> timezone:
    sign, hours, minutes = found.groups()
    total = int(hours) * 60 + int(minutes or 0)
    if total > 15 * 60 or int(minutes or 0) > 59:
        doubts.append(_("The time zone “%(zone)s” does not exist; UTC was taken.", zone=found.group().strip()))
        return UTC
    return timezone(timedelta(minutes=-total if sign == "-" else total))


_FILLERS = {
    "at",
    "de",
    "del",
    "of",
    "um",
    "uhr",
    "le",
    "den",
    "r",
    "г",
    "a",
    "à",
    "kl",
    "t",
    "st",
    "nd",
    "rd",
    "th",
    "er",
}


def _fold(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word.lower().rstrip("."))
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).replace("ł", "l")
