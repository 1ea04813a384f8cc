"""Two thousand publications that become due around both changes of the clock, while everything that sends them dies.

The network refuses, drops answers, stalls and asks to wait; it and the workers are killed with SIGKILL at any moment.
For the half hour before and after the clocks change no worker runs at all: what became due meanwhile lies there past
its time, some of it beyond its grace. Workers do what beat tells them: publish, reconcile, look after what is late. A
person settles what is put before them: what the network has was sent, what it has not goes out again or is given up.
It ends when every row is settled, or after `--minutes` for each trial: then it says what is still open, and fails.
Beside it some pieces that are all due at once go out to a network that behaves and through workers that live, as many
to the rough one, and as many replies to the one that behaves. How fast the rough one was taken says how fast the clock
runs around the changes: a machine that is slow or busy must not make everything late.

    python -m benchmarks publishing [-- --publications 2000 --workers 8]
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# ruff: noqa: E402 -- Django wants to be set up before models are imported.
import django

django.setup()

from django.conf import settings
from django.db import connections
from django.db.models import Q

from benchmarks import city, deliveries
from benchmarks.clock_changes import CHANGES, Change
from benchmarks.killing import House, Quick
from benchmarks.patience import Patience
from benchmarks.report import table
from content import tasks
from content.actions.publications import plan, settle_publication
from content.models import Piece, Publication, PublicationDelivery, ReviewPolicy, Variant
from content.publication_querysets import PublicationQuerySet
from engagement.refusals import Refusal
from listening.models import Channel
from listening.way_out.housekeeping import SEEN_LOOKS
from roles import clock
from roles.models import AuditEntry, Department, Level, Mail, Member, Organization, Position, Role, User
from roles.tenancy import acting_for

SPEED, SLOWEST = 60.0, 6.0  # seconds of the workers in one of ours
SPREAD = 150 * 60  # seconds of the workers in which everything becomes due around a change
# So much of the time that it took where all were due at once is given again, for there nobody stood still.
ROOM = 2.0
SECONDS_AT_MOST, LEASE, PAUSE = 1500.0, 3, 0.3
ROUNDS = 4  # so often a person sends again what did not go out, then gives it up
# After so many attempts and looks on average a worker and the network are killed.
KILL_WORKER_EVERY, KILL_CITY_EVERY = 20, 250
GRACES = (20, 60, 240)
STANDSTILL = timedelta(minutes=30)
# Between asking what time it is and the attempt lie some checks: so many seconds of ours they may take.
CHECKS = 2.0
State = Publication.State


@dataclass
class Trial:
    """One run: what happened, and what became of every publication."""

    name: str
    count: int
    seconds: float = 0.0
    workers_killed: int = 0
    city_killed: int = 0
    missed: int = 0
    attempts: Counter[str] = field(default_factory=Counter)
    by_person: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    speed: float = SPEED
    # Workers that ended without having been killed.
    fallen: int = 0
    # What had not come to its end when nobody waited any longer, by state.
    open: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    twice: int = 0
    untrue: int = 0
    # Due otherwise than its clock shows, begun before its time, begun after its grace, missed with nobody told.
    misreckoned: int = 0
    early: int = 0
    late: int = 0
    silent: int = 0

    @property
    def unsaid(self) -> int:
        """How many were late without a word."""
        return self.late + self.silent

    @property
    def is_right(self) -> bool:
        """Whether nothing happened that must not."""
        wrong = (self.lost, self.twice, self.untrue, self.misreckoned, self.early, self.unsaid)
        return not any(wrong) and not self.open and not self.fallen


def work(now: Quick, port: int) -> None:
    """Do what beat tells workers, until killed."""
    connections.close_all()
    city.install(port)
    clock.now = now
    while True:
        tasks.publish_due()
        tasks.reconcile_publications()
        tasks.look_after_late()
        time.sleep(PAUSE)


def fill(slug: str, count: int, *, at: datetime) -> tuple[Member, list[Variant]]:
    """Make an organization that may publish without review, one who publishes there, and so many variants."""
    organization = Organization.objects.create(name=slug, slug=slug, level=Level.CREATING)
    with acting_for(organization):
        department = Department.objects.create(name="Words", slug="words")
        member = Member.objects.create(user=User.objects.create(email=f"{slug}@example.org", name="Rosa", password="!"))
        Position.objects.create(member=member, department=department, role=Role.RESPONDER)
        ReviewPolicy.objects.create(name="Posts", kind=Piece.Kind.POST, waives=True, created_at=at)
        channel = Channel.objects.create(network="city", account_id=slug, handle="us", name="Us")
        pieces = Piece.objects.bulk_create(
            Piece(title=f"Piece {n}", department=department, author=member, created_at=at, saved_at=at, saved_by=member)
            for n in range(count)
        )
        variants = Variant.objects.bulk_create(
            Variant(piece=piece, channel=channel, text=f"What there is to say, number {n}", language="en")
            for n, piece in enumerate(pieces)
        )
    return member, variants


def plan_all(
    member: Member, variants: list[Variant], walls: Iterable[tuple[str, datetime, datetime]], result: Trial, *,
    at: datetime, graces: tuple[int, ...] = GRACES,
) -> None:  # fmt: skip
    """Plan each variant as a person does, for what a clock shows."""
    for number, (variant, (zone, wall, moment)) in enumerate(zip(variants, walls, strict=True)):
        row = plan(
            variant, on_day=wall.date(), at_time=wall.time(), zone=zone, by=member, at=at,
            grace_minutes=graces[number // 7 % len(graces)],
        )  # fmt: skip
        result.misreckoned += row.due_at != moment


def trial(
    member: Member, now: Quick, folder: Path, result: Trial, *, workers: int, moods: Mapping[str, int],
    rests_at: datetime | None = None, seed: int = 1, seconds: float = SECONDS_AT_MOST,
) -> Trial:  # fmt: skip
    """Let everything go out when it is due, whatever dies on the way; the organization is the active one."""
    planned = {row.pk: (row.due_at, row.missed_at) for row in Publication.objects.all()}
    patience, rounds = Patience(result.name, seconds=seconds), 0
    result.speed = now.speed
    house = House(work, now, folder, workers=workers, moods=moods, seed=seed)
    try:
        while _rests(house, result, patience, killing=bool(moods), rests_at=rests_at):
            again = _person(member, house, result, patience, patient=rounds < ROUNDS)
            patience.tell(f"a person has looked {rounds + 1} times; {again} go out again")
            if not again:
                break
            rounds += 1
        else:
            result.open = Counter(_open().values_list("state", flat=True))
            patience.tell(f"given up; still open: {dict(result.open)}")
    finally:
        result.seconds, result.fallen = patience.taken, house.fallen
        house.close()
    _judge(result, city.taken(house.journal))
    _judge_times(result, planned, slack=timedelta(seconds=CHECKS * now.speed))
    # The network of the next trial does not know these.
    Publication.objects.filter(state=State.ACCEPTED, seen_at=None).update(looks=SEEN_LOOKS)
    return result


def _open() -> PublicationQuerySet:
    """What is to come, on its way, or looked for."""
    coming = Q(state__in=[State.WAITING, State.HELD, State.READY, State.SENDING])
    return Publication.objects.filter(coming | Q(state=State.UNKNOWN, put_before_person_at=None))


def _rests(
    house: House, result: Trial, patience: Patience, *, killing: bool, rests_at: datetime | None
) -> bool:  # fmt: skip
    """Wait until nothing is open, killing meanwhile; around a moment nobody works. False where that takes too long."""
    worker_next, city_next = 0, KILL_CITY_EVERY
    while _open().exists():
        if patience.is_over:
            return False
        patience.look(lambda: _how_far(house))
        if rests_at is not None and rests_at - STANDSTILL <= house.now() < rests_at + STANDSTILL:
            house.stand_still()
        else:
            house.go_on()
        tried = _tried() if killing else 0
        if killing and tried >= worker_next and house.workers:
            house.kill_a_worker()
            result.workers_killed += 1
            worker_next = tried + house.chance.randint(1, 2 * KILL_WORKER_EVERY)
        if killing and tried >= city_next:
            house.kill_the_city()
            result.city_killed += 1
            city_next = tried + house.chance.randint(1, 2 * KILL_CITY_EVERY)
        time.sleep(0.05)
    if house.moods:
        time.sleep(city.LATE + city.STALL)  # what was taken late is taken by now
    return True


def _how_far(house: House) -> str:
    """The clock of the workers, how many of them live, and what stands how."""
    states = Counter(Publication.objects.values_list("state", flat=True))
    counts = ", ".join(f"{count} {state}" for state, count in states.most_common())
    fallen = f", {house.fallen} fallen by themselves" if house.fallen else ""
    return f"{house.now():%H:%M:%S}, {len(house.workers)} workers{fallen}; {counts}"


def _tried() -> int:
    """How many attempts and looks there were, roughly."""
    return PublicationDelivery.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def _person(member: Member, house: House, result: Trial, patience: Patience, *, patient: bool) -> int:
    """Settle what is put before a person, who looks at the network first; returns how much goes out again."""
    there, again = city.taken(house.journal), 0
    for row in list(Publication.objects.before_a_person().with_everything()):
        patience.look(lambda: f"a person decides, {sum(result.by_person.values())} until now; {_how_far(house)}")
        result.silent += row.owner_id is None
        decision = "mark_as_sent" if row.key in there else "send_again" if patient else "give_up"
        try:
            settle_publication(row, decision=decision, by=member, at=house.now())
        except Refusal:  # a look has found it meanwhile
            continue
        result.by_person[f"{row.state}: {decision}"] += 1
        again += decision == "send_again"
    return again


def _judge(result: Trial, there: Counter[str]) -> None:
    """What became of every row, beside what the network's journal has."""
    rows = dict(Publication.objects.values_list("key", "state"))
    result.ended = Counter(rows.values())
    result.attempts = Counter(
        f"{kind} {outcome}"
        for kind, outcome in PublicationDelivery.objects.values_list("kind", "outcome")
        if kind != "person"
    )
    result.lost = result.count - result.ended[State.ACCEPTED] - result.ended[State.CANCELLED]
    result.twice = sum(1 for times in there.values() if times > 1)
    accepted = {key for key, state in rows.items() if state == State.ACCEPTED}
    result.untrue = len(accepted ^ set(there))


