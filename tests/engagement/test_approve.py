"""Approval: of exactly this text, by somebody else, step by step, and looked at once more when it goes out."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from engagement.actions.approvals import add_policy, approve, change_policy, remove_policy, send_back
from engagement.actions.deliveries import settle_delivery
from engagement.actions.replies import reply
from engagement.approving import digest_of
from engagement.attention import approvals_for
from engagement.models import Approval, ApprovalPolicy, Assignment, Draft, Reply
from engagement.refusals import Refusal, Stale, Taken
from roles.models import AuditEntry, Department, Mail, Member
from roles.steps import A_COACH, Step
from tests import factories
from tests.cast import Cast, join
from tests.engagement.doubles import Town
from tests.engagement.writing import Time, deliver

COACH = A_COACH


def waiting(made: Reply) -> Approval:
    return Approval.objects.with_everything().waiting().get(reply=made)


def yes(made: Reply, by: Member, now: Time, *, digest: str = "") -> Approval:
    step = waiting(made)
    return approve(step, digest=digest or digest_of(step.reply), by=by, at=now())


def test_without_a_policy_nothing_waits(written: Any, town: Town, now: Time) -> None:
    assert written().state == "ready"


def test_what_needs_approval_waits_and_goes_out_when_approved(
    acme: Cast, written: Any, town: Town, now: Time, policy: Any
) -> None:
    policy()
    made = written()
    assert made.state == "waiting"
    deliver(now)
    assert town.texts == []
    yes(made, acme.carla, now)
    made.refresh_from_db()
    assert (made.state, made.approved_digest) == ("ready", digest_of(made))
    deliver(now)
    assert town.texts == ["We are on it."]
    assert set(AuditEntry.objects.values_list("verb", flat=True)) >= {"ask_for_approval", "approve", "accept_reply"}


def test_those_who_are_asked_get_one_mail_and_a_count(acme: Cast, written: Any, now: Time, policy: Any) -> None:
    policy(Step(roles=("coach",), member_ids=(acme.bodo.pk,)))
    written()
    assert {mail.member for mail in Mail.objects.all()} == {acme.carla, acme.bodo}
    text = Mail.objects.first()
    assert text is not None and "We are on it." in text.text and "/o/acme/approvals/" in text.text
    assert [approvals_for(fresh(member)) for member in (acme.carla, acme.bodo, acme.rosa, acme.rui)] == [
        "1",
        "1",
        "",
        "",
    ]


def fresh(member: Member) -> Member:
    return Member.objects.select_related("user", "organization").get(pk=member.pk)


def test_nobody_approves_their_own_text(acme: Cast, written: Any, now: Time, policy: Any) -> None:
    policy(Step(roles=("responder",)))
    made = written()
    with pytest.raises(PermissionDenied, match="other than the writer"):
        yes(made, acme.rosa, now)
    with pytest.raises(PermissionDenied, match="not one of those"):
        yes(made, acme.carla, now)
    yes(made, acme.rui, now)
    assert Reply.objects.get().state == "ready"


def test_a_coach_who_writes_needs_another(acme: Cast, claimed: Any, town: Town, now: Time, policy: Any) -> None:
    policy()
    factories.channel(network="town")
    made = reply(claimed(acme.carla, network="town"), text="Mine.", by=acme.carla, at=now())
    # There is no other coach, so the owner is asked as well.
    assert waiting(made).roles == ["coach", "owner"]
    with pytest.raises(PermissionDenied):
        yes(made, acme.carla, now)
    yes(made, acme.olga, now)
    made.refresh_from_db()
    assert made.state == "ready"


def test_a_person_of_another_department_who_is_named_may_decide(
    acme: Cast, written: Any, now: Time, policy: Any
) -> None:
    legal = Department.objects.create(name="Legal", slug="legal")
    lena = join("Lena", "booth", legal)
    policy(Step(member_ids=(lena.pk,)))
    made = written()
    yes(made, fresh(lena), now)
    made.refresh_from_db()
    assert made.state == "ready"


def test_steps_follow_each_other(acme: Cast, written: Any, town: Town, now: Time, policy: Any) -> None:
    policy(COACH, Step(member_ids=(acme.bodo.pk,)))
    made = written()
    with pytest.raises(PermissionDenied):
        yes(made, acme.bodo, now)
    yes(made, acme.carla, now)
    deliver(now)
    assert (Reply.objects.get().state, town.texts) == ("waiting", [])
    yes(made, acme.bodo, now)
    deliver(now)
    assert town.texts == ["We are on it."]


def test_all_means_each_who_is_named_and_one_of_each_role(acme: Cast, written: Any, now: Time, policy: Any) -> None:
    policy(Step(needs="all", roles=("coach",), member_ids=(acme.bodo.pk, acme.rui.pk)))
    made = written()
    for member, state in ((acme.bodo, "waiting"), (acme.carla, "waiting"), (acme.rui, "ready")):
        yes(made, member, now)
        made.refresh_from_db()
        assert made.state == state, member
    assert Approval.objects.get().decisions.count() == 3


def test_one_person_says_yes_once(acme: Cast, written: Any, now: Time, policy: Any) -> None:
    policy(Step(needs="all", member_ids=(acme.bodo.pk, acme.rui.pk)))
    made = written()
    yes(made, acme.bodo, now)
    with pytest.raises(Refusal, match="already"):
        yes(made, acme.bodo, now)
    assert Reply.objects.get().state == "waiting"


def test_a_yes_to_another_text_counts_nothing(acme: Cast, written: Any, now: Time, policy: Any) -> None:
    policy()
    made = written()
    with pytest.raises(Stale):
        yes(made, acme.carla, now, digest="0" * 64)
    step = waiting(made)
    seen = digest_of(step.reply)
    Reply.objects.filter(pk=made.pk).update(text="We pay everything.")
    with pytest.raises(Stale):
        yes(made, acme.carla, now, digest=seen)
    assert Reply.objects.get().state == "waiting"


def test_a_text_changed_after_approval_is_asked_for_again_when_it_would_go_out(
    acme: Cast, written: Any, town: Town, now: Time, policy: Any
) -> None:
    policy()
    made = written()
    yes(made, acme.carla, now)
    Reply.objects.filter(pk=made.pk).update(text="We pay everything.")
    deliver(now)
    made.refresh_from_db()
    assert (made.state, made.approved_digest, town.texts) == ("waiting", "", [])
    yes(made, acme.carla, now)
    deliver(now)
    assert town.texts == ["We pay everything."]


def test_another_account_or_an_edited_post_is_another_text(
    acme: Cast, written: Any, town: Town, now: Time, policy: Any
) -> None:
    policy()
    made = written()
    yes(made, acme.carla, now)
    made.post.__class__.objects.filter(pk=made.post_id).update(text="Free?", content_digest="x", revision_count=2)
    deliver(now)
    assert (Reply.objects.get().state, town.texts) == ("refused", [])
    other = factories.channel(network="town")
    before = digest_of(made)
    made.channel = other
    assert digest_of(made) != before


def test_when_the_post_changes_between_two_steps_everybody_is_asked_anew(
    acme: Cast, written: Any, town: Town, now: Time, policy: Any
) -> None:
    policy(COACH, Step(member_ids=(acme.bodo.pk,)))
    made = written()
    yes(made, acme.carla, now)
    made.post.__class__.objects.filter(pk=made.post_id).update(content_digest="x", revision_count=2)
    step = yes(made, acme.bodo, now)
    assert (step.number, step.state) == (1, "waiting")
    yes(made, acme.carla, now)
    yes(made, acme.bodo, now)
    deliver(now)
    assert len(town.texts) == 1


def test_a_policy_that_came_since_is_seen_when_it_would_go_out(
    acme: Cast, written: Any, town: Town, now: Time, policy: Any
) -> None:
    made = written()
    policy()
    deliver(now)
    made.refresh_from_db()
    assert (made.state, town.texts) == ("waiting", [])


def test_sent_back_the_text_is_a_draft_with_a_reason(acme: Cast, written: Any, now: Time, policy: Any) -> None:
    policy(COACH, Step(member_ids=(acme.bodo.pk,)))
    made = written()
    with pytest.raises(ValidationError):
        send_back(waiting(made), reason=" ", by=acme.carla, at=now())
    send_back(waiting(made), reason="Say when.", by=acme.carla, at=now())
    made.refresh_from_db()
    assert (made.state, made.problem) == ("sent_back", "Say when.")
    assert Draft.objects.get(member=acme.rosa).text == "We are on it."
    assert list(Approval.objects.order_by("number").values_list("state", flat=True)) == ["sent_back", "withdrawn"]
    assert Mail.objects.filter(member=acme.rosa, kind="approval").count() == 1
    again = reply(Assignment.objects.get(), text="On Monday.", by=acme.rosa, at=now())
    assert again.state == "waiting"


def test_withdrawn_it_may_be_written_anew_and_is_asked_for_again(
    acme: Cast, written: Any, now: Time, policy: Any
) -> None:
    policy()
    made = written()
    step = waiting(made)
    settle_delivery(made, decision="give_up", by=acme.rosa, at=now())
    made.refresh_from_db()
    assert (made.state, Draft.objects.get().text) == ("cancelled", "We are on it.")
    with pytest.raises(Refusal):
        approve(step, digest=step.digest, by=acme.carla, at=now())
    assert reply(Assignment.objects.get(), text="Anew.", by=acme.rosa, at=now()).state == "waiting"


def test_while_one_waits_nobody_sends_another(acme: Cast, written: Any, now: Time, policy: Any) -> None:
    policy()
    made = written()
    with pytest.raises(Taken, match="waits for approval"):
        reply(made.assignment, text="Me too.", by=acme.rosa, at=now())
    fields = {name: getattr(made, name) for name in ("assignment", "post", "channel", "by", "text", "written_at")}
    with pytest.raises(IntegrityError), transaction.atomic():
        Reply.objects.create(**fields, key="other", next_attempt_at=now())


def test_the_clock_goes_on(acme: Cast, written: Any, now: Time, policy: Any) -> None:
    policy()
    made = written()
    due = made.assignment.due_at
    assert Assignment.objects.get().due_at == due
    assert Assignment.objects.get().is_overdue(due + timedelta(seconds=1))


def test_a_policy_counts_where_its_conditions_hold(
    acme: Cast, written: Any, town: Town, now: Time, policy: Any
) -> None:
    topic = factories.topic("Recall")
    policy(topic=topic, name="Recall")
    policy(department=acme.press, name="Press")
    policy(network="practice", name="Field")
    assert written().state == "ready"
    about = factories.mention(post=factories.post(network="town"), topic=topic, department=acme.care)
    row = factories.assignment(department=acme.care, member=acme.rosa, mention=about)
    made = reply(row, text="About the recall.", by=acme.rosa, at=now())
    assert (made.state, waiting(made).policy_name) == ("waiting", "Recall")


def test_policies_that_fit_count_together_and_the_same_step_once(
    acme: Cast, written: Any, now: Time, policy: Any
) -> None:
    policy(COACH)
    policy(COACH, Step(member_ids=(acme.bodo.pk,)), name="And legal")
    written()
    assert [(step.number, step.roles) for step in Approval.objects.order_by("number")] == [(1, ["coach"]), (2, [])]


def test_people_in_training_wait_for_a_coach_until_their_day(acme: Cast, written: Any, now: Time) -> None:
    day = now().date()
    for until, state in ((day + timedelta(days=2), "waiting"), (day - timedelta(days=2), "ready")):
        Member.objects.filter(pk=acme.rosa.pk).update(training_until=until)
        acme.rosa.training_until = until
        assert written().state == state


def test_a_policy_for_training_says_who_is_asked(acme: Cast, written: Any, now: Time, policy: Any) -> None:
    policy(Step(member_ids=(acme.rui.pk,)), whose="in_training")
    assert written().state == "ready"
    acme.rosa.training_until = date(2999, 1, 1)
    acme.rosa.save()
    made = written()
    assert waiting(made).member_ids == [acme.rui.pk]


def test_a_routing_rule_may_ask_for_it(acme: Cast, claimed: Any, town: Town, now: Time) -> None:
    factories.channel(network="town")
    made = reply(claimed(network="town", needs_approval=True), text="Yes, we can.", by=acme.rosa, at=now())
    assert (made.state, waiting(made).roles) == ("waiting", ["coach"])


def test_policies_name_somebody_who_can_approve(acme: Cast, now: Time, policy: Any) -> None:
    for steps in ((), (Step(roles=()),), (Step(roles=("executive",)),), (Step(roles=(), member_ids=(0,)),)):
        with pytest.raises(ValidationError):
            add_policy(acme.organization, steps=steps, by=acme.carla, at=now(), name="Odd")
    with pytest.raises(PermissionDenied):
        add_policy(acme.organization, steps=(COACH,), by=acme.rosa, at=now(), name="Mine")
    made = policy()
    change_policy(made, steps=(COACH, Step(member_ids=(acme.bodo.pk,))), by=acme.carla, at=now(), name="New")
    assert (ApprovalPolicy.objects.get().name, made.steps.count()) == ("New", 2)
    remove_policy(made, by=acme.carla, at=now())
    assert not ApprovalPolicy.objects.exists()
