"""What somebody has in engagement, and how each kind of it is passed on when they leave or go away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy

from engagement.actions.approvals import pass_approval_on
from engagement.actions.consults import pass_question_on
from engagement.actions.rules import name_another
from engagement.changes import told
from engagement.handing_over import pass_on
from engagement.models import (
    Approval,
    ApprovalDecision,
    ApprovalStep,
    Assignment,
    Consult,
    ConsultRequest,
    FollowUp,
    Reply,
    RoutingRule,
    Starter,
)
from engagement.querysets import hold_lock
from engagement.stop_querysets import go_through
from listening.translating import translated
from roles.belongings import Belonging, Handing, Thing, add_belonging, in_column, listed, write_down
from roles.live import look_again
from roles.models import Member


def _assignments(member: Member) -> Any:
    rows = Assignment.objects.unresolved().of(member).select_related("mention__post", "department")
    return rows.most_urgent_first()


def _pass_assignments(handing: Handing) -> int:
    moved, stayed = pass_on(handing.member, to=handing.to, note=handing.note, by=handing.by, at=handing.at)
    if stayed and handing.to is not None:
        # What that person may not have goes to whom the policy chooses.
        more, _stayed = pass_on(handing.member, to=None, note=handing.note, by=handing.by, at=handing.at)
        moved += more
    return moved


def _assignments_alone(member: Member) -> int:
    """Those of departments in which nobody else could take them."""
    rows = Assignment.objects.unresolved().filter(member=member)
    departments = set(rows.order_by().values_list("department_id", flat=True).distinct())
    others = {key: Member.objects.who_may("engagement.claim", key).exclude(pk=member.pk) for key in departments}
    alone = [key for key, found in others.items() if not found.exists()]
    return rows.filter(department__in=alone).count() if alone else 0


def _deliveries(member: Member) -> Any:
    rows = Reply.objects.before_a_person().filter(owner=member)
    return rows.select_related("assignment__mention__post").order_by("pk")


def _delivery(row: Reply) -> Thing:
    return Thing(row.text, reverse("engagement:deliveries"), translated(row.problem))


def _tell_of_deliveries(rows: Sequence[Reply], at: datetime) -> None:
    told([row.assignment for row in rows], at=at, counts=False)


def _questions(member: Member) -> Any:
    rows = ConsultRequest.objects.open().of(member).filter(state=ConsultRequest.State.WAITING)
    return rows.with_everything().order_by("pk")


def _pass_questions(handing: Handing) -> int:
    assert handing.to is not None
    rows = list(_questions(handing.member))
    for row in rows:
        pass_question_on(row, to=handing.to, by=handing.by, at=handing.at)
    return len(rows)


def _asked(member: Member) -> Any:
    rows = Consult.objects.filter(asked_by=member).exclude(state=Consult.State.CLOSED)
    return rows.exclude(assignment__state=Assignment.State.RESOLVED).order_by("pk")


def _rules(member: Member) -> Any:
    return RoutingRule.objects.filter(models.Q(member=member) | models.Q(consult_member=member)).in_order()


def _pass_rules(handing: Handing) -> int:
    return name_another(list(_rules(handing.member)), handing.member, to=handing.to, by=handing.by, at=handing.at)


def _steps(member: Member) -> Any:
    rows = ApprovalStep.objects.filter(member_ids__contains=[member.pk])
    return rows.select_related("policy").order_by("policy__position", "number")


def _pass_steps(handing: Handing) -> int:
    assert handing.to is not None
    rows = list(_steps(handing.member).select_for_update(of=("self",)))
    for row in rows:
        named = [handing.to.pk if key == handing.member.pk else key for key in row.member_ids]
        row.member_ids = list(dict.fromkeys(named))
    ApprovalStep.objects.bulk_update(rows, ["member_ids"])
    write_down([row.policy for row in rows], handing)
    return len(rows)


def _approvals(member: Member) -> Any:
    states = (Approval.State.WAITING, Approval.State.LATER)
    named = models.Q(member_ids__contains=[member.pk]) | models.Q(member_ids_meant__contains=[member.pk])
    said = ApprovalDecision.objects.filter(approval=models.OuterRef("pk"), by=member)
    rows = Approval.objects.filter(named, ~models.Exists(said), state__in=states)
    return rows.with_everything().order_by("pk")


def _pass_approvals(handing: Handing) -> int:
    return sum(
        pass_approval_on(row, of=handing.member, to=handing.to, by=handing.by, at=handing.at)
        for row in list(_approvals(handing.member))
    )


def _deputies(member: Member) -> Any:
    rows = Consult.objects.filter(deputy=member, state=Consult.State.WAITING).select_related("asked_by__user")
    return rows.exclude(assignment__state=Assignment.State.RESOLVED).order_by("pk")


def _pass_deputies(handing: Handing) -> int:
    rows = list(_deputies(handing.member).select_for_update(of=("self",), no_key=True))
    for row in rows:
        # The deputy is somebody else than who is asked.
        is_asked = handing.to is not None and row.requests.filter(member=handing.to).exists()
        row.deputy = None if is_asked else handing.to
    Consult.objects.bulk_update(rows, ["deputy"])
    write_down(rows, handing)
    return len(rows)


def _asked_of_others(_member: Member) -> int:
    """None: where nobody who is named is left, the coaches are asked by themselves."""
    return 0


def _starters(member: Member) -> Any:
    return Starter.objects.filter(owner=member, state=Starter.State.PLANNED).order_by("pk")


def _follow_ups(member: Member) -> Any:
    rows = FollowUp.objects.filter(by=member, done_at=None).select_related("assignment__mention__post")
    return rows.order_by("due_at", "pk")


def _assignment(row: Assignment) -> Thing:
    url = reverse("engagement:assignment", args=[row.pk])
    return Thing(str(row), url, f"{row.department} · {row.get_state_display()}")


def _question(row: ConsultRequest) -> Thing:
    return Thing(row.consult.question, reverse("engagement:my_consults"), str(row.consult.asked_by or ""))


def _approval(row: Approval) -> Thing:
    return Thing(row.reply.text, reverse("engagement:approvals"), str(row.reply.by))


def _policy(row: ApprovalStep) -> Thing:
    return Thing(row.policy.name, reverse("engagement:approval_policies"))


def _in_queue(row: Consult | FollowUp) -> Thing:
    return Thing(str(row), reverse("engagement:queue"))


for kind in (
    Belonging(
        "assignments", gettext_lazy("Assignments, snoozed ones too"), 10, listed(_assignments, _assignment),
        _pass_assignments, "engagement.claim", gettext_lazy("Whom the policy chooses"), _assignments_alone,
    ),
    Belonging(
        "deliveries", gettext_lazy("Deliveries to decide about"), 20, listed(_deliveries, _delivery),
        in_column(_deliveries, "owner", then=_tell_of_deliveries), "engagement.settle_delivery", holds=hold_lock,
    ),
    Belonging(
        "questions", gettext_lazy("Questions that wait for their answer"), 30, listed(_questions, _question),
        _pass_questions, "engagement.answer_consult", holds=hold_lock,
    ),
    Belonging(
        "approvals", gettext_lazy("Replies that wait for their yes"), 25, listed(_approvals, _approval),
        _pass_approvals, "engagement.approve", gettext_lazy("Who else is asked, or the coaches"), _asked_of_others,
        go_through,
    ),
    Belonging(
        "deputies", gettext_lazy("Questions for which they are the deputy"), 35,
        listed(_deputies, lambda row: Thing(str(row), note=str(row.asked_by or ""))), _pass_deputies,
        "engagement.answer_consult", gettext_lazy("Nobody"), _asked_of_others, hold_lock,
    ),
    Belonging(
        "asked", gettext_lazy("Questions that they put to the booth"), 40, listed(_asked, _in_queue),
        in_column(_asked, "asked_by", then=lambda _rows, _at: look_again("queue", "consults")), "engagement.consult",
        holds=hold_lock,
    ),
    Belonging(
        "rules", gettext_lazy("Routing rules that name them"), 50,
        listed(_rules, lambda row: Thing(row.name, reverse("engagement:rules"))), _pass_rules,
        "roles.read", gettext_lazy("Nobody by name"),
    ),
    Belonging(
        "approval_steps", gettext_lazy("Steps of approval that name them"), 60, listed(_steps, _policy), _pass_steps,
        "engagement.approve", stays=_asked_of_others,
    ),
    Belonging(
        "starters", gettext_lazy("Conversations that they mean to start"), 70,
        listed(_starters, lambda row: Thing(str(row), reverse("engagement:worth_joining"))),
        in_column(_starters, "owner"), "engagement.start",
    ),
    Belonging(
        "follow_ups", gettext_lazy("Follow-ups that they planned"), 80, listed(_follow_ups, _in_queue),
        in_column(_follow_ups, "by"), "engagement.plan_follow_up", holds=hold_lock,
    ),
):  # fmt: skip
    add_belonging(kind)
