"""By when an assignment is answered: which target applies, what it promises, and how that goes on.

An assignment has a promise for the first response, one for the resolution, and one for each next response, as its
target says. They are rows; what the assignment itself says of its clock is copied from them by `count_anew`, the one
function that counts. Every function here is called inside a transaction that holds the assignment.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Case, F, Min, When

from engagement.models import Assignment, Pause, Promise, PromiseKind, ResponseTarget, TargetEvent
from roles import clock
from roles.business_hours import Calendars
from roles.tenancy import active_organization

Kind = PromiseKind
Fields = dict[str, Any]
COUNTED = ("due_at", "warn_at", "counted_at", "next_look_at")
SHOWN = ("promise", "promised_at", "due_at", "warn_at", "paused_at", "first_due_at")
Row = dict[str, Any]
NO_PROMISE: Fields = {"promise": "", "promised_at": None, "warn_at": None}
# What is written of a promise that begins.
WRITTEN = (
    "kind", "number", "minutes", "in_business_hours", "calendar_id", "warn_at_percent", "started_at", "due_at",
    "warn_at", "counted_at", "next_look_at",
)  # fmt: skip
# What the queue is ordered by, of what runs: the first of these.
ORDER = (Kind.FIRST_RESPONSE, Kind.NEXT_RESPONSE, Kind.RESOLUTION)


class Targets:
    """The targets and calendars of the active organization, read once for many assignments."""

    def __init__(self) -> None:
        self.calendars = Calendars()
        rows = ResponseTarget.objects.applying_by_themselves()
        self._defaults = {(row.department_id, row.priority): row for row in rows}
        # A batch asks the same again and again: what comes at one moment to one department has the same targets.
        self._chosen: dict[tuple[int, int, int | None, int | None], ResponseTarget] = {}
        self._begun: dict[tuple[int, int, datetime, datetime], tuple[ResponseTarget, list[Row], Fields]] = {}

    def target_for(
        self, department_id: int, priority: int, *, named: ResponseTarget | None = None, minutes: int | None = None
    ) -> ResponseTarget:
        """The target that a rule names, else the nearest default: by department and priority, by either, or for all.

        `minutes` is a rule's own time for the first response. Where nothing applies it is the organization's, around
        the clock; that target is not a row.
        """
        key = (department_id, priority, named.pk if named else None, minutes)
        if key not in self._chosen:
            self._chosen[key] = self._choose(department_id, priority, named, minutes)
        return self._chosen[key]

    def _choose(
        self, department_id: int, priority: int, named: ResponseTarget | None, minutes: int | None
    ) -> ResponseTarget:
        nearest = ((department_id, priority), (department_id, None), (None, priority), (None, None))
        found = named or next((self._defaults[key] for key in nearest if key in self._defaults), None)
        if found is None:
            first = minutes or active_organization().response_minutes
            return ResponseTarget(first_response_minutes=first, in_business_hours=False)
        if minutes is None:
            return found
        own = ResponseTarget(**{field.attname: getattr(found, field.attname) for field in found._meta.concrete_fields})
        own.first_response_minutes = minutes
        return own

    def make(
        self, target: ResponseTarget, kind: str, *, department_id: int, start: datetime, at: datetime, number: int = 1
    ) -> Promise | None:
        """Return what the target promises of this kind from `start` on, not yet saved; None where that is nothing."""
        minutes: int | None = getattr(target, f"{kind}_minutes")
        if minutes is None:
            return None
        calendar = self.calendars.of_department(department_id) if target.in_business_hours else None
        promise = Promise(
            kind=kind, number=number, minutes=minutes, in_business_hours=target.in_business_hours, calendar_id=calendar,
            warn_at_percent=target.warn_at_percent, started_at=start,
        )  # fmt: skip
        self.count(promise, department_id=department_id, pauses=(), at=at)
        promise.next_look_at = promise.warn_at
        return promise

    def begin(
        self, target: ResponseTarget, *, department_id: int, start: datetime, at: datetime
    ) -> tuple[list[Row], Fields]:
        """What is promised of a new assignment, as rows to be written, and what the assignment says of it."""
        key = (id(target), department_id, start, at)  # an id stays somebody's own as long as the target is kept
        if key not in self._begun:
            made = (
                self.make(target, kind, department_id=department_id, start=start, at=at)
                for kind in (Kind.FIRST_RESPONSE, Kind.RESOLUTION)
            )
            promises = [promise for promise in made if promise is not None]
            fields = _shown(promises, paused_at=None)
            # A target may promise next responses alone: such an assignment stands where it came in.
            fields.setdefault("due_at", start)
            fields = {"target_id": target.pk, "first_due_at": None} | NO_PROMISE | fields
            rows = [{name: getattr(promise, name) for name in WRITTEN} for promise in promises]
            self._begun[key] = (target, rows, fields)
        return self._begun[key][1:]

    def count(self, promise: Promise, *, department_id: int, pauses: Sequence[clock.Pause], at: datetime) -> None:
        """Set when the promise is due and when to warn; where a calendar is never open it counts around the clock."""
        calendar = promise.calendar_id or self.calendars.of_department(department_id)
        hours = self.calendars.hours(calendar) if promise.in_business_hours else clock.ALWAYS
        warn_after = promise.minutes * promise.warn_at_percent / 100
        try:
            promise.warn_at = clock.due(promise.started_at, warn_after, hours=hours, pauses=pauses)
            promise.due_at = clock.due(promise.started_at, promise.minutes, hours=hours, pauses=pauses)
        except clock.NeverOpen:
            promise.warn_at = clock.due(promise.started_at, warn_after, pauses=pauses)
            promise.due_at = clock.due(promise.started_at, promise.minutes, pauses=pauses)
        promise.counted_at = at


def count_anew(row: Assignment, *, at: datetime, targets: Targets | None = None) -> Fields:
    """Count all promises of an assignment that run, without its pauses, and return what the assignment says of them.

    The promises are saved; the fields are for the caller to save with whatever else it changes.
    """
    promises = list(row.promises.running())
    looked = set(row.target_events.values_list("promise_id", "kind")) if promises else set()
    fields = _counted(row, promises, row.pauses.all(), looked, at=at, targets=targets)
    Promise.objects.bulk_update(promises, COUNTED)
    return fields


def count_many(rows: Sequence[Assignment], *, at: datetime, targets: Targets) -> None:
    """Count all promises of many assignments that run, and save both; a few statements for all of them."""
    promises: dict[int, list[Promise]] = {row.pk: [] for row in rows}
    for promise in Promise.objects.running().filter(assignment__in=promises).order_by("pk"):
        promises[promise.assignment_id].append(promise)
    pauses: dict[int, list[Pause]] = {}
    for pause in Pause.objects.filter(assignment__in=promises).order_by("pk"):
        pauses.setdefault(pause.assignment_id, []).append(pause)
    looked = set(TargetEvent.objects.filter(assignment__in=promises).values_list("promise_id", "kind"))
    for row in rows:
        fields = _counted(row, promises[row.pk], pauses.get(row.pk, ()), looked, at=at, targets=targets)
        for name, value in fields.items():
            setattr(row, name, value)
    Promise.objects.bulk_update([promise for found in promises.values() for promise in found], COUNTED)
    Assignment.objects.bulk_update(rows, SHOWN)


def _counted(
    row: Assignment, promises: list[Promise], pauses: Iterable[Pause], looked: set[tuple[int, str]], *, at: datetime,
    targets: Targets | None,
) -> Fields:  # fmt: skip
    """Count, not yet saved, what runs of one assignment; returns what the assignment says of it."""
    stops = _stops(row, pauses)
    paused_at = min((begin for begin, end in stops if end is None), default=None)
    if promises and paused_at is None:
        targets = targets or Targets()
        for promise in promises:
            targets.count(promise, department_id=row.department_id, pauses=stops, at=at)
    for promise in promises:
        promise.next_look_at = _next_look(promise, looked, paused_at)
    return NO_PROMISE | _shown(promises, paused_at=paused_at)


def _next_look(promise: Promise, looked: set[tuple[int, str]], paused_at: datetime | None) -> datetime | None:
    if (promise.pk, "miss") in looked:
        return None
    if paused_at is not None:
        # What was missed before the clock was stopped stays missed.
        return promise.due_at if promise.due_at < paused_at else None
    return promise.due_at if (promise.pk, "warning") in looked else promise.warn_at


def _stops(row: Assignment, pauses: Iterable[Pause]) -> list[clock.Pause]:
    """Those of an assignment's pauses that its target lets count."""
    target = row.target
    counting = {Pause.Why.RESOLVED.value}
    if target is None or target.pauses_for_consult:
        counting.add(Pause.Why.CONSULT.value)
    if target is None or target.pauses_for_author:
        counting.add(Pause.Why.AUTHOR.value)
    return [(pause.started_at, pause.ended_at) for pause in pauses if pause.why in counting]


