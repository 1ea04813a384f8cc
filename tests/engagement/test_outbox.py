"""The way out: accepted, refused or unknown; attempted once, looked for, settled by a person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from engagement import outbox
from engagement.actions.deliveries import settle_delivery
from engagement.actions.replies import reply
from engagement.models import Assignment, Delivery, Draft, Reply
from engagement.refusals import Refusal
from listening import networks
from listening.models import Channel, PracticeAccount, PracticePost
from listening.networks.protocols import Accepted
from listening.way_out.housekeeping import LOOKS
from roles.models import AuditEntry, Level, Position
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast
from tests.engagement.doubles import Mute, Town, asks_to_wait, loses_the_answer, refuses
from tests.engagement.writing import Time, deliver, look


def test_accepted_answers_and_resolves(acme: Cast, written: Any, town: Town, now: Time) -> None:
    made = written()
    deliver(now)
    made.refresh_from_db()
    row = Assignment.objects.get()
    assert town.texts == ["We are on it."]
    assert town.handles == ["acme"]
    assert (town.taken[0].key, town.taken[0].to) == (made.key, made.post.remote_id)
    assert (made.state, made.remote_id, made.remote_url) == ("accepted", "t0", "https://town.example.org/0")
    assert (row.state, row.outcome, row.first_answered_at, row.resolved_at) == ("resolved", "answered", now(), now())
    assert [d.outcome for d in Delivery.objects.all()] == ["accepted"]
    assert set(AuditEntry.objects.values_list("verb", flat=True)) >= {"reply", "accept_reply", "resolve"}


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//planted.example/", "\x00\ud800"])
def test_an_address_that_a_page_must_not_link_to_is_not_kept_and_accepted_stays_accepted(
    written: Any, town: Town, now: Time, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    made = written()
    monkeypatch.setattr(town, "reply", lambda *_said, **_more: Accepted(id="t\x00\ud8000", url=url))
    deliver(now)
    made.refresh_from_db()
    assert (made.state, made.remote_id, made.remote_url) == ("accepted", "t0", "")


def test_a_reply_that_does_not_resolve_leaves_it_open(acme: Cast, written: Any, now: Time) -> None:
    written(resolves=False)
    deliver(now)
    row = Assignment.objects.get()
    assert (row.state, row.first_answered_at) == ("claimed", now())


def test_a_reply_is_delivered_once(written: Any, town: Town, now: Time) -> None:
    written()
    for _ in range(3):
        deliver(now)
        look(now)
    assert len(town.taken) == 1


def test_what_was_accepted_is_looked_for_once_and_seen(written: Any, town: Town, now: Time) -> None:
    written()
    deliver(now)
    look(now, times=3)
    assert (Reply.objects.get().seen_at is not None, town.looks) == (True, 1)


def test_what_cannot_be_seen_says_so(written: Any, town: Town, now: Time) -> None:
    written()
    deliver(now)
    town.taken.clear()
    look(now, times=5)
    made = Reply.objects.get()
    assert (made.state, made.seen_at, town.looks) == ("accepted", None, 3)
    assert "cannot be seen" in made.problem


def test_refused_gives_the_text_back_and_asks_a_person(acme: Cast, written: Any, town: Town, now: Time) -> None:
    town.before = refuses
    made = written()
    deliver(now)
    made.refresh_from_db()
    assert (made.state, made.problem) == ("refused", "The town does not want to hear this.")
    assert made.put_before_person_at == now()
    assert Draft.objects.get(member=acme.rosa).text == made.text
    assert Assignment.objects.get().first_answered_at is None
    assert list(Reply.objects.before_a_person()) == [made]
    deliver(now)
    assert not town.taken


def test_what_waits_for_a_network_that_was_taken_away_comes_back(written: Any, town: Town, now: Time) -> None:
    made = written()
    networks._registered().pop(town.name)
    deliver(now)
    networks._registered()[town.name] = town
    made.refresh_from_db()
    assert (made.state, made.put_before_person_at, town.taken) == ("refused", now(), [])
    assert "“town” is not installed here any more" in made.problem


def test_refused_does_not_overwrite_what_was_begun_since(acme: Cast, written: Any, town: Town, now: Time) -> None:
    town.before = refuses
    made = written()
    Draft.objects.create(assignment=made.assignment, member=acme.rosa, text="New.", saved_at=now())
    deliver(now)
    assert Draft.objects.get().text == "New."


def test_being_asked_to_wait_it_goes_out_later(written: Any, town: Town, now: Time) -> None:
    town.before = asks_to_wait
    written()
    deliver(now)
    made = Reply.objects.get()
    assert (made.state, made.next_attempt_at, made.lease_key) == ("ready", now() + timedelta(seconds=120), "")
    town.before = lambda outgoing: None
    now.pass_by(119)
    deliver(now)
    assert not town.taken
    now.pass_by(2)
    deliver(now)
    assert Reply.objects.get().state == "accepted"
    assert len(town.taken) == 1


@pytest.mark.parametrize("problem", [loses_the_answer, lambda outgoing: 1 / 0])
def test_a_lost_answer_is_unknown_and_found_by_looking(written: Any, town: Town, now: Time, problem: Any) -> None:
    town.after = problem
    written()
    deliver(now)
    made = Reply.objects.get()
    assert (made.state, made.put_before_person_at) == ("unknown", None)
    # However long nobody looks, what may have arrived is not sent again.
    now.pass_by(10 * LOOKS[-1])
    deliver(now)
    assert len(town.taken) == 1
    look(now)
    made.refresh_from_db()
    assert (made.state, made.remote_id, made.seen_at) == ("accepted", "t0", now())
    assert Assignment.objects.get().state == "resolved"
    assert len(town.taken) == 1


def test_what_two_looks_do_not_find_is_put_before_a_person(written: Any, town: Town, now: Time) -> None:
    town.before = loses_the_answer
    written()
    deliver(now)
    look(now)
    assert Reply.objects.get().put_before_person_at is None
    look(now)
    made = Reply.objects.get()
    assert (made.state, made.put_before_person_at) == ("unknown", now())
    assert "not at the network" in made.problem
    look(now, times=10)
    assert town.looks == len(LOOKS)
    assert Reply.objects.get().state == "unknown"
    assert not town.taken


def test_what_appears_late_is_accepted_after_all(written: Any, town: Town, now: Time) -> None:
    town.before = loses_the_answer
    written()
    deliver(now)
    look(now, times=2)
    town.taken.append(outbox.outgoing_reply(Reply.objects.with_everything().get()))
    look(now)
    made = Reply.objects.get()
    assert (made.state, made.put_before_person_at) == ("accepted", None)


def test_a_network_that_never_tells_leaves_it_to_a_person(written: Any, town: Town, now: Time) -> None:
    town.after = town.look = loses_the_answer
    written()
    deliver(now)
    look(now, times=len(LOOKS) + 3)
    made = Reply.objects.get()
    assert (made.state, town.looks) == ("unknown", len(LOOKS))
    assert made.put_before_person_at is not None
    assert "does not tell" in made.problem


def test_a_network_that_cannot_be_asked_leaves_it_to_a_person_at_once(written: Any, mute: Mute, now: Time) -> None:
    mute.after = loses_the_answer
    written(network="mute")
    deliver(now)
    assert Reply.objects.get().put_before_person_at == now()
    look(now, times=3)
    assert Reply.objects.get().state == "unknown"


def test_the_lease_of_a_dead_worker_ends_in_unknown_never_in_ready(written: Any, town: Town, now: Time) -> None:
    made = written()

    def die(outgoing: Any) -> None:
        raise SystemExit

    town.after = die
    with pytest.raises(SystemExit):
        deliver(now)
    assert Reply.objects.get().state == "sending"
    deliver(now)
    with acting_for(None):
        assert outbox.expire_leases(at=now()) == 0
    now.pass_by(61)
    with acting_for(None):
        assert outbox.expire_leases(at=now()) == 1
    made.refresh_from_db()
    assert made.state == "unknown"
    assert [d.outcome for d in made.deliveries.all()] == ["unknown"]
    deliver(now)
    look(now)
    made.refresh_from_db()
    assert (made.state, len(town.taken)) == ("accepted", 1)


def test_an_answer_after_the_lease_is_the_truth(written: Any, town: Town, now: Time) -> None:
    def stall(outgoing: Any) -> None:
        now.pass_by(61)
        with acting_for(None):
            assert outbox.expire_leases(at=now()) == 1

    town.after = stall
    written()
    deliver(now)
    assert Reply.objects.get().state == "accepted"


def test_a_worker_that_lost_its_lease_before_the_call_does_not_call(
    written: Any, town: Town, now: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    written()
    hold = outbox.replies_out.hold

    def dawdle(claimed: Any) -> Reply:
        now.pass_by(61)
        with acting_for(None):
            outbox.expire_leases(at=now())
        return hold(claimed)

    monkeypatch.setattr(outbox.replies_out, "hold", dawdle)
    deliver(now)
    assert not town.taken
    assert Reply.objects.get().state == "unknown"


def test_a_worker_whose_reply_is_in_other_hands_by_now_does_not_call(
    written: Any, town: Town, now: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is being sent, and by another: the key of the lease tells the two apart."""
    made = written()
    hold = outbox.replies_out.hold

    def in_other_hands(claimed: Any) -> Reply:
        Reply.objects.filter(pk=claimed.key).update(lease_key="another")
        return hold(claimed)

    monkeypatch.setattr(outbox.replies_out, "hold", in_other_hands)
    deliver(now)
    made.refresh_from_db()
    assert (made.state, made.lease_key, town.taken) == ("sending", "another", [])


