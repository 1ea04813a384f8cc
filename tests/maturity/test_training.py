"""Training: paths by role, steps taken and confirmed, renewals, reminders, and who may not reply alone yet."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from engagement.approving import steps_for
from maturity.actions.training import (
    Asked,
    confirm_step,
    keep_trainings,
    remind_of_trainings,
    retire_path,
    take_step,
    write_path,
)
from maturity.models import StepDone, Training, TrainingPath
from maturity.tasks import keep_trainings as task
from roles import clock
from roles.actions.people import take_position
from roles.models import AuditEntry, Mail, Member, Position, Role
from tests.cast import Cast, join

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


def finish(training: Training, by: Member, other: Member, at: datetime) -> None:
    for step in training.path.steps.all():
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
    path = path_for(acme, at)
    read, _tone, shadow = path.steps.all()
    mine = path.trainings.get(member=acme.rui)
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
    reply: Any = SimpleNamespace(assignment=SimpleNamespace(needs_approval=False), by=acme.rosa)
    assert steps_for(reply, at=at) == [], "who was here already is trusted"
    reply.by = nora
    assert [step.roles for step in steps_for(reply, at=at)] == [(Role.COACH,)]
    finish(path.trainings.get(member=nora), nora, acme.rosa, at)
    assert steps_for(reply, at=at) == []


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
    take_step(mine, step=path.steps.all()[1], by=acme.rosa, at=at)
    steps = (Asked("acknowledge", "Our tone"), Asked("read", "Something new"))
    write_path(path, steps=steps, name=path.name, role=path.role, due_days=14, by=acme.carla, at=at)
    assert [made.step.title for made in mine.done.all()] == ["Our tone"]
    assert [step.title for step in path.steps.all()] == ["Our tone", "Something new"]


def test_over_the_pages(acme: Cast, sign_in: Any) -> None:
    coach = sign_in(acme.carla)
    said = {
        "name": "First week", "role": "responder", "department": acme.care.pk, "due_days": 7, "renew_months": "",
        "steps": "read: The tone https://intranet.example/tone\nshadow: Rosa\nnonsense",
    }  # fmt: skip
    assert coach.post("/o/acme/training/paths/write/", said).status_code == 422
    said["steps"] = "read: The tone https://intranet.example/tone\nshadow: Rosa"
    assert coach.post("/o/acme/training/paths/write/", said).status_code == 302
    path = TrainingPath.objects.get()
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
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/o/acme/training/").status_code == 200
        counts.append(len(asked))
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
    assert row["member"] == acme.gita.pk
    step = made.json()["steps"][0]["id"]
    assert program.post(f"/api/v1/trainings/{row['id']}/take-step/", {"step": step}).status_code == 403
    done = api(acme.gita).post(f"/api/v1/trainings/{row['id']}/take-step/", {"step": step})
    assert done.status_code == 200 and done.json()["finished_at"]
    assert program.delete(f"/api/v1/training-paths/{made.json()['id']}/").status_code == 204
    task()
