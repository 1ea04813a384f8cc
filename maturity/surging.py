"""What a surge plan does: bring people, rules, saved replies and a promise into force, and take away what it brought.

What somebody brought into force otherwise is not its own, and stays. What another plan in force wants too goes on, and
is from then on the other's.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from engagement.actions.rules import switch_rule
from engagement.actions.saved_replies import retire_saved_reply, take_up_saved_reply
from engagement.actions.targets import add_target, change_target, remove_target
from engagement.models import ResponseTarget, RoutingRule, SavedReply
from engagement.querysets import hold_lock
from engagement.refusals import Refusal
from listening.models import EarlyWarning
from maturity.models import SurgePart, SurgePlan
from roles.actions.mail import write_mail
from roles.actions.people import give_position, set_on_call, take_position
from roles.holding import hold_team
from roles.levels import is_open
from roles.links import inside_address
from roles.models import Member, Position, Role
from roles.speaking import in_words_for
from roles.tenancy import active_organization


def hold(plan: SurgePlan) -> SurgePlan:
    """The plan as it is now, held until the end of the transaction; team and work, which it changes, come before it."""
    hold_team()
    hold_lock()
    return SurgePlan.objects.select_for_update(no_key=True, of=("self",)).with_people().get(pk=plan.pk)


def bring(plan: SurgePlan, *, at: datetime) -> list[str]:
    """Bring everything into force that is not; returns the names of what was brought."""
    brought = []
    for part in _parts(plan):
        # What cannot be brought any more does not keep the rest from it.
        with suppress(ValidationError, Refusal), transaction.atomic():
            part.is_brought = _bring(part, plan, at)
            part.save(update_fields=["is_brought", "position"])
            brought += [str(part)] if part.is_brought else []
    promise(plan, at=at)
    return brought


def take_away(plan: SurgePlan, *, at: datetime) -> list[str]:
    """Take away what the plan brought, unless another plan in force wants it; returns the names of what went."""
    taken = []
    for part in _parts(plan):
        if part.is_brought and not _is_taken_over(part):
            with suppress(ValidationError, Refusal), transaction.atomic():
                name = str(part)
                _take_away(part, at)
                taken.append(name)
    _promise_as_before(plan, at=at)
    return taken


def _bring(part: SurgePart, plan: SurgePlan, at: datetime) -> bool:
    """Bring one part; returns whether that was needed."""
    if part.rule is not None:
        is_needed = not part.rule.is_active
        if is_needed:
            switch_rule(part.rule, on=True, by=None, at=at)
        return is_needed
    if part.saved_reply is not None:
        is_needed = part.saved_reply.state != SavedReply.State.IN_USE
        if is_needed:
            take_up_saved_reply(part.saved_reply, by=None, at=at)
        return is_needed
    if part.member is None or not part.member.is_active:
        return False
    if part.is_on_call:
        is_needed = not part.member.is_on_call
        set_on_call(part.member, is_on_call=True, by=None, at=at)
        return is_needed
    there = Q(department=plan.department) | Q(department=None)
    if Position.objects.filter(there, member=part.member, role=Role.RESPONDER).exists():
        return False
    part.position = give_position(
        part.member, role=Role.RESPONDER, department=plan.department, capacity=plan.capacity, by=None, at=at
    )
    return True


def _take_away(part: SurgePart, at: datetime) -> None:
    if part.rule is not None and part.rule.is_active:
        switch_rule(part.rule, on=False, by=None, at=at)
    elif part.saved_reply is not None and part.saved_reply.state == SavedReply.State.IN_USE:
        retire_saved_reply(part.saved_reply, by=None, at=at)
    elif part.is_on_call and part.member is not None:
        set_on_call(part.member, is_on_call=False, by=None, at=at)
    elif part.position is not None:
        take_position(part.position, by=None, at=at)


def tell(plan: SurgePlan, *, begins: bool, at: datetime) -> None:
    """Write to those who help, and to the coaches who are on call or planned it, once."""
    helpers = Q(pk__in=plan.parts.exclude(member=None).values("member"))
    coaches = Q(pk__in=Member.objects.on_call(at).values("pk")) | Q(pk=plan.planned_by_id)
    for member in Member.objects.active().filter(helpers | coaches).select_related("user").distinct():
        with in_words_for(member):
            subject = _("In force: %(plan)s") if begins else _("Over: %(plan)s")
            write_mail(
                member,
                key=f"surge {plan.pk} {'on' if begins else 'off'}",
                kind="surge",
                subject=subject % {"plan": plan},
                template="maturity/mail/surge",
                context={
                    "plan": plan,
                    "begins": begins,
                    "action_url": inside_address("maturity:surge", plan.pk),
                    "action_label": _("The plan") if begins else _("How it went"),
                },
                at=at,
            )


def fitting_warning(plan: SurgePlan, *, at: datetime) -> EarlyWarning | None:
    """The newest warning that is running, began after the plan was made, and is of what and as grave as it says."""
    rows = EarlyWarning.objects.open().filter(
        _is_of(plan), detected_at__gte=plan.planned_at, detected_at__lte=at, severity__gte=plan.severity, ended_at=None
    )
    return rows.order_by("-pk").first()


def ended_warnings(at: datetime) -> list[SurgePlan]:
    """Plans that a warning switched on which ended long enough ago, and after which no other came."""
    found = []
    for plan in SurgePlan.objects.on_by_a_warning().select_related("warning"):
        since = at - timedelta(minutes=plan.lasts_minutes)
        running = Q(ended_at=None, closed_at=None) | Q(ended_at__gt=since, closed_at=None) | Q(closed_at__gt=since)
        grave = EarlyWarning.objects.filter(
            _is_of(plan), running, severity__gte=plan.severity, detected_at__gte=plan.planned_at
        )
        if not grave.exists():
            found.append(plan)
    return found


def _is_of(plan: SurgePlan) -> Q:
    """The condition on warnings that they are of the plan's query, or that the same event was seen in it too."""
    if plan.query_id is None:
        return Q()
    return Q(series__query=plan.query_id) | Q(also_queries__contains=[plan.query_id])