def test_what_is_forbidden_meanwhile_does_not_go_out(acme: Cast, written: Any, town: Town, now: Time) -> None:
    made = [written(f"Reply {number}.") for number in range(3)]
    type(made[0].post).objects.filter(pk=made[0].post_id).update(withdrawn_at=now())
    deliver_one = Reply.objects.filter(pk__in=[made[1].pk, made[2].pk])
    deliver_one.update(next_attempt_at=now() + timedelta(seconds=1))
    deliver(now)
    made[0].refresh_from_db()
    assert (made[0].state, "withdrawn" in made[0].problem) == ("refused", True)
    now.pass_by(1)
    acme.organization.level = Level.PASSIVE
    acme.organization.save()
    deliver(now)
    assert set(Reply.objects.values_list("state", flat=True)) == {"refused"}
    assert "Responsive" in Reply.objects.get(pk=made[1].pk).problem
    assert not town.taken


@pytest.mark.parametrize("lost", ["position", "account"])
def test_who_may_no_more_does_not_speak(acme: Cast, written: Any, town: Town, now: Time, lost: str) -> None:
    written()
    if lost == "position":
        Position.objects.filter(member=acme.rosa).delete()
    else:
        Channel.objects.update(is_active=False)
    deliver(now)
    assert (Reply.objects.get().state, town.taken) == ("refused", [])


