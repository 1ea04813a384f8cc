"""The one clock, on a table of cases that were reckoned by hand, and on properties that hold for any hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roles.clock import ALWAYS, BusinessHours, NeverOpen, Pause, Spans, due, seconds_between

H = 60
NINE_TO_SIX: Spans = ((9 * H, 18 * H),)
BERLIN, KOLKATA, LORD_HOWE = "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe"


def office(zone: str, spans: Spans = NINE_TO_SIX, weekend: Spans = (), **special: Spans) -> BusinessHours:
    """Monday to Friday; `d2026_12_25` names a day on which it is otherwise, `y12_25` every year."""
    days = {date(*map(int, name[1:].split("_"))): hours for name, hours in special.items() if name[0] == "d"}
    yearly = {
        (int(name[1:].split("_")[0]), int(name.split("_")[1])): (2020, hours)
        for name, hours in special.items()
        if name[0] == "y"
    }
    return BusinessHours(ZoneInfo(zone), (spans,) * 5 + (weekend,) * 2, days, yearly)  # type: ignore[arg-type]


def wall(text: str, zone: str) -> datetime:
    """What the clock on the wall shows there; an hour that comes twice is its first coming, or with “*” its second."""
    moment = datetime.fromisoformat(text.rstrip("*"))
    return moment.replace(tzinfo=ZoneInfo(zone), fold=int(text.endswith("*")))


ALL_DAY: Spans = ((0, 24 * H),)
NIGHT: Spans = ((22 * H, 26 * H),)
CASES = [
    # what it shows, hours, start, minutes, due
    ("within a day", office(BERLIN), "2026-11-25 10:00", 240, "2026-11-25 14:00"),
    ("to the minute of closing", office(BERLIN), "2026-11-25 14:00", 240, "2026-11-25 18:00"),
    ("over the weekend", office(BERLIN), "2026-11-27 16:30", 240, "2026-11-30 11:30"),
    ("asked in the night", office(BERLIN), "2026-11-25 03:00", 60, "2026-11-25 10:00"),
    ("asked on Sunday", office(BERLIN), "2026-11-29 12:00", 60, "2026-11-30 10:00"),
    ("asked at closing time", office(BERLIN), "2026-11-25 18:00", 60, "2026-11-26 10:00"),
    ("with a break at noon", office(BERLIN, ((540, 750), (810, 1080))), "2026-11-25 12:00", 60, "2026-11-25 14:00"),
    ("spans that touch", office(BERLIN, ((540, 720), (720, 1080))), "2026-11-25 11:30", 60, "2026-11-25 12:30"),
    ("over a holiday", office(BERLIN, d2026_12_25=()), "2026-12-24 17:00", 120, "2026-12-28 10:00"),
    ("over a shorter day", office(BERLIN, d2026_12_24=((540, 720),)), "2026-12-24 11:00", 120, "2026-12-25 10:00"),
    ("over a yearly holiday", office(BERLIN, y12_25=()), "2031-12-24 17:00", 120, "2031-12-26 10:00"),
    ("a date comes before every year", office(BERLIN, y12_25=(), d2031_12_25=NINE_TO_SIX),
     "2031-12-24 17:00", 120, "2031-12-25 10:00"),
    ("three days", office(BERLIN), "2026-11-25 12:00", 3 * 9 * H, "2026-11-30 12:00"),
    # 29 March 2026: 02:00 becomes 03:00; 25 October 2026: 03:00 becomes 02:00.
    ("the night that is short", office(BERLIN, ALL_DAY, ALL_DAY), "2026-03-28 23:00", 240, "2026-03-29 04:00"),
    ("the night that is long", office(BERLIN, ALL_DAY, ALL_DAY), "2026-10-24 23:00", 240, "2026-10-25 02:00*"),
    ("nine o'clock in winter and in summer", office(BERLIN), "2026-03-27 17:00", 120, "2026-03-30 10:00"),
    ("nine o'clock in summer and in winter", office(BERLIN), "2026-10-23 17:00", 120, "2026-10-26 10:00"),
    ("opens in the hour that is not there", office(BERLIN, ((150, 300),), ((150, 300),)),
     "2026-03-29 00:00", 60, "2026-03-29 04:00"),
    ("closes in the hour that is not there", office(BERLIN, ((60, 150),), ((60, 150),)),
     "2026-03-29 00:00", 90, "2026-03-30 01:30"),
    ("opens in the hour that comes twice", office(BERLIN, ((150, 300),), ((150, 300),)),
     "2026-10-25 00:00", 60, "2026-10-25 02:30*"),
    ("hours over midnight", office(BERLIN, NIGHT), "2026-11-25 23:00", 180, "2026-11-26 02:00"),
    ("hours over midnight into Saturday", office(BERLIN, NIGHT), "2026-11-27 23:00", 180, "2026-11-28 02:00"),
    ("asked after midnight", office(BERLIN, NIGHT), "2026-11-26 01:00", 120, "2026-11-26 23:00"),
    ("hours over midnight into a holiday are worked", office(BERLIN, NIGHT, d2026_11_26=()),
     "2026-11-25 23:00", 240, "2026-11-27 23:00"),
    ("hours over midnight on the long night", office(BERLIN, NIGHT, NIGHT), "2026-10-24 22:00", 240,
     "2026-10-25 02:00"),
    ("half an hour off", office(KOLKATA), "2026-11-27 16:30", 240, "2026-11-30 11:30"),
    # Lord Howe moves its clocks by half an hour: forward on 4 October 2026, back on 5 April 2026.
    ("half an hour short", office(LORD_HOWE, ALL_DAY, ALL_DAY), "2026-10-04 01:00", 120, "2026-10-04 03:30"),
    ("half an hour long", office(LORD_HOWE, ALL_DAY, ALL_DAY), "2026-04-05 01:00", 120, "2026-04-05 02:30"),
    ("nine o'clock on either side of it", office(LORD_HOWE), "2026-10-02 17:00", 120, "2026-10-05 10:00"),
]  # fmt: skip


@pytest.mark.parametrize(("hours", "start", "minutes", "expected"), [case[1:] for case in CASES],
                         ids=[case[0] for case in CASES])  # fmt: skip
def test_when_it_is_due(hours: BusinessHours, start: str, minutes: int, expected: str) -> None:
    zone = hours.zone.key
    begin, end = wall(start, zone), wall(expected, zone)
    assert due(begin, minutes, hours=hours) == end.astimezone(UTC)
    assert seconds_between(begin, end, hours=hours) == minutes * 60


@pytest.mark.parametrize(
    ("pauses", "expected"),
    [
        ([], "2026-11-25 14:00"),
        ([("10:30", "11:00")], "2026-11-25 14:30"),
        ([("10:30", "11:30"), ("11:00", "12:00")], "2026-11-25 15:30"),
        ([("10:30", "11:00"), ("11:00", "11:30")], "2026-11-25 15:00"),
        ([("08:00", "10:00")], "2026-11-25 14:00"),
        ([("15:00", "16:00")], "2026-11-25 14:00"),
        ([("12:00", "20:00")], "2026-11-26 11:00"),
        ([("09:00", "11:00")], "2026-11-25 15:00"),
        ([("11:00", "10:00")], "2026-11-25 14:00"),
    ],
    ids=["none", "one", "two that overlap", "two that touch", "before", "after it was due", "over closing time",
         "begun before", "ends before it begins"],
)  # fmt: skip
def test_pauses_do_not_count(pauses: list[tuple[str, str]], expected: str) -> None:
    start = wall("2026-11-25 10:00", BERLIN)
    stops: list[Pause] = [(wall(f"2026-11-25 {a}", BERLIN), wall(f"2026-11-25 {b}", BERLIN)) for a, b in pauses]
    end = wall(expected, BERLIN)
    assert due(start, 240, hours=office(BERLIN), pauses=stops) == end
    assert seconds_between(start, end, hours=office(BERLIN), pauses=stops) == 240 * 60


def test_nothing_is_due_while_a_pause_lasts() -> None:
    start = wall("2026-11-25 10:00", BERLIN)
    pauses: list[Pause] = [(start + timedelta(hours=1), None)]
    with pytest.raises(ValueError, match="stands still"):
        due(start, 90, hours=office(BERLIN), pauses=pauses)
    assert due(start, 60, pauses=pauses) == start + timedelta(hours=1)
    assert seconds_between(start, start + timedelta(days=9), hours=office(BERLIN), pauses=pauses) == 3600


def test_a_calendar_without_open_hours_says_so() -> None:
    never = office(BERLIN, ())
    with pytest.raises(NeverOpen, match="at least one opening hour"):
        due(wall("2026-11-25 10:00", BERLIN), 1, hours=never)
    assert seconds_between(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC), hours=never) == 0
    last = office(BERLIN, (), d2026_11_26=NINE_TO_SIX)
    assert due(wall("2026-11-25 10:00", BERLIN), 60, hours=last) == wall("2026-11-26 10:00", BERLIN)
    with pytest.raises(NeverOpen):
        due(wall("2026-11-25 10:00", BERLIN), 9 * 60 + 1, hours=last)


def test_a_day_that_is_not_there_is_no_opening_hour() -> None:
    """Samoa had no 30 December 2011: it moved over the date line."""
    apia = office("Pacific/Apia", ALL_DAY, ALL_DAY)
    assert due(wall("2011-12-29 23:00", "Pacific/Apia"), 120, hours=apia) == wall("2011-12-31 01:00", "Pacific/Apia")


def test_wall_time_needs_no_calendar() -> None:
    start = wall("2026-03-28 23:00", BERLIN)
    assert due(start, 240, hours=ALWAYS) == due(start, 240) == start.astimezone(UTC) + timedelta(hours=4)
    assert seconds_between(start, start - timedelta(1)) == 0


minutes_of_day = st.integers(0, 24 * H - 1)
spans = st.lists(st.tuples(minutes_of_day, st.integers(1, 24 * H)), max_size=3).map(
    lambda found: tuple(sorted((opens, opens + length) for opens, length in found))
)
zones = st.sampled_from([BERLIN, KOLKATA, LORD_HOWE, "America/New_York", "Pacific/Apia", "America/St_Johns", "UTC"])
near_a_change = st.sampled_from(
    [date(2026, 3, 28), date(2026, 10, 24), date(2026, 4, 4), date(2026, 10, 3), date(2026, 3, 7), date(2026, 6, 1)]
)
moments = st.builds(
    lambda day, minutes: datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=minutes),
    near_a_change,
    st.integers(-3 * 24 * H, 3 * 24 * H),
)


@st.composite
def business_hours(draw: st.DrawFn) -> BusinessHours:
    week = [draw(spans) for _day in range(7)]
    if not any(week):
        week[0] = NINE_TO_SIX
    days = draw(st.dictionaries(near_a_change, spans, max_size=2))
    return BusinessHours(ZoneInfo(draw(zones)), tuple(week), days)  # type: ignore[arg-type]


pauses = st.lists(
    st.builds(lambda begin, length: (begin, begin + timedelta(minutes=length)), moments, st.integers(0, 2000)),
    max_size=4,
)


@given(business_hours(), moments, st.integers(1, 3000), pauses)
def test_what_is_due_then_has_taken_so_long(
    hours: BusinessHours, start: datetime, minutes: int, stops: list[Pause]
) -> None:
    end = due(start, minutes, hours=hours, pauses=stops)
    assert end > start
    assert seconds_between(start, end, hours=hours, pauses=stops) == minutes * 60
    # It is due at the first moment at which that is so.
    assert seconds_between(start, end - timedelta(seconds=1), hours=hours, pauses=stops) == minutes * 60 - 1


@given(business_hours(), moments, st.integers(0, 9000), st.integers(0, 9000), pauses)
def test_time_adds_up(hours: BusinessHours, start: datetime, first: int, second: int, stops: list[Pause]) -> None:
    middle = start + timedelta(minutes=first)
    end = middle + timedelta(minutes=second)
    whole = seconds_between(start, end, hours=hours, pauses=stops)
    assert whole == seconds_between(start, middle, hours=hours, pauses=stops) + seconds_between(
        middle, end, hours=hours, pauses=stops
    )
    assert 0 <= whole <= seconds_between(start, end) and whole <= seconds_between(start, end, hours=hours)


@given(business_hours(), moments)
def test_an_hour_counts_where_the_wall_says_so(hours: BusinessHours, start: datetime) -> None:
    """Minute by minute over two days, against the plainest reading of the opening hours."""
    counted = seconds_between(start, start + timedelta(days=2), hours=hours)
    plain = sum(60 for minute in range(2 * 24 * H) if _open(hours, start + timedelta(minutes=minute)))
    # Where the clock changes, a span that begins or ends in that hour may be read in two ways.
    changes = start.astimezone(hours.zone).utcoffset() != (start + timedelta(days=3)).astimezone(hours.zone).utcoffset()
    before = (start - timedelta(days=1)).astimezone(hours.zone).utcoffset() != start.astimezone(hours.zone).utcoffset()
    if not changes and not before:
        assert counted == plain


def _open(hours: BusinessHours, at: datetime) -> bool:
    local = at.astimezone(hours.zone)
    minute = local.hour * H + local.minute
    today, yesterday = local.date(), local.date() - timedelta(days=1)
    return any(opens <= minute < closes for opens, closes in hours.spans_on(today)) or any(
        opens <= minute + 24 * H < closes for opens, closes in hours.spans_on(yesterday)
    )
