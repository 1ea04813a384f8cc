"""What was unusual for the demo organization: one that was right, a false alarm, a known event, one still open."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from listening import polling
from listening.actions import stories, warnings
from listening.early_warning import Change, Episode, Severity
from listening.lookout import raising
from listening.lookout.counting import STEP, step_of
from listening.lookout.watching import Judged, Sign
from listening.models import EarlyWarning, Mention, PracticeAccount, TrackingQuery, WatchedSeries
from listening.models.warnings import Measure
from listening.practice_field import actions as field
from roles.models import Mail, Member, Role

REPOSTERS = (
    ("harbour.feed", "Harbour Feed"), ("quay_cycles", "Quay Cycles"), ("lena.on.wheels", "Lena Sørensen"),
    ("bike_city_now", "Bike City Now"), ("tram.or.bike", "Jonas Ferrer"), ("northside_parents", "Northside Parents"),
)  # fmt: skip


class Burst(NamedTuple):
    """Something that many say within an hour, and how it ended; nothing where it is open."""

    days_ago: float
    text: str
    size: int
    severity: Severity
    outcome: str = ""
    note: str = ""


BURSTS = (
    Burst(
        11.2,
        "The council closes the river path to every cargo bike from Monday on, and nobody was asked. Read on.",
        9, Severity.SERIOUS, "true", "Customers asked for other ways, and the map was changed.",
    ),
    Burst(
        6.1,
        "Cargo bike day on the market square: test rides, waffles and a race for children, from ten in the morning.",
        8, Severity.NOTICE, "known",
    ),
    Burst(
        3.8,
        "New single out now: Cargo Bike by the Gravel Sisters, on all platforms from today. Turn it up and sing along.",
        7, Severity.NOTICE, "false", "A song with the same name. Nothing to do with us.",
    ),
    Burst(
        0.008,
        "Wheels come off: a reader's cargo bike lost its front wheel on Quay Street this morning, nobody was hurt.",
        14, Severity.GRAVE,
    ),
)  # fmt: skip


def warn(cast: dict[str, PracticeAccount], *, at: datetime) -> None:
    """Let everything unusual of the last two weeks happen, each thing at its time."""
    for handle, name in REPOSTERS:
        account, _made = PracticeAccount.objects.get_or_create(handle=handle, defaults={"name": name})
        cast[handle] = account
    others = [account for handle, account in cast.items() if handle != "newsdesk_kit" and not account.is_ours]
    query = TrackingQuery.objects.get(name="Cargo bikes")
    coach = Member.objects.active().with_role(Role.COACH).order_by("pk")[0]
    gatherer = Member.objects.active().with_role(Role.GATHERER).order_by("pk")[0]
    series = WatchedSeries.objects.create(measure=Measure.VOLUME, query=query, begins_at=at - timedelta(days=14))
    for burst in BURSTS:
        moment = at - timedelta(days=burst.days_ago)
        if burst.outcome == EarlyWarning.Outcome.KNOWN:
            start, end = moment - timedelta(hours=6), moment + timedelta(hours=6)
            warnings.add_event(
                name="Cargo bike day", starts_at=start, ends_at=end, query=query, by=coach, at=start - timedelta(days=2)
            )
        _say(burst, [cast["newsdesk_kit"], *others], at=moment)
        _see(burst, series, at=moment)
        if burst.outcome:
            _end(burst, coach, gatherer, at=moment + timedelta(minutes=50))
    # Nobody here has a mailbox: what was told of in the past went out then, and the open one just did.
    Mail.objects.filter(kind="warning").update(state=Mail.State.SENT, sent_at=at)


def _say(burst: Burst, accounts: list[PracticeAccount], *, at: datetime) -> None:
    """Let the first say it and the others pass it on, within half an hour."""
    for number in range(burst.size):
        account, before = accounts[number % len(accounts)], f"RT @{accounts[0].handle}: " if number % 3 else ""
        said = at - timedelta(minutes=30) + timedelta(minutes=28 * number / burst.size)
        field.post(account, text=f"{before}{burst.text}", by=None, at=said)
    polling.poll_due(at)
    stories.fold_due(at=at)


def _see(burst: Burst, series: WatchedSeries, *, at: datetime) -> None:
    """Raise what the lookout would have raised, had it been there."""
    random = Random(burst.size)  # noqa: S311 - a picture, no secret
    step, usual = step_of(at), [random.choice((0, 0, 0, 1, 1, 2)) for _ in range(raising.PICTURE)]
    rise = [burst.size * (number + 1) / 6 for number in range(6)]
    counts = [*usual[:-6], *map(round, rise)]
    series.recent = [
        [int((step - (len(counts) - number - 1) * STEP).timestamp()), count, 0.0, 0.6, 3.4]
        for number, count in enumerate(counts)
    ]
    series.save(update_fields=["recent"])
    episode = Episode(
        started_at=step - 3 * STEP,
        last_at=step,
        peak_at=step,
        peak_value=burst.size,
        expected=0.6,
        low=0.0,
        high=3.4,
        once_in=timedelta(days=7) * 4 ** int(burst.severity),
        severity=burst.severity,
    )
    raising.write(Judged(signs=[Sign(series, Change("began", episode), at)]), at=at)


def _end(burst: Burst, coach: Member, gatherer: Member, *, at: datetime) -> None:
    """Let it be over: somebody was on it, said how it ended, and the stream was cleared of it."""
    row = EarlyWarning.objects.newest_first()[0]
    if row.state != EarlyWarning.State.CLOSED:
        warnings.acknowledge(row, by=coach, at=at - timedelta(minutes=45))
        warnings.close_warning(row, outcome=burst.outcome, note=burst.note, by=coach, at=at)
    EarlyWarning.objects.filter(pk=row.pk).update(ended_at=at)
    told = Mention.objects.filter(pk__in=row.mention_ids).exclude(story=None).select_related("story").first()
    if told is not None and told.story is not None:
        stories.dismiss_story(told.story, reason=burst.note or "Known event", by=gatherer, at=at)