def _shown(promises: Iterable[Promise], *, paused_at: datetime | None) -> Fields:
    """What an assignment says of its clock: of the promise that runs and is asked for next."""
    by_kind = {promise.kind: promise for promise in promises}
    fields: Fields = {"paused_at": paused_at if by_kind else None}
    if (first := by_kind.get(Kind.FIRST_RESPONSE)) is not None:
        fields["first_due_at"] = first.due_at
    runs = next((by_kind[kind] for kind in ORDER if kind in by_kind), None)
    if runs is not None:
        fields |= {
            "promise": runs.kind,
            "promised_at": runs.started_at,
            "due_at": runs.due_at,
            "warn_at": runs.warn_at,
        }
    return fields


def retargeted(row: Assignment, target: ResponseTarget, *, at: datetime, targets: Targets) -> Fields:
    """Another target applies: what runs is promised as it says, from where it began; what was kept stays kept."""
    ended: set[str] = set()
    for promise in row.promises.running():
        minutes: int | None = getattr(target, f"{promise.kind}_minutes")
        if minutes is None:
            promise.ended_at, promise.next_look_at = at, None
            ended.add(promise.kind)
        else:
            promise.minutes, promise.warn_at_percent = minutes, target.warn_at_percent
            promise.in_business_hours = target.in_business_hours
            calendar = targets.calendars.of_department(row.department_id)
            promise.calendar_id = calendar if target.in_business_hours else None
        promise.save()
    _promise_besides(row, target, at=at, targets=targets)
    row.target = target if target.pk else None
    fields: Fields = {"first_due_at": None} if Kind.FIRST_RESPONSE in ended else {}
    return {"target": row.target, **fields, **count_anew(row, at=at, targets=targets)}