def unknown(written: Any, town: Town, now: Time, looks: int = 2) -> Reply:
    town.before = loses_the_answer
    made: Reply = written()
    deliver(now)
    look(now, times=looks)
    town.before = lambda outgoing: None
    made.refresh_from_db()
    return made


def test_a_person_has_it_sent_again_under_the_same_key(acme: Cast, written: Any, town: Town, now: Time) -> None:
    made = unknown(written, town, now)
    settle_delivery(made, decision="send_again", by=acme.rosa, at=now())
    deliver(now)
    made.refresh_from_db()
    assert (made.state, [taken.key for taken in town.taken]) == ("accepted", [made.key])
    kinds = list(made.deliveries.values_list("kind", "outcome"))
    assert kinds == [("send", "unknown"), ("look", "absent"), ("look", "absent"), ("person", "send_again"),
                     ("send", "accepted")]  # fmt: skip


@pytest.mark.parametrize("decision", ["send_again", "give_up"])
def test_nobody_may_try_again_before_it_was_looked_for(
    acme: Cast, written: Any, town: Town, now: Time, decision: str
) -> None:
    made = unknown(written, town, now, looks=1)
    with pytest.raises(Refusal, match="still checking"):
        settle_delivery(made, decision=decision, by=acme.rosa, at=now())


