"""Training: paths by role, steps taken and confirmed, renewals, reminders, and who may not reply alone yet."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from engagement.actions.replies import reply
from engagement.approving import matter_of, steps_for
from engagement.models import Approval
from maturity.actions.drills import judge_answer
from maturity.actions.guidelines import add_guideline, retire_guideline
from maturity.actions.reading import acknowledge_guidelines
from maturity.actions.training import (
    Asked,
    confirm_step,
    keep_trainings,
    remind_of_trainings,
    retire_path,
    take_step,
    write_path,
)
from maturity.models import GuidelineVersion, StepDone, Training, TrainingPath
from maturity.tasks import keep_trainings as task
from roles import clock
from roles.actions.people import take_position
from roles.models import AuditEntry, Mail, Member, Position, Role
from roles.steps import asked
from tests import factories
from tests.cast import Cast, join
from tests.maturity.played import played

STEPS = (Asked("read", "The guidelines"), Asked("acknowledge", "Our tone"), Asked("shadow", "An hour beside Rosa"))


@pytest.fixture
def at() -> datetime:
    return clock.now()


def path_for(acme: Cast, at: datetime, **fields: Any) -> TrainingPath:
    said = {"name": "Before you answer", "role": Role.RESPONDER, "due_days": 14, "steps": STEPS, **fields}
    return write_path(acme.organization, **said, by=acme.carla, at=at)


def newcomer(at: datetime) -> Member:
    """Somebody who became a responder a day after the path was written."""
    nora = join("Nora", Role.RESPONDER)
    Position.objects.filter(member=nora).update(created_at=at + timedelta(days=1))
    return nora


def says_yes(by: Member, at: datetime) -> None:
    acknowledge_guidelines(by.organization, versions=GuidelineVersion.objects.current(), by=by, at=at)


def finish(training: Training, by: Member, other: Member, at: datetime) -> None:
    says_yes(by, at)
    for step in training.path.steps.exclude(kind="acknowledge"):
        if step.is_confirmed:
            confirm_step(training, step=step, by=other, at=at)
        else:
            take_step(training, step=step, by=by, at=at)


def test_it_is_asked_of_who_holds_the_role(acme: Cast, at: datetime) -> None:
    path = path_for(acme, at)
    assert {row.member for row in path.trainings.all()} == {acme.rosa, acme.rui}
    assert keep_trainings(at=at) == 0, "again changes nothing"
    nora = newcomer(at)
    assert keep_trainings(at=at) == 1 and path.trainings.filter(member=nora).exists()
    take_position(acme.rosa.positions.get(), by=None, at=at)
    keep_trainings(at=at)
    assert not Training.objects.running().filter(member=acme.rosa).exists()
    retire_path(path, by=acme.carla, at=at)
    assert not Training.objects.running().exists() and keep_trainings(at=at) == 0


def test_steps_are_taken_by_oneself_and_confirmed_by_others(acme: Cast, at: datetime) -> None:
    add_guideline(acme.organization, title="Our tone", text="Be kind.", by=acme.carla, at=at)
    path = path_for(acme, at)
    read, tone, shadow = path.steps.all()
    mine = path.trainings.get(member=acme.rui)
    with pytest.raises(ValidationError, match="page of the guidelines"):
        take_step(mine, step=tone, by=acme.rui, at=at)
    with pytest.raises(ValidationError, match="Somebody else confirms"):
        take_step(mine, step=shadow, by=acme.rui, at=at)
    with pytest.raises(PermissionDenied, match="Somebody else confirms"):
        confirm_step(mine, step=shadow, by=acme.rui, at=at)
    with pytest.raises(PermissionDenied, match="Only the person themselves"):
        take_step(mine, step=read, by=acme.carla, at=at)
    with pytest.raises(PermissionDenied):
        confirm_step(mine, step=shadow, by=acme.gita, at=at)
    finish(mine, acme.rui, acme.rosa, at)
    mine.refresh_from_db()
    assert mine.finished_at == at and mine.renews_on is None
    assert StepDone.objects.get(step=shadow).confirmed_by == acme.rosa
    with pytest.raises(ValidationError, match="at its end"):
        take_step(mine, step=read, by=acme.rui, at=at)
    assert AuditEntry.objects.filter(verb="finish_training").count() == 1


def test_newcomers_do_not_reply_alone_until_they_have_finished(acme: Cast, at: datetime) -> None:
    path = path_for(acme, at, holds_replies=True)
    nora = newcomer(at)
    keep_trainings(at=at)
    row: Any = SimpleNamespace(assignment=SimpleNamespace(needs_approval=False), by=acme.rosa)
    assert steps_for(row, at=at) == [], "who was here already is trusted"
    row.by = nora
    assert [step.roles for step in steps_for(row, at=at)] == [(Role.COACH,)]
    finish(path.trainings.get(member=nora), nora, acme.rosa, at)
    assert steps_for(row, at=at) == []


def test_it_is_renewed_and_a_lapse_counts(acme: Cast, at: datetime) -> None:
    path = path_for(acme, at, renew_months=6, holds_replies=True)
    first = path.trainings.get(member=acme.rosa)
    finish(first, acme.rosa, acme.rui, at)
    first.refresh_from_db()
    assert first.renews_on is not None
    early = at + timedelta(days=100)
    keep_trainings(at=early)
    assert not Training.objects.running().filter(member=acme.rosa).exists()
    soon = at + timedelta(days=160)
    keep_trainings(at=soon)
    again = Training.objects.running().get(member=acme.rosa)
    assert (again.round, again.due_on) == (2, first.renews_on)
    assert not again.keeps_from_replying(soon.date())
    assert again.keeps_from_replying(again.due_on + timedelta(days=1))


def test_reminders_are_written_once_each(acme: Cast, at: datetime) -> None:
    path_for(acme, at)
    assert remind_of_trainings(at=at) == 0
    for when in (11, 11, 12, 15, 16):
        remind_of_trainings(at=at + timedelta(days=when))
    mails = Mail.objects.filter(member=acme.rosa, kind="training").order_by("pk")
    assert [mail.key.rpartition(" ")[2] for mail in mails] == ["soon", "late"]
    assert "/training/" in mails[0].text


def test_a_changed_path_keeps_what_was_done(acme: Cast, at: datetime) -> None:
    path = path_for(acme, at)
    mine = path.trainings.get(member=acme.rosa)
    take_step(mine, step=path.steps.all()[0], by=acme.rosa, at=at)
    steps = (Asked("read", "Something new"), Asked("read", "The guidelines"))
    write_path(path, steps=steps, name=path.name, role=path.role, due_days=14, by=acme.carla, at=at)
    assert [made.step.title for made in mine.done.all()] == ["The guidelines"]
    assert [step.title for step in path.steps.all()] == ["Something new", "The guidelines"]


def test_a_yes_to_the_guidelines_is_the_step(acme: Cast, at: datetime) -> None:
    tone = add_guideline(acme.organization, title="Our tone", text="Be kind.", by=acme.carla, at=at)
    add_guideline(acme.organization, title="The press", text="Ask Carla.", by=acme.carla, at=at)
    one = path_for(acme, at, name="One", steps=[Asked("acknowledge", "Our tone", section=tone)])
    every = path_for(acme, at, name="All", steps=[Asked("acknowledge", "All of them")])

    def finished(path: TrainingPath) -> bool:
        return path.trainings.get(member=acme.rosa).finished_at is not None

    assert (finished(one), finished(every)) == (False, False)
    acknowledge_guidelines(acme.organization, versions=tone.versions.all(), by=acme.rosa, at=at)
    assert (finished(one), finished(every)) == (True, False)
    says_yes(acme.rosa, at)
    assert finished(every) and not StepDone.objects.exists(), "nothing is noted beside the yes"
    # Who said it before the path was there need not say it again; what is retired asks nobody.
    late = path_for(acme, at, name="Late", steps=[Asked("acknowledge", "All of them")])
    assert finished(late) and not late.trainings.get(member=acme.rui).finished_at
    retire_guideline(tone, by=acme.carla, at=at)
    assert keep_trainings(at=at) == 1 and one.trainings.get(member=acme.rui).finished_at is not None
    with pytest.raises(ValidationError, match="not asked for a yes"):
        path_for(acme, at, name="Booth", role=Role.BOOTH, steps=[Asked("acknowledge", "All")])


@pytest.mark.parametrize("good", [4, 3])
def test_a_drill_is_confirmed_by_its_score(acme: Cast, at: datetime, good: int) -> None:
    path = path_for(acme, at, steps=[Asked("drill", "Four questions")])
    [step], mine = path.steps.all(), path.trainings.get(member=acme.rosa)
    drill, lines = played(acme, [acme.rosa] * 4, at=at)

    def confirm(**fields: Any) -> None:
        confirm_step(mine, step=step, by=acme.rui, at=at, **fields)

    for problem, fields in (("that is over", {}), ("whether it is", {"drill": drill})):
        with pytest.raises(ValidationError, match=problem):
            confirm(**fields)
    for number, line in enumerate(lines):
        judge_answer(drill, line=line, is_kept=number < good, by=acme.carla, at=at)
    if good == 3:
        with pytest.raises(ValidationError, match="3 of 4"):
            confirm(drill=drill)
        return
    confirm(drill=drill)
    made = StepDone.objects.get()
    assert (made.drill, made.score) == (drill, 1.0)
    mine.refresh_from_db()
    assert mine.finished_at is not None
    theirs = path.trainings.get(member=acme.rui)
    with pytest.raises(ValidationError, match="too little"):
        confirm_step(theirs, step=step, drill=drill, by=acme.rosa, at=at)


def test_a_newcomers_reply_waits_until_the_yes_is_said(acme: Cast, sign_in: Any) -> None:
    now = clock.now()
    add_guideline(acme.organization, title="Our tone", text="Be kind.", by=acme.carla, at=now)
    path_for(acme, now, holds_replies=True, steps=[Asked("acknowledge", "Our tone")])
    nora = newcomer(now)
    keep_trainings(at=now)
    factories.channel()
    waits, goes = (factories.assignment(department=acme.care, member=nora) for _number in range(2))
    assert reply(waits, text="Hello", by=nora, at=now).state == "waiting"
    [approval] = Approval.objects.filter(state="waiting")
    assert acme.carla in asked(approval, matter_of(approval.reply))
    says_yes(nora, now)
    assert reply(goes, text="Hello", by=nora, at=now).state == "ready"


def test_over_the_pages(acme: Cast, sign_in: Any) -> None:
    coach = sign_in(acme.carla)
    said = {
        "name": "First week", "role": "responder", "department": acme.care.pk, "due_days": 7, "renew_months": "",
        "count": 4, "s0-kind": "read", "s0-title": "The tone", "s0-url": "https://intranet.example/tone",
        "s1-kind": "shadow", "s1-title": "Rosa", "s2-kind": "", "s2-title": "",
    }  # fmt: skip
    tone = add_guideline(acme.organization, title="Our tone", text="Be kind.", by=acme.carla, at=clock.now())
    for wrong in ({"s2-title": "Of what kind?"}, {"s2-kind": "drill"}, {"s1-section": tone.pk}, {"s0-url": "x y"},
                  {"count": 0}, {"count": "x"}):  # fmt: skip
        assert coach.post("/o/acme/training/paths/write/", said | wrong).status_code == 422, wrong
    assert coach.post("/o/acme/training/paths/write/", said).status_code == 302
    path = TrainingPath.objects.get()
    here = f"/o/acme/training/paths/{path.pk}/"
    assert 'value="https://intranet.example/tone"' in coach.get(here).content.decode()
    for more in ({"s2-kind": "acknowledge", "s2-section": tone.pk, "s3-kind": "acknowledge"}, {}):
        assert coach.post(here, said | more).status_code == 302
        found = [(step.kind, step.title, step.section) for step in path.steps.all()]
        wanted = [("acknowledge", "Our tone", tone), ("acknowledge", "All guidelines", None)] if more else []
        assert found[2:] == wanted and len(found) == 2 + len(wanted)
    rosa = sign_in(acme.rosa)
    page = rosa.get("/o/acme/training/").content.decode()
    assert "First week" in page and "https://intranet.example/tone" in page
    mine = path.trainings.get(member=acme.rosa)
    read, shadow = path.steps.all()
    assert rosa.post(f"/o/acme/training/{mine.pk}/steps/{read.pk}/take/").status_code == 302
    assert rosa.post(f"/o/acme/training/{mine.pk}/steps/{shadow.pk}/confirm/").status_code == 403
    assert coach.post(f"/o/acme/training/{mine.pk}/steps/{shadow.pk}/confirm/", {"note": "Fine"}).status_code == 302
    mine.refresh_from_db()
    assert mine.finished_at is not None
    assert "Fine" in rosa.get("/o/acme/training/").content.decode()
    assert coach.get(f"/o/acme/training/paths/{path.pk}/").status_code == 200
    assert coach.post(f"/o/acme/training/paths/{path.pk}/retire/").status_code == 302


def test_the_page_asks_as_much_for_one_as_for_twenty(acme: Cast, at: datetime, sign_in: Any) -> None:
    path_for(acme, at)
    client = sign_in(acme.carla)
    counts = []
    for number in range(2):
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/o/acme/training/").status_code == 200
        counts.append(len(queries))
        for more in range(20 if number == 0 else 0):
            join(f"More{more}", Role.RESPONDER)
        keep_trainings(at=at)
    assert counts[0] == counts[1]


def test_over_the_api(acme: Cast, api: Any) -> None:
    program = api(acme.carla)
    said = {"name": "P", "role": "gatherer", "due_days": 5, "steps": [{"kind": "read", "title": "X", "url": ""}]}
    made = program.post("/api/v1/training-paths/", said)
    assert made.status_code == 201, made.json()
    [row] = program.get("/api/v1/trainings/").json()["results"]
    assert row["done"] == []
    assert row["member"] == acme.gita.pk
    step = made.json()["steps"][0]["id"]
    assert program.post(f"/api/v1/trainings/{row['id']}/take-step/", {"step": step}).status_code == 403
    done = api(acme.gita).post(f"/api/v1/trainings/{row['id']}/take-step/", {"step": step})
    assert done.status_code == 200 and done.json()["finished_at"]
    here = f"/api/v1/training-paths/{made.json()['id']}/"
    more = said | {"name": "Q", "steps": [*said["steps"], {"kind": "read", "title": "Y", "url": ""}]}
    changed = program.put(here, more)
    assert changed.status_code == 200 and changed.json()["steps"][0]["id"] == step, "it stays done"
    assert api(acme.gita).put(here, more).status_code == 403
    assert program.delete(here).status_code == 204
    task()


def test_a_piece_that_was_published_in_house_is_a_step_by_itself(acme: Cast, at: datetime) -> None:
    path = path_for(acme, at, steps=(Asked("publish", "A first piece, in-house"),))
    row = Training.objects.get(path=path, member=acme.rosa)
    with pytest.raises(ValidationError):
        take_step(row, step=path.steps.get(), by=acme.rosa, at=at)
    outside = factories.publication(factories.variant(factories.piece(author=acme.rosa)), state="accepted")
    type(outside).objects.update(accepted_at=at)
    type(outside.channel).objects.filter(pk=outside.channel_id).update(network="bluesky")
    keep_trainings(at=at)
    row.refresh_from_db()
    assert row.finished_at is None, "in-house first"
    factories.publication(
        factories.variant(factories.piece(author=acme.rosa)), state="accepted", accepted_at=at - timedelta(days=2)
    )
    keep_trainings(at=at)
    row.refresh_from_db()
    assert row.finished_at == at
