"""Sweeps of content killed in between: small pictures, reminders of reviews, results, and words about what is late."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.storage import default_storage

from content import mailing, media_housekeeping, publishing, punctuality, renditions, storing
from content.actions import media as media_actions
from content.actions import review_steps
from content.actions.review_policies import set_review_base
from content.models import Media, Publication, PublicationResult, Rendition, ReviewStep, StrayFile
from content.results import begin_looks, publication_results
from content.review_rules import TimedStep
from listening.models import PracticeAccount
from listening.practice_field.actions import post
from listening.way_out.results import LEASE, ResultLooks
from roles import clock
from roles.models import AuditEntry, Level, Mail
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast, assemble
from tests.content import files
from tests.content.reviews import ask
from tests.faults.deliver_and_die import after, die
from tests.faults.forked import killed


@pytest.fixture
def acme(transactional_db: None) -> Any:
    cast = assemble()
    cast.organization.level = Level.CREATING
    cast.organization.save()
    with acting_for(cast.organization):
        yield cast


def as_worker(work: Callable[[], object]) -> Callable[[], object]:
    """Do it as a worker does, that acts for nobody."""

    def done() -> object:
        with acting_for(None):
            return work()

    return done


@pytest.mark.parametrize("step", ["claimed", "read", "stored", "committed"])
def test_a_small_picture_whose_worker_is_killed_is_made_once_and_leaves_no_file(
    acme: Cast, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    body, at = files.picture(size=(900, 900)), clock.now()
    row: Media = media_actions.take_media(
        acme.organization, file=BytesIO(body), size=len(body), name="wheel.jpg", by=acme.rosa, at=at
    )
    make = as_worker(lambda: renditions.make_due(now=clock.now))
    with monkeypatch.context() as patch:
        match step:
            case "claimed":
                patch.setattr(renditions, "_try", die)
            case "read":
                patch.setattr(storing, "stored", die)
            case "stored":
                patch.setattr(storing, "stored", after(storing.stored))
            case "committed":
                patch.setattr(renditions, "_make", after(renditions._make))
        assert killed(make), "the worker lived"
    [small] = Rendition.objects.all()
    assert bool(small.file) == (step == "committed") and small.failures == 0
    assert make() == 0, "the dead one still holds it, or it is done"
    Rendition.objects.exclude(due_at=None).update(due_at=clock.now() - media_housekeeping.LEASE)
    assert make() == (0 if step == "committed" else 1)
    [small] = Rendition.objects.all()
    assert small.media == row and small.width == 480 and default_storage.exists(small.file) and small.due_at is None
    left = list(StrayFile.objects.values_list("path", flat=True))
    assert len(left) == (1 if step == "stored" else 0), "what the dead one wrote is known"
    storing.sweep(at=clock.now() + storing.UNTIL_SOMEBODYS * 2)
    assert not any(map(default_storage.exists, left)) and default_storage.exists(small.file)


@pytest.mark.parametrize("step", ["tell_those_asked", "tell_late", "record", "_next_look"])
def test_a_review_whose_worker_is_killed_is_reminded_of_once_and_told_late_once(
    acme: Cast, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    at = clock.now()
    set_review_base(acme.organization, steps=[TimedStep(member_ids=(acme.bodo.pk,), hours=8)], by=acme.carla, at=at)
    piece = factories.piece(author=acme.rosa, title="Wheels")
    factories.variant(piece)
    ask(piece, acme.rosa, at=at)
    late = at + timedelta(hours=9)
    before = Mail.objects.count()
    with monkeypatch.context() as patch:
        patch.setattr(review_steps, step, after(getattr(review_steps, step)))
        assert killed(lambda: review_steps.look_after_due(at=late)), "the worker lived"
    assert Mail.objects.count() == before and ReviewStep.objects.get().reminded_at is None, "all or nothing"
    assert [review_steps.look_after_due(at=late) for _time in range(2)] == [1, 0]
    assert Mail.objects.filter(member=acme.bodo, subject__startswith="Reminder").count() == 1
    assert Mail.objects.filter(member=acme.carla, subject__contains="in time").count() == 1
    verbs = list(AuditEntry.objects.values_list("verb", flat=True))
    assert (verbs.count("remind_of_review"), verbs.count("escalate_review")) == (1, 1)


@pytest.mark.parametrize(("step", "is_done"), [("_hold", False), ("_keep", False), ("_keep", True)])
def test_results_of_publications_whose_worker_is_killed_are_asked_for_again(
    acme: Cast, monkeypatch: pytest.MonkeyPatch, step: str, is_done: bool
) -> None:
    begun = clock.now() - timedelta(hours=2)
    ours = PracticeAccount.objects.create(handle="acme", name="Acme", is_ours=True)
    said = post(ours, text="Here we are.", by=None, at=begun)
    for text in ("Thanks", "Really"):
        post(
            PracticeAccount.objects.create(handle=text, name=text), text=text, by=None, at=begun, in_reply_to=said
        )  # fmt: skip
    variant = factories.variant(channel=factories.channel(handle="acme", account_id=str(ours.pk)))
    fields = {"state": "accepted", "accepted_at": begun, "due_at": begun, "remote_id": str(said.pk)}
    published = factories.publication(variant, **fields)
    now = clock.now()
    assert as_worker(lambda: begin_looks(at=now))() == 1

    def look(at: datetime) -> int:
        with acting_for(None):
            return publication_results.look(now=lambda: at)

    with monkeypatch.context() as patch:
        patch.setattr(ResultLooks, step, after(getattr(ResultLooks, step)) if is_done else die)
        assert killed(lambda: look(now)), "the worker lived"
    row = PublicationResult.objects.get()
    assert row.answers == (2 if is_done else None), "all or nothing"
    assert look(now) == 0, "the dead one still holds it, or it is done"
    assert look(now + LEASE) == (0 if is_done else 1)
    row.refresh_from_db()
    assert (row.publication, row.answers, row.failures, row.problem) == (published, 2, 0, "")
    assert as_worker(lambda: begin_looks(at=now))() == 0


@pytest.mark.parametrize("step", ["_put_before_a_person", "tell_missed", "record", "first"])
def test_what_is_missed_while_workers_die_is_told_once_to_each(
    acme: Cast, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    at = clock.now()
    rows = [
        factories.publication(
            factories.variant(factories.piece(author=author, department=acme.care)),
            due_at=at - timedelta(minutes=90), planned_by=acme.rosa, state="held", problem="Nothing goes out now.",
        )
        for author in (acme.rosa, acme.bodo)
    ]  # fmt: skip
    with monkeypatch.context() as patch:
        if step == "first":
            patch.setattr(punctuality, "miss", _dying_at_the_second(punctuality.miss))
        else:
            patch.setattr(publishing, step, after(getattr(publishing, step)))
        assert killed(lambda: punctuality.look_after_late(at=at)), "the worker lived"
    done = 1 if step == "first" else 0
    assert Publication.objects.filter(state="missed").count() == done
    assert AuditEntry.objects.filter(verb="miss_publication").count() == done, "all or nothing"
    assert [punctuality.look_after_late(at=at) for _time in range(2)] == [len(rows) - done, 0]
    assert Publication.objects.filter(state="missed", owner=acme.rosa).count() == len(rows)
    assert AuditEntry.objects.filter(verb="miss_publication").count() == len(rows)
    told = sorted(str(mail.member) for mail in Mail.objects.filter(kind=mailing.KIND, key__startswith="missed "))
    assert told == ["Bodo", "Rosa", "Rosa"]


def _dying_at_the_second(work: Callable[..., Any]) -> Callable[..., Any]:
    done: list[Any] = []

    def once(row: Any, **when: Any) -> None:
        if done:
            die()
        done.append(work(row, **when))

    return once


@pytest.mark.parametrize("step", ["told", "written"])
def test_whoever_must_act_is_reminded_once_though_the_worker_dies(
    acme: Cast, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    at = clock.now()
    waits = {"state": "missed", "put_before_person_at": at - timedelta(hours=9), "owner": acme.rosa}
    row = factories.publication(factories.variant(factories.piece(author=acme.rosa)), due_at=at, **waits)
    remind = as_worker(lambda: _in(acme, lambda: punctuality.remind(at=at)))
    with monkeypatch.context() as patch:
        if step == "told":
            patch.setattr(punctuality, "remind_of_publication", die)
        else:
            patch.setattr(punctuality, "remind_of_publication", after(punctuality.remind_of_publication))
        assert killed(remind), "the worker lived"
    row.refresh_from_db()
    assert row.reminded_at is None and not Mail.objects.exists(), "all or nothing"
    assert [remind(), remind()] == [1, 0]
    assert Mail.objects.get().member == acme.rosa


def _in(acme: Cast, work: Callable[[], object]) -> object:
    with acting_for(acme.organization):
        return work()