def test_a_person_says_that_it_was_sent(acme: Cast, written: Any, town: Town, now: Time) -> None:
    made = unknown(written, town, now)
    with pytest.raises(ValidationError):
        settle_delivery(made, decision="mark_as_sent", url="javascript:alert(1)", by=acme.rosa, at=now())
    settle_delivery(made, decision="mark_as_sent", url="https://town.example.org/9", by=acme.rosa, at=now())
    made.refresh_from_db()
    assert (made.state, made.remote_url) == ("accepted", "https://town.example.org/9")
    assert Assignment.objects.get().outcome == "answered"


def test_a_person_gives_up_and_has_the_text_back(acme: Cast, written: Any, town: Town, now: Time) -> None:
    made = unknown(written, town, now)
    settle_delivery(made, decision="give_up", by=acme.rosa, at=now())
    assert Reply.objects.get().state == "cancelled"
    assert Draft.objects.get().text == made.text
    assert not Reply.objects.before_a_person().exists()
    assert Assignment.objects.get().state == "claimed"
    deliver(now)
    look(now, times=3)
    assert not town.taken


def test_a_reply_that_has_not_gone_out_can_be_called_back(acme: Cast, written: Any, town: Town, now: Time) -> None:
    made = written()
    settle_delivery(made, decision="give_up", by=acme.rosa, at=now())
    deliver(now)
    assert (town.taken, Draft.objects.get().text) == ([], made.text)


def test_a_refused_reply_can_be_tried_again(acme: Cast, written: Any, town: Town, now: Time) -> None:
    town.before = refuses
    made = written()
    deliver(now)
    town.before = lambda outgoing: None
    settle_delivery(made, decision="send_again", by=acme.rosa, at=now())
    assert not Draft.objects.exists()
    deliver(now)
    assert len(town.taken) == 1


def test_there_is_nothing_to_settle_about_what_was_sent(acme: Cast, written: Any, now: Time) -> None:
    made = written()
    deliver(now)
    for decision in ("send_again", "mark_as_sent", "give_up"):
        with pytest.raises(Refusal):
            settle_delivery(made, decision=decision, by=acme.rosa, at=now())


def test_only_coach_and_responder_settle(acme: Cast, written: Any, town: Town, now: Time) -> None:
    made = unknown(written, town, now)
    for member in (acme.olga, acme.gita, acme.bodo, acme.elif_):
        with pytest.raises(PermissionDenied):
            settle_delivery(made, decision="give_up", by=member, at=now())


def test_an_answer_appears_on_the_practice_field_once(acme: Cast, given: Any, now: Time) -> None:
    ours = PracticeAccount.objects.create(handle="acme", name="Acme", is_ours=True)
    asker = PracticeAccount.objects.create(handle="ada", name="Ada")
    asked = PracticePost.objects.create(account=asker, text="Help?", published_at=now(), changed_number=1)
    factories.channel(handle="acme", account_id=str(ours.pk))
    about = factories.post(remote_id=str(asked.pk))
    row = given(mention=factories.mention(post=about, department=acme.care))
    made = reply(row, text="Here we are.", by=acme.rosa, at=now())
    deliver(now)
    look(now)
    made.refresh_from_db()
    posted = PracticePost.objects.get(account=ours)
    assert (posted.text, posted.in_reply_to) == ("Here we are.", asked)
    assert (made.state, made.remote_id) == ("accepted", str(posted.pk))
    assert made.seen_at is not None
