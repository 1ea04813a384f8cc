"""A review: of exactly what would go out, by somebody else, step by step; what is edited goes back alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from content.actions.pieces import drop_piece, edit_piece
from content.actions.publications import plan_now
from content.actions.review_policies import add_review_policy
from content.actions.reviews import (
    approve_review,
    ask_for_review,
    remark_on_review,
    withdraw_review,
)
from content.actions.variants import edit_variant
from content.digest import digest_of
from content.models import Review, ReviewStep, Variant
from content.review_counts import reviews_for
from content.review_rules import TimedStep, waiting_step
from content.reviewing import review_state, waits_for_review
from engagement.refusals import Refusal, Stale
from roles import clock
from roles.models import AuditEntry, Department, Mail, Member, Role
from tests import factories
from tests.cast import Cast, join
from tests.content.doubles import Square
from tests.content.publishing import publish
from tests.content.reviews import ask, base, no, piece, seal, states, yes
from tests.engagement.writing import Time

COACH = TimedStep(roles=(Role.COACH,))


def fresh(member: Member) -> Member:
    return Member.objects.select_related("user", "organization").get(pk=member.pk)


def test_asked_it_waits_and_approved_it_may_go_out(acme: Cast) -> None:
    about = piece(acme, 2)
    assert states(about) == ["needed", "needed"]
    review = ask(about, acme.rosa)
    assert states(about) == ["waiting", "waiting"]
    rows = {row.pk: digest_of(row) for row in Variant.objects.all()}
    assert review.digests == rows
    assert [reviews_for(fresh(member)) for member in (acme.carla, acme.rosa, acme.bodo)] == ["1", "", ""]
    with pytest.raises(Refusal, match="already"):
        ask_for_review(about, by=acme.rosa, at=clock.now())
    assert yes(review, acme.carla).state == "approved"
    assert states(about) == ["approved", "approved"] and reviews_for(fresh(acme.carla)) == ""
    with pytest.raises(Refusal, match="approved as it is"):
        ask_for_review(about, by=acme.rosa, at=clock.now())
    assert set(AuditEntry.objects.values_list("verb", flat=True)) >= {"ask_for_review", "approve_review"}
    assert {mail.member for mail in Mail.objects.filter(kind="review")} == {acme.carla, acme.rosa}


def test_an_edit_sends_back_exactly_the_variant_that_was_changed(acme: Cast) -> None:
    about = piece(acme, 3)
    first, second, third = Variant.objects.order_by("pk")
    review = ask(about, acme.rosa)
    before = seal(review)
    edit_variant(second, text="Softer.", by=acme.rosa, at=clock.now())
    assert states(about) == ["waiting", "changed", "waiting"]
    with pytest.raises(Stale):
        yes(review, acme.carla, to=before)
    assert Mail.objects.filter(member=acme.carla, kind="review").count() == 2, "the first link is of more"
    yes(review, acme.carla)
    assert states(about) == ["approved", "changed", "approved"]
    # After the approval it is the same.
    edit_variant(first, text="Harder.", by=acme.rosa, at=clock.now())
    assert states(about) == ["needed", "changed", "approved"]
    again = ask(about, acme.rosa)
    assert set(again.digests) == {first.pk, second.pk}
    yes(again, acme.carla)
    # What was approved once is approved, however it came back.
    edit_variant(third, text="New", by=acme.rosa, at=clock.now())
    edit_variant(third, text="We true wheels on Saturdays.", by=acme.rosa, at=clock.now())
    assert states(about) == ["approved", "approved", "approved"]


def test_when_all_of_it_was_changed_the_review_has_ended(acme: Cast) -> None:
    about = piece(acme)
    review = ask(about, acme.rosa)
    edit_piece(about, body="Only the body.", by=acme.rosa, at=clock.now())
    review.refresh_from_db()
    assert review.state == "waiting"
    edit_variant(Variant.objects.get(), text="Else.", by=acme.rosa, at=clock.now())
    review.refresh_from_db()
    assert review.state == "changed" and not ReviewStep.objects.waiting().exists()
    with pytest.raises(Refusal, match="decided already"):
        approve_review(review, seal="x", by=acme.carla, at=clock.now())
    assert ask(about, acme.rosa).state == "waiting"


def test_nobody_approves_their_own(acme: Cast) -> None:
    """Neither the author, nor whoever saved what is asked about, whichever way they come."""
    base(acme, TimedStep(roles=("responder", "booth")))
    about = piece(acme)
    edit_variant(Variant.objects.get(), text="By Bodo.", by=acme.bodo, at=clock.now())
    edit_piece(about, body="By Rui.", by=acme.rui, at=clock.now())
    review = ask(about, acme.gita)
    assert set(review.maker_ids) == {acme.rosa.pk, acme.bodo.pk, acme.rui.pk}
    # Nobody but its makers could say yes, so a coach is asked.
    step = waiting_step(review)
    assert step is not None and step.roles == ["coach"]
    for member in (acme.rosa, acme.bodo, acme.rui):
        assert reviews_for(fresh(member)) == ""
        with pytest.raises(PermissionDenied, match="wrote it"):
            yes(review, member)
        with pytest.raises(PermissionDenied, match="wrote it"):
            no(review, member)
    with pytest.raises(PermissionDenied, match="not one of those"):
        yes(review, acme.olga)
    yes(review, acme.carla)


def test_a_yes_to_another_version_counts_nothing(acme: Cast) -> None:
    about = piece(acme)
    review = ask(about, acme.rosa)
    old = seal(review)
    with pytest.raises(Stale):
        yes(review, acme.carla, to="0" * 64)
    # However it was changed, even past everything that tells of changes.
    Variant.objects.update(text="Something else.")
    for said in (old, seal(review)):
        with pytest.raises(Stale):
            yes(review, acme.carla, to=said)
    assert states(about) == ["changed"] and Review.objects.get().state == "waiting"


def test_steps_follow_each_other_and_all_means_each(acme: Cast) -> None:
    base(
        acme,
        TimedStep(needs="all", roles=("coach",), member_ids=(acme.bodo.pk,)),
        TimedStep(member_ids=(acme.olga.pk,)),
    )
    review = ask(piece(acme), acme.rosa)
    first = seal(review)
    with pytest.raises(PermissionDenied):
        yes(review, acme.olga)
    yes(review, acme.bodo)
    with pytest.raises(Refusal, match="already"):
        yes(review, acme.bodo)
    assert yes(review, acme.carla).state == "waiting"
    with pytest.raises(Stale):
        yes(review, acme.olga, to=first)
    assert yes(review, acme.olga).state == "approved"


def test_variants_whose_policies_differ_are_asked_about_apart(acme: Cast) -> None:
    about = piece(acme, 3)
    channels = list(Variant.objects.order_by("pk").values_list("channel", flat=True))
    told = {"by": acme.carla, "at": clock.now()}
    add_review_policy(
        acme.organization, name="Free", steps=(), waives=True, channel=Variant.objects.get(channel=channels[0]).channel,
        **told,
    )  # fmt: skip
    add_review_policy(
        acme.organization, name="Legal", steps=(TimedStep(member_ids=(acme.bodo.pk,)),),
        channel=Variant.objects.get(channel=channels[1]).channel, **told,
    )  # fmt: skip
    made = ask_for_review(about, by=acme.rosa, at=clock.now())
    assert sorted(one.policy_name for one in made) == ["Everything is reviewed", "Legal"]
    assert states(about) == ["not_needed", "waiting", "waiting"]
    with pytest.raises(Refusal, match="without review"):
        ask_for_review(about, variants=[Variant.objects.get(channel=channels[0]).pk], by=acme.rosa, at=clock.now())


def test_sent_back_with_a_reason_it_is_asked_again(acme: Cast) -> None:
    about = piece(acme, 2)
    review = ask(about, acme.gita)
    with pytest.raises(ValidationError):
        no(review, acme.carla, " ")
    no(review, acme.carla)
    assert states(about) == ["sent_back", "sent_back"]
    assert {mail.member for mail in Mail.objects.filter(subject__contains="back")} == {acme.rosa, acme.gita}
    edit_variant(Variant.objects.order_by("pk")[0], text="On Monday.", by=acme.rosa, at=clock.now())
    assert states(about) == ["changed", "sent_back"]
    assert set(ask(about, acme.rosa).digests) == set(Variant.objects.values_list("pk", flat=True))


def test_a_remark_decides_nothing(acme: Cast) -> None:
    about = piece(acme)
    review = ask(about, acme.rosa)
    remark_on_review(review, text="Nice.", by=acme.carla, at=clock.now())
    remark_on_review(review, text="Very.", by=acme.carla, at=clock.now())
    assert states(about) == ["waiting"] and reviews_for(fresh(acme.carla)) == "1"
    assert Mail.objects.filter(member=acme.rosa, subject__contains="remarked").count() == 2
    assert yes(review, acme.carla).state == "approved"


def test_withdrawn_or_dropped_nobody_is_asked_any_more(acme: Cast) -> None:
    about = piece(acme)
    withdraw_review(ask(about, acme.rosa), by=acme.rosa, at=clock.now())
    assert states(about) == ["needed"] and reviews_for(fresh(acme.carla)) == ""
    review = ask(about, acme.rosa)
    drop_piece(about, by=acme.rosa, at=clock.now())
    review.refresh_from_db()
    assert review.state == "withdrawn"
    with pytest.raises(Refusal):
        approve_review(review, seal="x", by=acme.carla, at=clock.now())


def test_what_nobody_has_approved_waits_and_an_approval_lets_exactly_that_go_out(acme: Cast) -> None:
    about = piece(acme, 2)
    first, second = Variant.objects.order_by("pk")
    waits = factories.publication(first, state="waiting")
    assert "ask for a review" in waits_for_review(waits, clock.now())
    review = ask(about, acme.rosa)
    waits.refresh_from_db()
    assert "waits for review" in waits.problem
    edit_variant(second, text="Else.", by=acme.rosa, at=clock.now())
    other = factories.publication(second, state="waiting")
    yes(review, acme.carla)
    waits.refresh_from_db()
    other.refresh_from_db()
    assert (waits.state, other.state, waits_for_review(waits, clock.now())) == ("ready", "waiting", "")
    # An edit after the approval, even one past everything that tells of changes.
    edit_variant(first, text="Edited.", by=acme.rosa, at=clock.now())
    waits.refresh_from_db()
    assert waits.state == "waiting"
    Variant.objects.filter(pk=first.pk).update(text="Changed behind everybody's back.")
    assert waits_for_review(waits, clock.now())


def test_what_is_due_and_not_approved_does_not_go_out_and_goes_when_it_is(
    creating: Cast, square: Square, now: Time
) -> None:
    about = factories.piece(author=creating.rosa, department=creating.care, kind="article")
    variant = factories.variant(about, channel=factories.channel(network="square"))
    row = plan_now(variant, by=creating.rosa, at=now())
    publish(now)
    row.refresh_from_db()
    assert (row.state, square.taken) == ("waiting", [])
    review = ask(about, creating.rosa)
    Variant.objects.filter(pk=variant.pk).update(text="Unseen.")
    with pytest.raises(Stale):
        yes(review, creating.carla)
    Variant.objects.filter(pk=variant.pk).update(text=variant.text)
    yes(review, creating.carla)
    now.pass_by(600)
    publish(now)
    row.refresh_from_db()
    assert (row.state, len(square.taken)) == ("accepted", 1)


def test_a_person_of_another_department_who_is_named_may_decide(acme: Cast) -> None:
    legal = Department.objects.create(name="Legal", slug="legal")
    lena = join("Lena", "booth", legal)
    base(acme, TimedStep(member_ids=(lena.pk,)))
    review = ask(piece(acme, department=acme.care), acme.rosa)
    assert reviews_for(fresh(lena)) == "1"
    yes(review, fresh(lena))


def test_review_states_cost_the_same_for_one_and_for_twenty(acme: Cast) -> None:
    about = piece(acme, 20)
    yes(ask(about, acme.rosa), acme.carla)

    def count(most: int) -> int:
        rows = list(Variant.objects.all()[:most])
        with CaptureQueriesContext(connection) as queries:
            review_state(rows)
        return len(queries)

    assert count(1) == count(20) <= 8


def test_time_for_a_step_is_counted_from_when_it_is_asked(acme: Cast) -> None:
    base(acme, TimedStep(roles=("coach",), hours=4), TimedStep(member_ids=(acme.bodo.pk,), hours=8))
    at = clock.now()
    review = ask(piece(acme), acme.rosa, at=at)
    yes(review, acme.carla, at=at + timedelta(hours=1))
    assert [step.due_at for step in review.steps.order_by("number")] == [
        at + timedelta(hours=4),
        at + timedelta(hours=9),
    ]