def _parts(plan: SurgePlan) -> Any:
    return plan.parts.select_related("member__user", "rule__department", "saved_reply", "position__member").order_by(
        "pk"
    )


def _is_taken_over(part: SurgePart) -> bool:
    """Whether another plan in force wants the same; then it is that one's from now on."""
    same = SurgePart.objects.filter(
        plan__state=SurgePlan.State.ON, member=part.member_id, is_on_call=part.is_on_call, rule=part.rule_id,
        saved_reply=part.saved_reply_id,
    ).exclude(plan=part.plan_id)  # fmt: skip
    if part.member_id is not None and not part.is_on_call:
        same = same.filter(plan__department=part.plan.department_id)
    heir = same.first()
    if heir is None:
        return False
    heir.is_brought, heir.position = True, part.position
    heir.save(update_fields=["is_brought", "position"])
    return True


def may_promise(plan: SurgePlan) -> bool:
    """Whether the plan has a promise to make, and the level of its place has opened that."""
    return plan.first_response_minutes is not None and is_open("engagement.manage_targets", plan.department)


def promise(plan: SurgePlan, *, at: datetime) -> None:
    """Have the default target promise what the plan says, or make one where there is none."""
    if not may_promise(plan) or plan.first_response_minutes is None:
        return
    targets = ResponseTarget.objects.applying_by_themselves().filter(department=plan.department_id, priority=None)
    target = targets.first()
    if target is None:
        name = _("%(plan)s (surge plan %(n)s)") % {"plan": plan.title[:50], "n": plan.pk}
        plan.target = add_target(
            active_organization(), name=name, is_default=True, department=plan.department,
            first_response_minutes=plan.first_response_minutes, by=None, at=at,
        )  # fmt: skip
        plan.made_target, plan.minutes_before = True, None
        return
    plan.target, plan.minutes_before = target, target.first_response_minutes
    change_target(target, first_response_minutes=plan.first_response_minutes, by=None, at=at)


def _promise_as_before(plan: SurgePlan, *, at: datetime) -> None:
    target = plan.target
    if target is None:
        return
    heir = SurgePlan.objects.on().filter(target=target, on_at__gte=plan.on_at).exclude(pk=plan.pk).first()
    if heir is not None:
        heir.made_target, heir.minutes_before = plan.made_target, plan.minutes_before
        heir.save(update_fields=["made_target", "minutes_before"])
        return
    # Whoever changed it meanwhile meant it.
    if target.first_response_minutes != plan.first_response_minutes:
        return
    if not plan.made_target:
        change_target(target, first_response_minutes=plan.minutes_before, by=None, at=at)
    elif not RoutingRule.objects.filter(target=target).exists():
        plan.target = None
        remove_target(target, by=None, at=at)
