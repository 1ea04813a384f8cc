"""The way out of publications: once, in time or not at all, looked for where in doubt, settled by a person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from content import publishing
from content.actions.publications import plan, plan_now, reassign_publication, replan, settle_publication
from content.digest import digest_of
from content.models import Piece, Publication
from content.punctuality import remind
from engagement.refusals import Refusal
from listening.models import PracticeAccount, PracticePost
from listening.networks.protocols import RateLimited, Refused
from roles.models import AuditEntry, Level, Position
from roles.models.mail import Mail
from tests import factories
from tests.cast import Cast
from tests.content.doubles import LOST, Square, raising
from tests.content.publishing import look, look_after, publish
from tests.engagement.writing import Time


def test_it_goes_out_once_when_its_time_has_come(
    creating: Cast, written: Any, square: Square, now: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    variant = written(link="https://acme.example/", tags=["bikes"], language="en", title="Wheels")
    due = now() + timedelta(hours=2)
    row = plan(variant, on_day=due.date(), at_time=due.time(), zone="UTC", by=creating.rosa, at=now())
    publish(now)
    assert not square.taken
    heard: list[Publication] = []
    monkeypatch.setattr(publishing, "_follow", [lambda publication, at: heard.append(publication)])
    now.pass_by(2 * 3600)
    publish(now)
    publish(now)
    row.refresh_from_db()
    assert (row.state, row.remote_id, row.remote_url) == ("accepted", "s0", "https://square.example.org/0")
    out: Any = square.taken[0]
    assert (out.key, out.at, out.link, out.tags, out.language, out.title) == (
        row.key, row.begun_at, "https://acme.example/", ("bikes",), "en", "Wheels"
    )  # fmt: skip
    assert len(square.taken) == 1 and [one.pk for one in heard] == [row.pk]
    assert row.digest == digest_of(variant) and row.begun_at == now()
    look(now)
    row.refresh_from_db()
    assert row.seen_at is not None and square.looks == 1
    assert {"plan", "accept_publication"} <= set(AuditEntry.objects.values_list("verb", flat=True))


def test_what_is_late_beyond_its_grace_is_missed_and_told(
    creating: Cast, planned: Any, square: Square, now: Time
) -> None:
    row = planned()
    now.pass_by(60 * 60 + 1)
    publish(now)
    row.refresh_from_db()
    assert (row.state, row.owner, square.taken) == ("missed", creating.rosa, [])
    assert list(Publication.objects.before_a_person()) == [row]
    [mail] = Mail.objects.filter(kind="publication")
    assert mail.member == creating.rosa and "Not published" in mail.subject
    publish(now)
    assert not square.taken and Mail.objects.filter(kind="publication").count() == 1
    settle_publication(row, decision="send_again", by=creating.rosa, at=now())
    publish(now)
    row.refresh_from_db()
    assert (row.state, row.put_before_person_at, len(square.taken)) == ("accepted", None, 1)


def test_what_is_late_within_its_grace_goes_out(planned: Any, square: Square, now: Time) -> None:
    planned()
    now.pass_by(59 * 60)
    publish(now)
    assert len(square.taken) == 1


def test_what_is_put_off_beyond_its_grace_is_missed(planned: Any, square: Square, now: Time) -> None:
    square.before = raising(RateLimited("Too many posts.", wait=3000))
    row = planned()
    publish(now)
    row.refresh_from_db()
    assert (row.state, row.problem) == ("ready", "Too many posts.")
    assert look_after(now) == 0
    now.pass_by(3601)
    assert look_after(now) == 1
    row.refresh_from_db()
    assert row.state == "missed" and "Too many posts." in row.problem


def test_a_lost_answer_is_looked_for_and_never_repeated(planned: Any, square: Square, now: Time) -> None:
    square.after = LOST
    row = planned()
    publish(now)
    row.refresh_from_db()
    assert row.state == "unknown"
    now.pass_by(10_000)
    publish(now)
    assert len(square.taken) == 1
    look(now)
    row.refresh_from_db()
    assert (row.state, row.remote_id, len(square.taken)) == ("accepted", "s0", 1)
    assert [one.outcome for one in row.deliveries.all()] == ["unknown", "found"]


def test_a_person_decides_about_what_is_not_found(creating: Cast, planned: Any, square: Square, now: Time) -> None:
    square.before = LOST
    row = planned()
    publish(now)
    first = Publication.objects.get().begun_at
    with pytest.raises(Refusal, match="still checking"):
        settle_publication(row, decision="send_again", by=creating.rosa, at=now())
    look(now, times=2)
    square.before = lambda out: None
    settle_publication(row, decision="send_again", by=creating.rosa, at=now())
    publish(now)
    row.refresh_from_db()
    out: Any = square.taken[0]
    assert (row.state, out.key, out.at) == ("accepted", row.key, first), "the same again, its date included"


def test_what_is_refused_waits_for_a_person(creating: Cast, planned: Any, square: Square, now: Time) -> None:
    square.before = raising(Refused("The square does not want this."))
    row = planned()
    publish(now)
    row.refresh_from_db()
    assert (row.state, row.problem, row.owner) == ("refused", "The square does not want this.", creating.rosa)
    now.pass_by(3600)
    assert remind(at=now()) == 1 and remind(at=now()) == 0
    reassign_publication(row, to=creating.rui, by=creating.carla, at=now())
    with pytest.raises(ValidationError):
        reassign_publication(row, to=creating.gita, by=creating.carla, at=now())
    square.before = lambda out: None
    due = now() + timedelta(days=1)
    replan(row, on_day=due.date(), at_time=due.time(), zone="UTC", by=creating.rosa, at=now())
    now.pass_by(24 * 3600)
    publish(now)
    row.refresh_from_db()
    assert (row.state, len(square.taken)) == ("accepted", 1)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "square.example.org"])
def test_a_person_says_where_it_stands(creating: Cast, planned: Any, square: Square, now: Time, url: str) -> None:
    square.before = raising(Refused("No."))
    row = planned()
    publish(now)
    with pytest.raises(ValidationError):
        settle_publication(row, decision="mark_as_sent", url=url, by=creating.rosa, at=now())
    settle_publication(row, decision="mark_as_sent", url="https://square.example.org/9", by=creating.rosa, at=now())
    row.refresh_from_db()
    assert (row.state, row.remote_url) == ("accepted", "https://square.example.org/9")
    with pytest.raises(Refusal):
        settle_publication(row, decision="give_up", by=creating.rosa, at=now())


@pytest.mark.parametrize("lost", ["position", "level", "piece", "variant"])
def test_what_may_no_more_go_out_does_not(creating: Cast, planned: Any, square: Square, now: Time, lost: str) -> None:
    row = planned()
    match lost:
        case "position":
            Position.objects.filter(member=creating.rosa).delete()
        case "level":
            creating.organization.level = Level.RESPONSIVE
            creating.organization.save()
        case "piece":
            Piece.objects.update(state="dropped")
        case _:
            type(row.variant).objects.update(is_dropped=True)
    publish(now)
    row.refresh_from_db()
    assert (row.state, square.taken) == ("refused", []) and row.problem and row.put_before_person_at


def test_by_hand_it_waits_for_whoever_posts_it(creating: Cast, written: Any, now: Time) -> None:
    channel = factories.channel(network="by-hand", handle="by hand", name="The window")
    row = plan_now(written(channel=channel), by=creating.rosa, at=now())
    publish(now)
    row.refresh_from_db()
    assert (row.state, row.owner) == ("by_hand", creating.rosa)
    assert "Post this by hand" in Mail.objects.get(kind="publication").subject
    now.pass_by(3600)
    assert remind(at=now()) == 1
    settle_publication(row, decision="mark_as_sent", by=creating.rosa, at=now())
    row.refresh_from_db()
    assert row.state == "accepted"


def test_a_piece_appears_on_the_practice_field_once(creating: Cast, written: Any, now: Time) -> None:
    ours = PracticeAccount.objects.create(handle="acme", name="Acme", is_ours=True)
    channel = factories.channel(handle="acme", account_id=str(ours.pk))
    row = plan_now(written("Saturday, ten o'clock.", channel=channel), by=creating.rosa, at=now())
    publish(now)
    look(now)
    row.refresh_from_db()
    posted = PracticePost.objects.get()
    assert (posted.text, row.remote_id) == ("Saturday, ten o'clock.", str(posted.pk)) and row.seen_at
