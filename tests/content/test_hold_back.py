"""What does not go out yet: stopped, held by a word from above, not seen by anybody, or changed since."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from content import gate, holding, publishing
from content.actions.pieces import edit_piece
from content.actions.publications import plan, plan_now, settle_publication
from content.actions.variants import edit_variant
from content.models import Publication, ReviewPolicy
from engagement.actions.stops import lift_stop, stop_sending
from listening.networks.protocols import Refused
from maturity.actions.surges import plan_surge, switch_surge_off, switch_surge_on
from roles.models.mail import Mail
from tests import factories
from tests.cast import Cast
from tests.content.doubles import Square, raising
from tests.content.publishing import look_after, publish
from tests.engagement.writing import Time


def test_a_stop_holds_it_back_until_a_person_lets_it_go(
    creating: Cast, planned: Any, square: Square, now: Time
) -> None:
    row = planned()
    stop = stop_sending(creating.organization, reason="Fire", by=creating.carla, at=now())
    publish(now)
    row.refresh_from_db()
    assert (row.state, row.problem, square.taken) == ("held", "Nothing goes out now: Fire", [])
    lift_stop(stop, by=creating.carla, at=now())
    publish(now)
    assert not square.taken
    settle_publication(row, decision="send_again", by=creating.rosa, at=now())
    publish(now)
    assert len(square.taken) == 1


def test_what_is_held_beyond_its_grace_is_missed(creating: Cast, planned: Any, square: Square, now: Time) -> None:
    row = planned()
    stop_sending(creating.organization, reason="Fire", by=creating.carla, at=now())
    publish(now)
    now.pass_by(3601)
    assert look_after(now) == 1
    row.refresh_from_db()
    assert row.state == "missed" and "Fire" in row.problem


def test_a_word_from_above_holds_it_back(
    creating: Cast, planned: Any, square: Square, now: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding, "_askers", [lambda department, at: "A surge is running."])
    row = planned()
    publish(now)
    row.refresh_from_db()
    assert (row.state, row.problem, square.taken) == ("held", "A surge is running.", [])
    assert row.owner is not None and row.put_before_person_at is not None
    monkeypatch.setattr(holding, "_askers", [])
    look_after(now)
    publish(now)
    row.refresh_from_db()
    assert (row.state, row.put_before_person_at, len(square.taken)) == ("accepted", None, 1)


def test_a_surge_plan_holds_what_is_published_until_it_ends(
    creating: Cast, planned: Any, square: Square, now: Time
) -> None:
    acting = {"by": creating.carla, "at": now()}
    plan = plan_surge(creating.organization, title="Sale", holds_content=True, **acting)
    switch_surge_on(plan, **acting)
    row = planned()
    publish(now)
    row.refresh_from_db()
    assert row.state == "held" and not square.taken
    now.pass_by(60)
    assert look_after(now) == 1
    row.refresh_from_db()
    assert row.state == "held"
    switch_surge_off(plan, by=creating.carla, at=now())
    look_after(now)
    publish(now)
    assert len(square.taken) == 1


def test_nothing_is_posted_by_hand_into_a_crisis(creating: Cast, written: Any, now: Time) -> None:
    place = factories.channel(network="by-hand", handle="board")
    row = plan_now(written(channel=place), by=creating.rosa, at=now())
    stop = stop_sending(creating.organization, reason="Fire", by=creating.carla, at=now())
    publish(now)
    row.refresh_from_db()
    assert row.state == "held" and not Mail.objects.filter(kind="publication").exists()
    lift_stop(stop, by=creating.carla, at=now())
    look_after(now)
    row.refresh_from_db()
    assert row.state == "held", "what a stop has held goes only by a person's word"
    settle_publication(row, decision="send_again", by=creating.rosa, at=now())
    publish(now)
    row.refresh_from_db()
    assert row.state == "by_hand"


def test_what_was_refused_meets_a_stop_as_at_first(creating: Cast, planned: Any, square: Square, now: Time) -> None:
    square.before = raising(Refused("Not so."))
    row = planned()
    publish(now)
    stop_sending(creating.organization, reason="Fire", by=creating.carla, at=now())
    square.before = lambda out: None
    settle_publication(row, decision="send_again", by=creating.rosa, at=now())
    publish(now)
    row.refresh_from_db()
    assert (row.state, square.taken) == ("held", [])
    with pytest.raises(PermissionDenied):
        settle_publication(row, decision="send_again", by=creating.rosa, at=now())
    settle_publication(row, decision="send_again", by=creating.carla, at=now())
    publish(now)
    assert len(square.taken) == 1


def test_what_is_changed_while_it_goes_out_does_not_go_out_so(
    creating: Cast, planned: Any, square: Square, now: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = planned()
    deliver = publishing.PublicationsOut.send

    def changed_meanwhile(out: Any, access: Any, publication: Publication) -> Any:
        publication.variant.text = "Nobody has seen this."
        return deliver(out, access, publication)

    monkeypatch.setattr(publishing.PublicationsOut, "send", changed_meanwhile)
    publish(now)
    row.refresh_from_db()
    assert (row.state, square.taken) == ("ready", []) and "changed" in row.problem
    monkeypatch.undo()
    now.pass_by(61)
    publish(now)
    assert len(square.taken) == 1


def test_words_that_were_changed_are_checked_as_when_they_were_planned(
    creating: Cast, written: Any, square: Square, now: Time
) -> None:
    variant = written()
    due = now() + timedelta(hours=2)
    row = plan(variant, on_day=due.date(), at_time=due.time(), zone="UTC", by=creating.rosa, at=now())
    edit_variant(variant, text="", by=creating.rosa, at=now())
    row.refresh_from_db()
    assert (row.state, row.problem) == ("waiting", "There is nothing to read yet.")
    edit_variant(variant, text="Now there is.", by=creating.rosa, at=now())
    row.refresh_from_db()
    assert row.state == "ready"


def test_what_waits_for_a_yes_is_asked_again(
    creating: Cast, planned: Any, square: Square, now: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    reasons = ["Nobody has reviewed it."]
    monkeypatch.setattr(gate, "_askers", [lambda publication, at: "".join(reasons)])
    row = planned()
    assert (row.state, row.problem) == ("waiting", "Nobody has reviewed it.")
    publish(now)
    assert not square.taken
    reasons.clear()
    edit_piece(row.variant.piece, body="Reviewed.", by=creating.rosa, at=now())
    row.refresh_from_db()
    assert row.state == "ready"
    reasons.append("It was edited since.")
    publish(now)
    row.refresh_from_db()
    assert (row.state, square.taken) == ("waiting", []), "asked once more in the transaction that begins"
    reasons.clear()
    assert look_after(now) == 1
    publish(now)
    assert len(square.taken) == 1


def test_what_nobody_has_reviewed_does_not_go_out(creating: Cast, planned: Any, square: Square, now: Time) -> None:
    row = planned()
    ReviewPolicy.objects.all().delete()
    publish(now)
    row.refresh_from_db()
    assert (row.state, square.taken) == ("waiting", []) and "review" in row.problem
