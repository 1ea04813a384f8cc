"""Say what is reviewed and by whom: the base for everything, and what is relaxed of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from content.models import ReviewPolicy, ReviewPolicyStep
from content.review_record import record_of
from content.review_rules import REVIEW, Outsider, TimedStep, steps_of
from roles.audit import record
from roles.background import hint
from roles.models import Member, Needs, Organization
from roles.permissions import CAPABILITIES, allowed

# What is planned says at once that somebody else must have a say by now, or nobody any more.
LOOK_AT_PLANS = "content.tasks.look_at_plans"
MOST_STEPS, MOST_HOURS, MOST_OUTSIDE = 9, 24 * 30, 5
CONDITIONS = ("kind", "channel", "author", "topic")
FIELDS = ("name", "is_active", "waives", *CONDITIONS)


@allowed("content.manage_review")
@transaction.atomic
def add_review_policy(
    organization: Organization, /, *, steps: Sequence[TimedStep], by: Member, at: datetime, **fields: Any
) -> ReviewPolicy:
    """Relax or tighten review for some of what goes out; it is asked after those that stand before it."""
    row = ReviewPolicy(**_known(fields), created_at=at)
    _sensible(row, steps)
    last = ReviewPolicy.objects.written().order_by("-position").values_list("position", flat=True).first()
    row.position = (last or 0) + 1
    row.record_then = record_of(row, at=at).facts
    row.save()
    _write_steps(row, steps)
    record("add_review_policy", row, by=by, at=at, after=_facts(row))
    hint(LOOK_AT_PLANS)
    return row


@allowed("content.manage_review")
@transaction.atomic
def change_review_policy(
    policy: ReviewPolicy, /, *, steps: Sequence[TimedStep], by: Member, at: datetime, **fields: Any
) -> ReviewPolicy:
    """Change a policy; what is asked for now goes on as it was asked.

    What was approved counts as far as those whom the policy names now have said yes to it; the others are to be asked.
    """
    row = ReviewPolicy.objects.select_for_update(of=("self",)).get(pk=policy.pk)
    before = _facts(row)
    for name, value in _known(fields).items():
        setattr(row, name, value)
    _sensible(row, steps)
    row.record_then = record_of(row, at=at).facts
    row.save()
    row.steps.all().delete()
    _write_steps(row, steps)
    record("change_review_policy", row, by=by, at=at, before=before, after=_facts(row))
    hint(LOOK_AT_PLANS)
    return row


@allowed("content.manage_review")
@transaction.atomic
def set_review_base(
    organization: Organization, /, *, steps: Sequence[TimedStep], by: Member, at: datetime
) -> ReviewPolicy:
    """Say who sees everything for which no other policy says otherwise; nobody can switch that off as a whole."""
    row = ReviewPolicy.objects.select_for_update(of=("self",)).filter(is_base=True).first()
    before = {"steps": _steps_in_facts(row or ReviewPolicy.objects.unwritten_base())}
    if row is None:
        row = ReviewPolicy.objects.unwritten_base()
        row.created_at = at
    _sensible(row, steps)
    row.record_then = record_of(row, at=at).facts
    row.save()
    row.steps.all().delete()
    _write_steps(row, steps)
    record("set_review_base", row, by=by, at=at, before=before, after={"steps": _steps_in_facts(row)})
    hint(LOOK_AT_PLANS)
    return row


@allowed("content.manage_review")
@transaction.atomic
def move_review_policy(policy: ReviewPolicy, *, up: bool, by: Member, at: datetime) -> None:
    """Have a policy asked before the one above it, or after the one below; the base always counts last."""
    rows = list(ReviewPolicy.objects.written().order_by("position", "pk").select_for_update(of=("self",)))
    place = next((number for number, row in enumerate(rows) if row.pk == policy.pk), None)
    if place is None:
        return
    other = place - 1 if up else place + 1
    if not 0 <= other < len(rows):
        return
    rows[place], rows[other] = rows[other], rows[place]
    for number, row in enumerate(rows, 1):
        row.position = number
    ReviewPolicy.objects.bulk_update(rows, ["position"])
    record("move_review_policy", policy, by=by, at=at, before={"place": place + 1}, after={"place": other + 1})
    hint(LOOK_AT_PLANS)


@allowed("content.manage_review")
@transaction.atomic
def remove_review_policy(policy: ReviewPolicy, *, by: Member, at: datetime) -> None:
    """Remove a policy: what it was for is reviewed as the next that fits says; the base stays."""
    if policy.is_base:
        raise ValidationError(_("The base cannot be removed; change whom it asks."))
    record("remove_review_policy", policy, by=by, at=at, before=_facts(policy))
    hint(LOOK_AT_PLANS)
    policy.delete()


def _known(fields: dict[str, Any]) -> dict[str, Any]:
    unknown = set(fields) - set(FIELDS)
    if unknown:
        raise TypeError(f"A review policy has no {', '.join(sorted(unknown))}.")
    return fields


def _sensible(row: ReviewPolicy, steps: Sequence[TimedStep]) -> None:
    if not row.is_base and not any((row.kind, row.channel_id, row.author_id, row.topic_id)):
        raise ValidationError({"name": _("Say what it counts for: a type, a channel, an author or a topic.")})
    if row.waives:
        if steps:
            raise ValidationError({"waives": _("It cannot both go without review and name who is asked.")})
        return
    if not steps:
        raise ValidationError({"steps": _("Say who is asked: at least one step is needed.")})
    if len(steps) > MOST_STEPS:
        raise ValidationError({"steps": _("At most %(n)s steps.") % {"n": MOST_STEPS}})
    known = set(Member.objects.who_may(REVIEW).values_list("pk", flat=True))
    for step in steps:
        if not step.names_somebody:
            raise ValidationError({"steps": _("Each step names a role or a person.")})
        if step.needs not in Needs.values or not set(step.roles) <= CAPABILITIES[REVIEW]:
            raise ValidationError({"steps": _("A step names a role that cannot review.")})
        if not set(step.member_ids) <= known:
            raise ValidationError({"steps": _("A step names somebody who cannot review.")})
        if not 1 <= step.hours <= MOST_HOURS:
            raise ValidationError({"steps": _("Give each step from 1 to %(n)s hours.") % {"n": MOST_HOURS}})
        _reachable(step.outside)


def _reachable(outside: Sequence[Outsider]) -> None:
    """Raise where people outside cannot be asked by mail, are too many, twice the same, or members."""
    emails = [one.email for one in outside]
    if len(emails) > MOST_OUTSIDE:
        raise ValidationError({"steps": _("A step asks at most %(n)s people outside.") % {"n": MOST_OUTSIDE}})
    for one in outside:
        try:
            validate_email(one.email)
        except ValidationError as problem:
            raise ValidationError({"steps": _("This is no address: %(email)s") % {"email": one.email}}) from problem
        if not one.name or len(one.name) > 120 or emails.count(one.email) > 1 or one.email != one.email.lower():
            raise ValidationError({"steps": _("Name each person outside once, with name and address.")})
    if known := Member.objects.reached_at(emails):
        raise ValidationError({"steps": _("%(name)s is a member: name them among the people.") % {"name": min(known)}})


def _write_steps(policy: ReviewPolicy, steps: Sequence[TimedStep]) -> None:
    ReviewPolicyStep.objects.bulk_create(
        ReviewPolicyStep(
            policy=policy, number=number, needs=step.needs, roles=list(step.roles), member_ids=list(step.member_ids),
            hours=step.hours, outside=[one._asdict() for one in step.outside],
        )
        for number, step in enumerate(steps, 1)
    )  # fmt: skip


def _steps_in_facts(policy: ReviewPolicy) -> list[dict[str, Any]]:
    return [
        {name: value for name, value in asdict(step).items() if name != "policy_name"}
        | {"outside": [one._asdict() for one in step.outside]}
        for step in steps_of(policy)
    ]


def _facts(policy: ReviewPolicy) -> dict[str, Any]:
    return {
        "name": policy.name, "is_active": policy.is_active, "waives": policy.waives, "kind": policy.kind,
        "channel": str(policy.channel or ""), "author": str(policy.author or ""), "topic": str(policy.topic or ""),
        "steps": _steps_in_facts(policy), "record": policy.record_then,
    }  # fmt: skip
