"""Response targets: write, change and remove them. What was promised before stays as it was promised."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from engagement.models import ResponseTarget, RoutingRule
from roles.audit import record
from roles.models import Member, Organization
from roles.permissions import allowed, require

TIMES = ("first_response_minutes", "next_response_minutes", "resolution_minutes")
FIELDS = (
    "name", *TIMES, "in_business_hours", "warn_at_percent", "pauses_for_consult", "pauses_for_author", "is_default",
    "department", "priority",
)  # fmt: skip
LONGEST = 60 * 24 * 366


@allowed("engagement.manage_targets")
@transaction.atomic
def add_target(
    organization: Organization, /, *, name: str, by: Member | None, at: datetime, **fields: Any
) -> ResponseTarget:
    """Write a target; it applies to what is captured from then on."""
    row = ResponseTarget(organization=organization, name=name, created_at=at)
    _set(row, fields)
    if by is not None:
        require(by, "engagement.manage_targets", row)
    row.save()
    record("add_target", row, by=by, at=at, after=_facts(row))
    return row


@allowed("engagement.manage_targets")
@transaction.atomic
def change_target(target: ResponseTarget, /, *, by: Member | None, at: datetime, **fields: Any) -> ResponseTarget:
    """Change what a target promises from now on; whether pauses count is asked of the target as it is."""
    row = ResponseTarget.objects.select_for_update(of=("self",)).select_related("department").get(pk=target.pk)
    before = _facts(row)
    _set(row, fields)
    if by is not None:
        require(by, "engagement.manage_targets", row)
    if (after := _facts(row)) != before:
        row.save()
        record("change_target", row, by=by, at=at, before=before, after=after)
    return row


@allowed("engagement.manage_targets")
@transaction.atomic
def remove_target(target: ResponseTarget, *, by: Member | None, at: datetime) -> None:
    """Remove a target that no routing rule names; what it has promised is kept or missed all the same."""
    if rule := RoutingRule.objects.filter(target=target).first():
        message = _("The routing rule “%(rule)s” names this target. Let it name another one first.")
        raise ValidationError(message % {"rule": rule})
    record("remove_target", target, by=by, at=at, before=_facts(target))
    target.delete()


def _set(row: ResponseTarget, fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        if name not in FIELDS:
            raise TypeError(f"A response target has no {name!r}.")
        setattr(row, name, value)
    row.name = row.name.strip()
    for name in TIMES:
        minutes = getattr(row, name)
        if minutes is not None and not 1 <= minutes <= LONGEST:
            raise ValidationError({name: _("From one minute to a year.")})
    if all(getattr(row, name) is None for name in TIMES):
        raise ValidationError({"first_response_minutes": _("Promise at least one of the three.")})
    if not 1 <= row.warn_at_percent <= 99:
        raise ValidationError({"warn_at_percent": _("From 1 to 99 per cent.")})
    if not row.is_default and (row.department is not None or row.priority is not None):
        raise ValidationError(
            {"is_default": _("A target for a department or a priority is one that applies by itself.")}
        )
    row.full_clean(exclude=["created_at"])


def _facts(row: ResponseTarget) -> dict[str, Any]:
    return {name: getattr(row, name) for name in FIELDS if name != "department"} | {"department": row.department_id}