def _judge_times(result: Trial, planned: Mapping[int, tuple[datetime, datetime]], *, slack: timedelta) -> None:
    """Whether everything began in its time, or somebody was told that it did not."""
    settled: set[int] = set()
    steps = PublicationDelivery.objects.order_by("pk").values_list("publication", "kind", "started_at")
    for key, kind, started_at in steps:
        due_at, missed_at = planned[key]
        if kind == "person":
            settled.add(key)
        elif kind == "send" and key not in settled:
            result.early += started_at < due_at
            result.late += started_at > missed_at + slack
    missed = set(AuditEntry.objects.filter(verb="miss_publication").values_list("subject_id", flat=True))
    mails = Mail.objects.filter(kind="publication", key__startswith="missed ").values_list("key", flat=True)
    result.missed = len(missed)
    result.silent += len(missed - {int(key.split()[1]) for key in mails})


def at_once(
    name: str, slug: str, count: int, *, workers: int, moods: Mapping[str, int], speed: float = SPEED,
    seconds: float = SECONDS_AT_MOST,
) -> Trial:  # fmt: skip
    """Everything becomes due at the same moment."""
    begins_at = datetime(2026, 6, 1, 9, tzinfo=UTC)
    result = Trial(name, count)
    member, variants = fill(slug, count, at=begins_at - timedelta(days=1))
    with acting_for(member.organization), tempfile.TemporaryDirectory() as folder, lease_at(speed):
        walls = (("UTC", begins_at.replace(tzinfo=None), begins_at) for _variant in variants)
        plan_all(member, variants, walls, result, at=begins_at - timedelta(days=1), graces=(24 * 60,))
        now = Quick(speed, begins_at=begins_at)
        return trial(member, now, Path(folder), result, workers=workers, moods=moods, seconds=seconds)


