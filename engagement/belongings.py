"""What somebody has in engagement, and how each kind of it is passed on when they leave or go away."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
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
from roles.audit import record_many
from roles.belongings import MOST, Belonging, Handing, Thing, add_belonging
from roles.live import look_again
from roles.models import Member


def _assignments(member: Member) -> Sequence[Thing]:
    rows = Assignment.objects.unresolved().of(member).select_related("mention__post", "department")
    rows = rows.most_urgent_first()[: MOST + 1]
    return [Thing(str(row), _in_queue(row), f"{row.department} · {row.get_state_display()}") for row in rows]


def _in_queue(row: Assignment) -> str:
    return reverse("engagement:assignment", args=[row.pk])


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


def _deliveries(member: Member) -> Sequence[Thing]:
    rows = Reply.objects.before_a_person().filter(owner=member).select_related("assignment__mention__post")
    return [
        Thing(row.text, reverse("engagement:deliveries"), translated(row.problem))
        for row in rows.order_by("pk")[: MOST + 1]
    ]


def _questions(member: Member) -> Any:
    rows = ConsultRequest.objects.open().of(member).filter(state=ConsultRequest.State.WAITING)
    return rows.with_everything().order_by("pk")


def _questions_shown(member: Member) -> Sequence[Thing]:
    url = reverse("engagement:my_consults")
    return [Thing(row.consult.question, url, str(row.consult.asked_by or "")) for row in _questions(member)[: MOST + 1]]


def _pass_questions(handing: Handing) -> int:
    assert handing.to is not None
    hold_lock()
    rows = list(_questions(handing.member))
    for row in rows:
        pass_question_on(row, to=handing.to, by=handing.by, at=handing.at)
    return len(rows)


def _asked(member: Member) -> Any:
    rows = Consult.objects.filter(asked_by=member).exclude(state=Consult.State.CLOSED)
    return rows.exclude(assignment__state=Assignment.State.RESOLVED).order_by("pk")


def _rules(member: Member) -> Any:
    return RoutingRule.objects.filter(models.Q(member=member) | models.Q(consult_member=member)).in_order()


def _rules_shown(member: Member) -> Sequence[Thing]:
    return [Thing(row.name, reverse("engagement:rules")) for row in _rules(member)[: MOST + 1]]


def _pass_rules(handing: Handing) -> int:
    return name_another(list(_rules(handing.member)), handing.member, to=handing.to, by=handing.by, at=handing.at)


def _steps(member: Member) -> Any:
    rows = ApprovalStep.objects.filter(member_ids__contains=[member.pk])
    return rows.select_related("policy").order_by("policy__position", "number")


def _steps_shown(member: Member) -> Sequence[Thing]:
    return [Thing(row.policy.name, reverse("engagement:approval_policies")) for row in _steps(member)[: MOST + 1]]


def _pass_steps(handing: Handing) -> int:
    assert handing.to is not None
    rows = list(_steps(handing.member).select_for_update(of=("self",)))
    for row in rows:
        named = [handing.to.pk if key == handing.member.pk else key for key in row.member_ids]
        row.member_ids = list(dict.fromkeys(named))
    ApprovalStep.objects.bulk_update(rows, ["member_ids"])
    _written_down([row.policy for row in rows], handing)
    return len(rows)


def _approvals(member: Member) -> Any:
    states = (Approval.State.WAITING, Approval.State.LATER)
    named = models.Q(member_ids__contains=[member.pk]) | models.Q(member_ids_meant__contains=[member.pk])
    said = ApprovalDecision.objects.filter(approval=models.OuterRef("pk"), by=member)
    rows = Approval.objects.filter(named, ~models.Exists(said), state__in=states)
    return rows.with_everything().order_by("pk")


def _approvals_shown(member: Member) -> Sequence[Thing]:
    url = reverse("engagement:approvals")
    return [Thing(row.reply.text, url, str(row.reply.by)) for row in _approvals(member)[: MOST + 1]]


def _pass_approvals(handing: Handing) -> int:
    return sum(
        pass_approval_on(row, of=handing.member, to=handing.to, by=handing.by, at=handing.at)
        for row in list(_approvals(handing.member))
    )


def _deputies(member: Member) -> Any:
    rows = Consult.objects.filter(deputy=member, state=Consult.State.WAITING).select_related("asked_by__user")
    return rows.exclude(assignment__state=Assignment.State.RESOLVED).order_by("pk")


def _deputies_shown(member: Member) -> Sequence[Thing]:
    return [Thing(str(row), note=str(row.asked_by or "")) for row in _deputies(member)[: MOST + 1]]


def _pass_deputies(handing: Handing) -> int:
    hold_lock()
    rows = list(_deputies(handing.member).select_for_update(of=("self",), no_key=True))
    for row in rows:
        # The deputy is somebody else than who is asked.
        is_asked = handing.to is not None and row.requests.filter(member=handing.to).exists()
        row.deputy = None if is_asked else handing.to
    Consult.objects.bulk_update(rows, ["deputy"])
    _written_down(rows, handing)
    return len(rows)


def _asked_of_others(_member: Member) -> int:
    """None: where nobody who is named is left, the coaches are asked by themselves."""
    return 0


def _starters(member: Member) -> Any:
    return Starter.objects.filter(owner=member, state=Starter.State.PLANNED).order_by("pk")


def _follow_ups(member: Member) -> Any:
    rows = FollowUp.objects.filter(by=member, done_at=None).select_related("assignment__mention__post")
    return rows.order_by("due_at", "pk")


def _named(rows: Callable[[Member], Any], url_name: str) -> Callable[[Member], Sequence[Thing]]:
    def things(member: Member) -> Sequence[Thing]:
        return [Thing(str(row), reverse(url_name)) for row in rows(member)[: MOST + 1]]

    return things


def _put(rows: Callable[[Member], Any], field: str, *topics: str) -> Callable[[Handing], int]:
    """Pass on rows whose holder stands in one column."""

    def change(handing: Handing) -> int:
        hold_lock()
        found = list(rows(handing.member).select_for_update(of=("self",), no_key=True))
        for row in found:
            setattr(row, field, handing.to)
        if found:
            type(found[0]).objects.bulk_update(found, [field])
            _written_down(found, handing)
            if isinstance(found[0], Reply):
                told([row.assignment for row in found], at=handing.at, counts=False)
            if topics:
                look_again(*topics)
        return len(found)

    return change


def _written_down(rows: Iterable[models.Model], handing: Handing) -> None:
    found = list({row.pk: row for row in rows}.values())
    after = {"to": str(handing.to or ""), "note": handing.note}
    was = {row.pk: {"of": str(handing.member)} for row in found}
    record_many("hand_over", found, by=handing.by, at=handing.at, before=was, after={row.pk: after for row in found})


def _held_deliveries(member: Member) -> Any:
    return Reply.objects.before_a_person().filter(owner=member).select_related("assignment").order_by("pk")


for kind in (
    Belonging(
        "assignments", gettext_lazy("Assignments, snoozed ones too"), 10, _assignments, _pass_assignments,
        "engagement.claim", gettext_lazy("Whom the policy chooses"), _assignments_alone,
    ),
    Belonging(
        "deliveries", gettext_lazy("Deliveries to decide about"), 20, _deliveries,
        _put(_held_deliveries, "owner"), "engagement.settle_delivery",
    ),
    Belonging(
        "questions", gettext_lazy("Questions that wait for their answer"), 30, _questions_shown, _pass_questions,
        "engagement.answer_consult",
    ),
    Belonging(
        "approvals", gettext_lazy("Replies that wait for their yes"), 25, _approvals_shown, _pass_approvals,
        "engagement.approve", gettext_lazy("Who else is asked, or the coaches"), _asked_of_others, go_through,
    ),
    Belonging(
        "deputies", gettext_lazy("Questions for which they are the deputy"), 35,
        _deputies_shown, _pass_deputies, "engagement.answer_consult",
        gettext_lazy("Nobody"), _asked_of_others,
    ),
    Belonging(
        "asked", gettext_lazy("Questions that they put to the booth"), 40, _named(_asked, "engagement:queue"),
        _put(_asked, "asked_by", "queue", "consults"), "engagement.consult",
    ),
    Belonging(
        "rules", gettext_lazy("Routing rules that name them"), 50, _rules_shown, _pass_rules,
        "roles.read", gettext_lazy("Nobody by name"),
    ),
    Belonging(
        "approval_steps", gettext_lazy("Steps of approval that name them"), 60, _steps_shown, _pass_steps,
        "engagement.approve", stays=_asked_of_others,
    ),
    Belonging(
        "starters", gettext_lazy("Conversations that they mean to start"), 70,
        _named(_starters, "engagement:worth_joining"), _put(_starters, "owner"), "engagement.start",
    ),
    Belonging(
        "follow_ups", gettext_lazy("Follow-ups that they planned"), 80, _named(_follow_ups, "engagement:queue"),
        _put(_follow_ups, "by"), "engagement.plan_follow_up",
    ),
):  # fmt: skip
    add_belonging(kind)
