"""How the people of the demo organization spent their time in the last weeks, and what one of them said of it."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from maturity.actions.time import add_time, correct_time
from maturity.models import MeasuredTime
from maturity.spent import day_of
from roles.actions.people import Block, set_time_blocks
from roles.models import Member

WEEKS = 5
# Address, and minutes of a usual working day by activity.
USUAL = (
    ("gatherer@larkspur.example", {"monitoring": 95, "measuring": 18}),
    ("responder@larkspur.example", {"monitoring": 22, "responding": 74, "initiating": 9}),
    ("second.responder@larkspur.example", {"monitoring": 38, "responding": 31}),
    ("coach@larkspur.example", {"monitoring": 31, "responding": 12, "measuring": 24}),
)


# Address, activity, days of the week from Monday on, from, until.
BLOCKS = (
    ("gatherer@larkspur.example", "monitoring", range(5), time(8, 30), time(9, 30)),
    ("gatherer@larkspur.example", "measuring", (4,), time(15), time(15, 30)),
    ("responder@larkspur.example", "initiating", (1, 3), time(16), time(16, 20)),
    ("coach@larkspur.example", "measuring", (0,), time(10), time(10, 45)),
)


def commit(*, at: datetime, weeks: int = WEEKS) -> None:
    """Have them commit some hours of the week, a while ago; none for responding, so that work comes at any hour."""
    people = {member.user.email: member for member in Member.objects.active().select_related("user")}
    for email in dict.fromkeys(block[0] for block in BLOCKS):
        blocks = [
            Block(day, begins, ends, activity)
            for whose, activity, days, begins, ends in BLOCKS
            if whose == email
            for day in days
        ]
        who = people[email]
        set_time_blocks(who, blocks=blocks, by=who, at=at - timedelta(days=7 * weeks))


def work(*, at: datetime, weeks: int = WEEKS) -> None:
    """Let them work for some weeks, more on some days than on others; two say what no page could see."""
    people = {member.user.email: member for member in Member.objects.active().select_related("user")}
    today = day_of(at)
    days = [today - timedelta(days=back) for back in range(7 * weeks, 0, -1)]
    MeasuredTime.objects.bulk_create(
        MeasuredTime(member=people[email], day=day, activity=activity, seconds=60.0 * minutes * _share(day.day, number))
        for number, (email, usual) in enumerate(USUAL)
        for day in days
        if day.weekday() < 5
        for activity, minutes in usual.items()
    )
    last = max(day for day in days if day.weekday() < 5)
    gatherer, responder = people[USUAL[0][0]], people[USUAL[1][0]]
    add_time(gatherer, activity="monitoring", minutes=45, day=last, by=gatherer, at=at)
    correct_time(responder, activity="responding", minutes=60, day=last, by=responder, at=at)


def _share(day: int, person: int) -> float:
    """Between a half and one and a half of what is usual."""
    return 0.5 + (day * 7 + person * 5) % 11 / 10