def around(
    change: Change, slug: str, count: int, *, workers: int, speed: float, seconds: float = SECONDS_AT_MOST
) -> Trial:  # fmt: skip
    """Everything becomes due around a change of the clocks, and nobody works while they change."""
    begins_at = change.at - timedelta(minutes=65)
    result = Trial(change.name, count)
    member, variants = fill(slug, count, at=begins_at - timedelta(days=1))
    with acting_for(member.organization), tempfile.TemporaryDirectory() as folder, lease_at(speed):
        plan_all(member, variants, change.walls(count), result, at=begins_at - timedelta(days=1))
        now = Quick(speed, begins_at=begins_at)
        return trial(
            member, now, Path(folder), result, workers=workers, moods=city.MOODS, rests_at=change.at, seed=3,
            seconds=seconds,
        )  # fmt: skip


@contextmanager
def lease_at(speed: float) -> Iterator[None]:
    """A lease of so many seconds of ours, whatever the clock of the workers does."""
    before, settings.DELIVERY_LEASE_SECONDS = settings.DELIVERY_LEASE_SECONDS, int(LEASE * speed)
    try:
        yield
    finally:
        settings.DELIVERY_LEASE_SECONDS = before


def replies_at_once(count: int, *, workers: int) -> float:
    """How many replies a second end at a network that behaves, through workers that live."""
    now = Quick()
    organization, member = deliveries.fill("replies", count, at=now() - timedelta(minutes=1))
    with acting_for(organization), tempfile.TemporaryDirectory() as folder, lease_at(now.speed):
        done = deliveries.trial(member, now, Path(folder), workers=workers, moods=city.CALM, killing=False)
    return done.count / done.seconds