def _promise_besides(row: Assignment, target: ResponseTarget, *, at: datetime, targets: Targets) -> None:
    """What the target promises and no target before it did."""
    start = row.promises.aggregate(start=Min("started_at"))["start"]
    kinds = set(row.promises.values_list("kind", flat=True))
    for kind in {Kind.FIRST_RESPONSE, Kind.RESOLUTION} - kinds:
        if kind == Kind.FIRST_RESPONSE and row.first_answered_at is not None:
            continue
        begin = start or row.mention.captured_at
        promise = targets.make(target, kind, department_id=row.department_id, start=begin, at=at)
        if promise is not None:
            promise.assignment = row
            promise.save()


def reprioritized(row: Assignment, priority: int, *, at: datetime, targets: Targets | None = None) -> Fields:
    """It is more or less urgent: where another target applies to that by itself, it is promised anew.

    What a rule has promised, by naming a target or a time of its own, stays; and who was promised nothing still is not.
    """
    fields: Fields = {"priority": priority}
    targets = targets or Targets()
    found, was = targets.target_for(row.department_id, priority), row.target
    if found.pk == row.target_id or (was is not None and not was.is_default):
        return fields
    first = row.promises.filter(kind=Kind.FIRST_RESPONSE).first()
    usual = was.first_response_minutes if was else active_organization().response_minutes
    if (first is not None and first.minutes != usual) or not row.promises.exists():
        return fields
    return fields | retargeted(row, found, at=at, targets=targets)


