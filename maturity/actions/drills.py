"""Write drills, start and stop them, let their lines be said, and judge what was answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from listening.models import PracticeAccount, Source
from listening.networks.practice.parse import POST_LIMIT
from listening.practice_field.actions import post
from listening.practice_field.cast import people
from listening.practice_field.opening import is_open, open_field
from maturity.models import Drill, DrillLine
from roles.audit import record
from roles.live import look_again
from roles.models import Member, Organization
from roles.permissions import allowed
from roles.tenancy import active_organization

MOST_LINES = 60
# What no person fills in.
OURS = ("written_by", "started_at", "started_by", "next_at", "ended_at")
State = Drill.State


@allowed("maturity.run_drills")
@transaction.atomic
def write_drill(
    organization: Organization,
    /,
    *,
    title: str,
    questions: Sequence[str],
    passing: Sequence[str] = (),
    seconds_between: int = Drill.Pace.THIRTY,
    minutes: int = 10,
    by: Member | None,
    at: datetime,
) -> Drill:
    """Write what is said in a drill: questions that want an answer, and what only passes by, spread among them.

    “{us}” in a line stands for the organization's name on the practice field.
    """
    asked, others = ([" ".join(line.split()) for line in lines if line.strip()] for lines in (questions, passing))
    if not asked:
        raise ValidationError({"questions": _("Write one question at least.")})
    if len(asked) + len(others) > MOST_LINES:
        raise ValidationError({"questions": _("At most %(n)s lines.") % {"n": MOST_LINES}})
    for name, lines in (("questions", asked), ("passing", others)):
        if any(len(line) > POST_LIMIT for line in lines):
            raise ValidationError({name: _("A line has at most %(n)s characters.") % {"n": POST_LIMIT}})
    row = Drill(
        title=" ".join(title.split()), seconds_between=seconds_between, minutes=minutes, written_at=at, written_by=by
    )
    row.full_clean(exclude=OURS)
    row.save()
    lines_in_order = enumerate(_mixed(asked, others), 1)
    DrillLine.objects.bulk_create(
        DrillLine(drill=row, number=number, text=text, wants_answer=wants) for number, (text, wants) in lines_in_order
    )
    record("write_drill", row, by=by, at=at, after={"questions": len(asked), "passing": len(others)})
    return row


def _mixed(asked: Sequence[str], others: Sequence[str]) -> list[tuple[str, bool]]:
    """Both in the order of their writing, the few evenly among the many."""
    places = [((number + 0.5) / len(lines), text, wants) for lines, wants in ((asked, True), (others, False))
              for number, text in enumerate(lines)]  # fmt: skip
    return [(text, wants) for _place, text, wants in sorted(places, key=lambda one: one[0])]


@allowed("maturity.run_drills")
@transaction.atomic
def repeat_drill(drill: Drill, *, seconds_between: int, by: Member | None, at: datetime) -> Drill:
    """Have the same lines ready to be said again, at this speed."""
    lines = list(drill.lines.all())
    return write_drill(
        active_organization(),
        title=drill.title,
        questions=[line.text for line in lines if line.wants_answer],
        passing=[line.text for line in lines if not line.wants_answer],
        seconds_between=seconds_between,
        minutes=drill.minutes,
        by=by,
        at=at,
    )


@allowed("maturity.run_drills")
@transaction.atomic
def start_drill(drill: Drill, *, by: Member | None, at: datetime) -> Drill:
    """Let the first line be said now; whoever comes second finds it under way."""
    if not is_open():
        open_field(active_organization(), by=by, at=at)
    if not Source.objects.active().filter(network="practice").exists():
        raise ValidationError(_("Nobody listens to the practice field: go on with it among the sources first."))
    row = _held(drill)
    if row.state == State.WRITTEN:
        row.state, row.started_at, row.started_by, row.next_at = State.PLAYING, at, by, at
        row.save(update_fields=["state", "started_at", "started_by", "next_at"])
        record("start_drill", row, by=by, at=at)
        _go_on(row, at=at)
        look_again("drills")
    return row


@allowed("maturity.run_drills")
@transaction.atomic
def stop_drill(drill: Drill, *, by: Member | None, at: datetime) -> Drill:
    """End it now: what was not said is left out, what was not answered stays so."""
    row = _held(drill)
    if row.state == State.PLAYING:
        _end(row, by=by, at=at)
    return row


@allowed("maturity.run_drills")
@transaction.atomic
def drop_drill(drill: Drill, *, by: Member | None, at: datetime) -> None:
    """Remove a drill that was never started."""
    row = Drill.objects.select_for_update(of=("self",)).filter(pk=drill.pk).first()
    if row is None:
        return
    if row.state != State.WRITTEN:
        raise ValidationError(_("It was started: what came of it stays."))
    record("drop_drill", row, by=by, at=at)
    row.delete()


@allowed("maturity.run_drills")
@transaction.atomic
def judge_answer(drill: Drill, *, line: DrillLine, is_kept: bool | None, by: Member | None, at: datetime) -> None:
    """Say whether what was answered is as the guidelines say; None takes it back."""
    if line.drill_id != drill.pk or line.said_at is None:
        raise ValidationError(_("This was not said in this drill."))
    row = DrillLine.objects.select_for_update(of=("self",)).get(pk=line.pk)
    if row.is_kept != is_kept:
        before, row.is_kept, row.judged_by = row.is_kept, is_kept, by
        row.save(update_fields=["is_kept", "judged_by"])
        said = {"line": row.number, "is_kept": is_kept}
        record("judge_answer", drill, by=by, at=at, before={"line": row.number, "is_kept": before}, after=said)
        look_again("drills")


def play_drills(*, at: datetime) -> int:
    """Say what is due in the drills of the active organization, and end those whose time is over; returns of how many.

    A house that stood still goes on where it was, one line after the other: nobody can answer ten at once.
    """
    return sum(_play(key, at=at) for key in list(Drill.objects.due(at).order_by("pk").values_list("pk", flat=True)))


@transaction.atomic
def _play(key: int, *, at: datetime) -> bool:
    row = Drill.objects.select_for_update(skip_locked=True, of=("self",)).due(at).filter(pk=key).first()
    if row is None:  # another worker is at it
        return False
    _go_on(row, at=at)
    look_again("drills")
    return True


def _go_on(row: Drill, *, at: datetime) -> None:
    waiting = list(row.lines.filter(said_at=None)[:2])
    if not waiting:
        _end(row, by=None, at=at)
        return
    line = waiting[0]
    accounts = [one for _handle, one in sorted(people(active_organization()).items()) if not one.is_ours]
    ours = PracticeAccount.objects.filter(is_ours=True).order_by("pk").first()
    text = line.text.replace("{us}", ours.handle if ours else active_organization().slug)
    said_by, key = accounts[line.number % len(accounts)], f"drill {row.pk} {line.number}"
    line.post = post(said_by, text=text[:POST_LIMIT], by=None, at=at, key=key)
    line.said_at = at
    line.save(update_fields=["post", "said_at"])
    pause = timedelta(seconds=row.seconds_between) if len(waiting) > 1 else timedelta(minutes=row.minutes)
    row.next_at = at + pause
    row.save(update_fields=["next_at"])


def _end(row: Drill, *, by: Member | None, at: datetime) -> None:
    row.state, row.ended_at, row.next_at = State.OVER, at, None
    row.save(update_fields=["state", "ended_at", "next_at"])
    record("stop_drill", row, by=by, at=at)
    look_again("drills")


def _held(drill: Drill) -> Drill:
    return Drill.objects.select_for_update(of=("self",)).get(pk=drill.pk)