def speed_for(count: int, rough: Trial) -> float:
    """How fast the clock may run so that so many can go out between the first and the last moment."""
    return min(SPEED, max(SLOWEST, SPREAD * rough.count / rough.seconds / count / ROOM))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--publications", type=int, default=2000)
    parser.add_argument("--at-once", type=int, default=400, help="how many go out where all are due at once")
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--speed", type=float, default=0, help="how fast the clock runs around the changes")
    parser.add_argument("--minutes", type=float, default=SECONDS_AT_MOST / 60, help="for each trial, at most")
    options = parser.parse_args()
    said = {"workers": options.workers, "seconds": options.minutes * 60}
    replies = replies_at_once(options.at_once, workers=options.workers)
    calm = at_once("all due at once, calm", "calm", options.at_once, moods=city.CALM, **said)
    rough = at_once("all due at once, rough", "rough", options.at_once, moods=city.MOODS, **said)
    each = options.publications // len(CHANGES)
    speed = options.speed or speed_for(each, rough)
    changes = [
        around(change, f"change-{number}", each, speed=speed, **said) for number, change in enumerate(CHANGES)
    ]  # fmt: skip
    show(replies, calm, rough, changes, options.workers)
    if not all(result.is_right for result in (calm, rough, *changes)):
        raise SystemExit("Something was lost, sent twice, late without a word, not at its end, or a worker fell.")


def show(replies: float, calm: Trial, rough: Trial, changes: list[Trial], workers: int) -> None:
    """Print what was measured."""
    print(f"{workers} workers; around the changes time runs {changes[0].speed:.0f} times as fast for them\n")
    rows = [("replies, a network that behaves, workers that live", f"{calm.count:,}", f"{replies:,.1f}", "1.00")]
    for name, one in (
        ("the same of publications", calm),
        ("publications, it refuses, drops, stalls; all are killed", rough),
    ):
        rate = one.count / one.seconds
        rows.append((name, f"{one.count:,}", f"{rate:,.1f}", f"{rate / replies:.2f}"))
    print(table(["all due at once", "rows", "settled a second", "ratio"], rows))
    every = (calm, rough, *changes)
    for heads, names in (
        (
            ("workers killed", "fallen by themselves", "network killed", "missed and told"),
            ("workers_killed", "fallen", "city_killed", "missed"),
        ),
        (("lost", "twice", "told otherwise than it is"), ("lost", "twice", "untrue")),
        (("due at another moment", "too early", "late without a word"), ("misreckoned", "early", "unsaid")),
    ):
        print()
        shown = [(one.name, f"{one.count:,}", *(f"{getattr(one, name):,}" for name in names)) for one in every]
        print(table(["when", "publications", *heads], shown))
    for heading, what in (("attempts and looks", "attempts"), ("a person decided", "by_person"), ("ended", "ended")):
        counted: Counter[str] = sum((getattr(one, what) for one in changes), Counter())
        print()
        print(table([f"{heading}, both changes", "times"], [(name, f"{n:,}") for name, n in counted.most_common()]))


if __name__ == "__main__":
    main()