def answered(row: Assignment, *, at: datetime, resolves: bool) -> Fields:
    """The author has an answer: it keeps what was promised, and unless that is the end, the author is waited for."""
    fields: Fields = {}
    if row.first_answered_at is None:
        fields |= {"first_answered_at": at, "answered_in_seconds": _open_seconds(row, row.mention.captured_at, at)}
    else:
        for promise in row.promises.running().filter(kind=Kind.NEXT_RESPONSE):
            promise.kept_in_seconds = _open_seconds(row, promise.started_at, at)
            promise.save(update_fields=["kept_in_seconds"])
    _end(row, {Kind.FIRST_RESPONSE, Kind.NEXT_RESPONSE}, "kept_at", at)
    if resolves:
        return fields | resolved(row, at=at)
    begin_pause(row, why=Pause.Why.AUTHOR, at=at)
    return fields | count_anew(row, at=at)


def resolved(row: Assignment, *, at: datetime) -> Fields:
    """It is resolved: that keeps the resolution, and whatever else ran was not needed."""
    _end(row, {Kind.RESOLUTION}, "kept_at", at)
    _end(row, set(Kind), "ended_at", at)
    row.pauses.filter(ended_at=None).update(ended_at=at)
    taken = _open_seconds(row, row.mention.captured_at, at)
    return {"resolved_in_seconds": taken, **count_anew(row, at=at)}


def reopened(row: Assignment, *, at: datetime) -> Fields:
    """It is taken up again: what resolving it ended goes on, and the time in between does not count."""
    if row.resolved_at is None:
        return {}
    was = row.resolved_at
    row.promises.filter(kind=Kind.RESOLUTION, kept_at=was).update(kept_at=None)
    row.promises.filter(ended_at=was).update(ended_at=None)
    Pause.objects.create(assignment=row, why=Pause.Why.RESOLVED, started_at=was, ended_at=at)
    return {"resolved_in_seconds": None, **count_anew(row, at=at)}


def slipped(row: Assignment) -> None:
    """“Answered” was said by mistake: what it kept runs again; called before `reopened`."""
    kinds = {Kind.FIRST_RESPONSE, Kind.NEXT_RESPONSE}
    row.promises.filter(kind__in=kinds, kept_at=row.resolved_at).update(kept_at=None, kept_in_seconds=None)


def wrote_again(row: Assignment, *, at: datetime) -> Fields:
    """The author has written again after our answer: that starts the next response, unless one is waited for."""
    row.pauses.filter(ended_at=None, why=Pause.Why.AUTHOR).update(ended_at=at)
    running = set(row.promises.running().values_list("kind", flat=True))
    if row.first_answered_at is None or row.target is None or Kind.NEXT_RESPONSE in running:
        return count_anew(row, at=at)
    targets = Targets()
    number = row.promises.filter(kind=Kind.NEXT_RESPONSE).count() + 1
    promise = targets.make(
        row.target, Kind.NEXT_RESPONSE, department_id=row.department_id, start=at, at=at, number=number
    )
    if promise is not None:
        promise.assignment = row
        promise.save()
    return count_anew(row, at=at, targets=targets)


def begin_pause(row: Assignment, *, why: str, about: str = "", at: datetime) -> None:
    """Write down that somebody is waited for, unless that is written already; the caller counts anew."""
    pause = Pause(assignment=row, why=why, about=about, started_at=at)
    Pause.objects.bulk_create([pause], ignore_conflicts=True)


def end_pause(row: Assignment, *, why: str, about: str = "", at: datetime) -> None:
    """Write down that nobody is waited for any more; the caller counts anew."""
    row.pauses.filter(why=why, about=about, ended_at=None).update(ended_at=at)


def _open_seconds(row: Assignment, start: datetime, at: datetime) -> int:
    """How much of the time until now the department was open."""
    calendars = Calendars()
    hours = calendars.hours(calendars.of_department(row.department_id))
    return round(clock.seconds_between(start, at, hours=hours))


def _end(row: Assignment, kinds: set[Kind], how: str, at: datetime) -> None:
    """End what runs of these kinds; a miss that nobody has written down yet is still looked at."""
    missed = When(due_at__lt=at, next_look_at__isnull=False, then=F("due_at"))
    row.promises.running().filter(kind__in=kinds).update(**{how: at, "next_look_at": Case(missed, default=None)})
