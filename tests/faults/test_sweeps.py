"""The sweeps of people and time killed in between: each leaves all or nothing, and the next look does the rest once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from types import ModuleType
from typing import Any

import pytest

from listening.models import PracticePost
from maturity import reviewing
from maturity.actions import assessments, cadence, drills, huddle, reading, strategy, surges, training
from maturity.actions.guidelines import add_guideline
from maturity.models import Assessment, Drill, HuddleDigest, SurgePlan
from roles.actions import absences, terms
from roles.actions.people import Block, set_time_blocks
from roles.models import Absence, Mail, Member, PlannedPosition, Position, Role
from roles.tenancy import acting_for
from tests.cast import Cast, assemble
from tests.faults.deliver_and_die import after, die
from tests.faults.forked import killed

NOW = datetime(2026, 3, 18, 12, tzinfo=UTC)  # a Wednesday


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def mails(kind: str) -> Callable[[], Any]:
    return lambda: sorted(str(mail.member) for mail in Mail.objects.filter(kind=kind))


def responders() -> list[str]:
    return sorted(str(row.member) for row in Position.objects.filter(role=Role.RESPONDER))


@dataclass(frozen=True)
class Sweep:
    """What is looked after, where its worker dies, what there is to see of it, and what there is once it is done."""

    look: Callable[..., Any]
    place: ModuleType
    step: str
    seen: Callable[[], Any]
    done: Any
    # Whether the step is done before the worker dies, or not any more.
    does_it: bool = True
    # What of it may be there already: where each piece is a transaction of its own.
    in_pieces: bool = False


SWEEPS = {
    "digest": Sweep(huddle.send_due_digest, huddle, "write_mail", mails("huddle"), ["Carla"]),
    "reminders to read": Sweep(
        reading.remind_readers, reading, "write_mail", mails("guidelines"), ["Carla", "Gita", "Rosa", "Rui"]
    ),
    "reminders of reviews": Sweep(
        reviewing.remind_of_reviews, reviewing, "write_mail", mails("strategy"), ["Carla", "Rosa"]
    ),
    "reminders of blocks": Sweep(
        cadence.remind, cadence, "write_mail", mails("cadence"), ["Rosa", "Rui"], in_pieces=True
    ),
    "reminders of training": Sweep(
        training.remind_of_trainings, training, "write_mail", mails("training"), ["Rosa", "Rui"]
    ),
    "positions": Sweep(terms.keep_terms, terms, "give_position", responders, ["Bodo", "Gita", "Rosa", "Rui"]),
    "surge": Sweep(
        surges.look_after_surges, surges, "tell",
        lambda: (SurgePlan.objects.get().state, mails("surge")()), ("on", ["Carla", "Elif"]), does_it=False,
    ),
    "drill": Sweep(
        drills.play_drills, drills, "post",
        lambda: list(PracticePost.objects.order_by("pk").values_list("text", flat=True)), ["one?", "two?"],
    ),
    "absences": Sweep(
        absences.keep_absences, absences, "go_away",
        lambda: sorted(str(who) for who in Member.objects.filter(is_away=True)), ["Bodo", "Elif"],
    ),
    "assessment": Sweep(assessments.assess_due, assessments, "record", Assessment.objects.count, 3),
}  # fmt: skip


@pytest.fixture
def acme(transactional_db: None) -> Any:
    cast = assemble()
    with acting_for(cast.organization):
        prepare(cast)
        yield cast


def prepare(acme: Cast) -> None:
    """Have something due of everything."""
    coach: dict[str, Any] = {"by": acme.carla}
    huddle.note_in_huddle(acme.organization, kind="success", text="Thanked in public", **coach, at=ago(days=2))
    HuddleDigest.objects.create(next_at=ago(hours=1), made_to=ago(days=7))
    add_guideline(acme.organization, title="Tone", text="Be kind.", **coach, at=ago(days=9))
    reading.remind_readers(at=ago(days=8))
    strategy.set_canvas(acme.organization, who="All", review_on=NOW.date(), **coach, at=ago(days=3))
    strategy.add_goal(
        acme.organization, title="Less", metric="backlog", target=3.0, owner=acme.rosa, reach_by=NOW.date(),
        review_on=NOW.date(), **coach, at=ago(days=3),
    )  # fmt: skip
    for who in (acme.rosa, acme.rui):
        set_time_blocks(who, blocks=[Block(2, time(12, 20), time(13), "monitoring")], by=who, at=ago(days=9))
        cadence.set_reminder(who, minutes=30, by=who, at=ago(days=9))
    training.write_path(
        acme.organization, name="First week", role=Role.RESPONDER, due_days=2, **coach, at=ago(days=2),
        steps=[training.Asked("read", "The tone")],
    )  # fmt: skip
    for who in (acme.bodo, acme.gita):
        terms.plan_position(
            who, role=Role.RESPONDER, department=acme.press, begins_at=ago(hours=1), by=acme.olga, at=ago(days=1)
        )
    surges.plan_surge(
        acme.care, title="Sale", trigger="by_time", starts_at=ago(hours=1), ends_at=NOW + timedelta(hours=1),
        members=[acme.elif_], **coach, at=ago(days=1),
    )  # fmt: skip
    for who in (acme.bodo, acme.elif_):
        Absence.objects.create(member=who, begins_at=ago(hours=1), ends_at=NOW + timedelta(days=1))
    drill = drills.write_drill(acme.organization, title="Morning", questions=["one?", "two?"], **coach, at=ago(days=1))
    drills.start_drill(drill, **coach, at=ago(minutes=1))


def test_a_sweep_that_is_killed_leaves_all_or_nothing_and_the_next_does_it_once(
    acme: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, sweep in SWEEPS.items():
        before = sweep.seen()
        assert before != sweep.done, f"{name}: there was nothing to do"
        with monkeypatch.context() as patch:
            step = getattr(sweep.place, sweep.step)
            patch.setattr(sweep.place, sweep.step, after(step) if sweep.does_it else die)
            assert killed(lambda look=sweep.look: look(at=NOW)), f"{name}: the worker lived"
        left = sweep.seen()
        assert left == before or (sweep.in_pieces and not Counter(left) - Counter(sweep.done)), f"{name}: half done"
        for _look in range(2):
            sweep.look(at=NOW)
        assert sweep.seen() == sweep.done, name
    assert not PlannedPosition.objects.exists()
    drill = Drill.objects.get()
    assert drill.next_at == NOW + timedelta(minutes=drill.minutes)


def test_a_worker_that_is_not_killed_does_it_all(acme: Cast) -> None:
    assert not killed(lambda: reviewing.remind_of_reviews(at=NOW))
    assert mails("strategy")() == ["Carla", "Rosa"]
