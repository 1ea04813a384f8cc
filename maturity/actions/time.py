"""Count, enter and correct the time that people spend."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from maturity.models import MeasuredTime, TimeEntry
from maturity.spent import day_of
from maturity.time_querysets import correct, count_time, forget_time
from roles.activities import Activity
from roles.audit import record
from roles.models import Member
from roles.permissions import allowed

# A page says every half minute that somebody is at it; whoever leaves it is idle a minute after they last touched it.
MOST_AT_IT = 60.0
# Without script only the next page tells: who takes longer for one was not there.
IDLE_SECONDS = 300.0
DAY_SECONDS = 86_400
# How far back one may say what one did, and how long it is kept.
REACH, KEPT = timedelta(days=92), timedelta(days=731)


@allowed("maturity.enter_time")
def be_at_it(member: Member, *, activity: str, seconds: float, by: Member | None, at: datetime) -> None:
    """Count that the member was at an activity for the last seconds, as their page says; a minute at most."""
    if activity not in Activity.values or not seconds >= 0:
        raise ValidationError({"activity": _("There is no such activity.")})
    count_time(member, activity=activity, seconds=min(seconds, MOST_AT_IT), at=at, is_at_it=True)


@allowed("maturity.enter_time")
def go_on(member: Member, *, activity: str, by: Member | None, at: datetime) -> None:
    """Count that the member was at their last page until they opened this one, where a page cannot say so itself."""
    count_time(member, activity=activity, seconds=IDLE_SECONDS, at=at, is_at_it=False)


@allowed("maturity.enter_time")
@transaction.atomic
def add_time(member: Member, *, activity: str, minutes: float, day: date, by: Member | None, at: datetime) -> TimeEntry:
    """Enter time that no page could measure: a call, a workshop, an event."""
    _check(member, activity, day, at)
    seconds = round(minutes * 60)
    if seconds <= 0:
        raise ValidationError({"minutes": _("Say how long it took.")})
    if sum(_spent(member, day).values()) + seconds > DAY_SECONDS:
        raise ValidationError({"minutes": _("A day has 24 hours.")})
    row = TimeEntry.objects.create(
        member=member, day=day, activity=activity, kind=TimeEntry.Kind.ADDED, seconds=seconds, entered_at=at
    )
    record("add_time", row, by=by, at=at)
    return row


@allowed("maturity.enter_time")
@transaction.atomic
def correct_time(member: Member, *, activity: str, minutes: float, day: date, by: Member | None, at: datetime) -> None:
    """Say how long one was really at an activity on a day; what was measured stays beside it."""
    _check(member, activity, day, at)
    spent = _spent(member, day)
    seconds = round(minutes * 60)
    if seconds < 0 or sum(spent.values()) - spent.get(activity, 0) + seconds > DAY_SECONDS:
        raise ValidationError({"minutes": _("A day has 24 hours.")})
    if round(spent.get(activity, 0)) == seconds:
        return
    correct(member, day=day, activity=activity, by_seconds=seconds - spent.get(activity, 0), at=at)
    row = TimeEntry.objects.get(member=member, day=day, activity=activity, kind=TimeEntry.Kind.CORRECTED)
    record("correct_time", row, by=by, at=at)


@allowed("maturity.enter_time")
@transaction.atomic
def take_back_time(entry: TimeEntry, *, by: Member | None, at: datetime) -> None:
    """Take an entry or a correction back; a correction that counted on the entry goes with it."""
    _hold(entry.member)
    record("take_back_time", entry, by=by, at=at)
    same = TimeEntry.objects.filter(member=entry.member, day=entry.day, activity=entry.activity)
    same.filter(pk=entry.pk).delete()
    if _spent(entry.member, entry.day).get(entry.activity, 0) < 0:
        same.filter(kind=TimeEntry.Kind.CORRECTED).delete()


def forget_old_time(*, at: datetime) -> int:
    """Remove the time of days that are two years past; returns how many rows."""
    return forget_time((at - KEPT).date())


def _check(member: Member, activity: str, day: date, at: datetime) -> None:
    if activity not in Activity.values:
        raise ValidationError({"activity": _("There is no such activity.")})
    today = day_of(at)
    if not today - REACH <= day <= today:
        raise ValidationError({"day": _("A day of the last three months, today at the latest.")})
    _hold(member)


def _hold(member: Member) -> None:
    Member.objects.select_for_update(no_key=True, of=("self",)).get(pk=member.pk)


def _spent(member: Member, day: date) -> dict[str, float]:
    """Seconds that count on a day, by activity."""
    found: dict[str, float] = {}
    for model in (MeasuredTime, TimeEntry):
        for activity, seconds in model.objects.filter(member=member, day=day).by_activity().items():
            found[activity] = found.get(activity, 0.0) + seconds
    return found
