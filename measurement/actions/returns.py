"""Say what we measure ourselves by, and what a return rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from measurement.metrics import METRICS
from measurement.models import Assumption, Kpi
from roles.audit import record
from roles.models import Department, Member, Organization
from roles.permissions import allowed
from roles.tenancy import active_organization

About = Assumption.About
# What can be worth so much each: numbers of things that add up.
WORTH = ("captured", "assigned", "answers", "resolutions", "replies")


@allowed("measurement.set_kpis")
@transaction.atomic
def add_kpi(where: Organization | Department, /, *, by: Member | None, at: datetime, **fields: Any) -> Kpi:
    """Say that a metric matters, of which kind it is, what it should be, and who answers for it."""
    row = Kpi(department=where if isinstance(where, Department) else None, added_at=at, added_by=by)
    _set_kpi(row, fields)
    row.save()
    record("add_kpi", row, by=by, at=at, after=_kpi_facts(row))
    return row


@allowed("measurement.set_kpis")
@transaction.atomic
def change_kpi(kpi: Kpi, /, *, by: Member | None, at: datetime, **fields: Any) -> Kpi:
    """Change a KPI that is kept."""
    row = Kpi.objects.select_for_update(of=("self",)).get(pk=kpi.pk)
    if row.dropped_at is not None:
        raise ValidationError(_("It was dropped meanwhile."))
    before = _kpi_facts(row)
    _set_kpi(row, fields)
    row.save()
    if (after := _kpi_facts(row)) != before:
        record("change_kpi", row, by=by, at=at, before=before, after=after)
    return row


@allowed("measurement.set_kpis")
@transaction.atomic
def drop_kpi(kpi: Kpi, *, by: Member | None, at: datetime) -> Kpi:
    """Measure ourselves by it no more."""
    row = Kpi.objects.select_for_update(of=("self",)).get(pk=kpi.pk)
    if row.dropped_at is None:
        row.dropped_at = at
        row.save(update_fields=["dropped_at"])
        record("drop_kpi", row, by=by, at=at, before=_kpi_facts(row))
    return row


@allowed("measurement.set_kpis")
@transaction.atomic
def take_up_kpi(kpi: Kpi, *, by: Member | None, at: datetime) -> Kpi:
    """Measure ourselves by it again."""
    row = Kpi.objects.select_for_update(of=("self",)).get(pk=kpi.pk)
    if row.dropped_at is not None:
        row.dropped_at = None
        row.save(update_fields=["dropped_at"])
        record("take_up_kpi", row, by=by, at=at)
    return row


@allowed("measurement.state_assumptions")
@transaction.atomic
def state_assumption(
    where: Organization | Department, /, *, by: Member | None, at: datetime, **fields: Any
) -> Assumption:
    """State what a return rests on, from which day, and how we know; what was stated is never changed."""
    row = Assumption(department=where if isinstance(where, Department) else None, stated_at=at, stated_by=by)
    for name in ("about", "amount", "currency", "metric", "kind", "first_day", "last_day", "source"):
        if name in fields:
            setattr(row, name, fields[name])
    row.currency = row.currency.strip().upper()
    _check(row)
    row.full_clean(exclude=["organization", "department", "stated_by", "withdrawn_at"])
    row.save()
    record("state_assumption", row, by=by, at=at, after=_facts(row))
    return row


@allowed("measurement.state_assumptions")
@transaction.atomic
def import_payback(
    organization: Organization, /, *, lines: Sequence[Mapping[str, Any]], by: Member | None, at: datetime
) -> int:
    """State what came in, line by line of a file: all or none, and what stands already not again; returns how many."""
    # Whoever takes the same file over at the same time waits, and then finds what stands.
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    stated = 0
    for line in lines:
        fields = {**line, "about": About.SUM, "metric": "", "currency": line["currency"].strip().upper()}
        if not Assumption.objects.filter(withdrawn_at=None, **fields).exists():
            where = fields.pop("department") or organization
            state_assumption(where, **fields, by=by, at=at)
            stated += 1
    return stated


@allowed("measurement.state_assumptions")
@transaction.atomic
def withdraw_assumption(assumption: Assumption, *, by: Member | None, at: datetime) -> Assumption:
    """Let no return rest on it any more; it stays to be read."""
    row = Assumption.objects.select_for_update(of=("self",)).get(pk=assumption.pk)
    if row.withdrawn_at is None:
        row.withdrawn_at = at
        row.save(update_fields=["withdrawn_at"])
        record("withdraw_assumption", row, by=by, at=at, before=_facts(row))
    return row


@allowed("measurement.state_assumptions")
@transaction.atomic
def restore_assumption(assumption: Assumption, *, by: Member | None, at: datetime) -> Assumption:
    """Let a return rest on it again."""
    row = Assumption.objects.select_for_update(of=("self",)).get(pk=assumption.pk)
    if row.withdrawn_at is not None:
        _check(row)
        row.withdrawn_at = None
        row.save(update_fields=["withdrawn_at"])
        record("restore_assumption", row, by=by, at=at)
    return row


def _check(row: Assumption) -> None:
    # Two people at once would each see no other currency.
    Organization.objects.select_for_update(no_key=True).get(pk=active_organization().pk)
    if len(row.currency) != 3 or not row.currency.isalpha() or not row.currency.isascii():
        raise ValidationError({"currency": _("Three letters, such as EUR.")})
    other = Assumption.objects.filter(withdrawn_at=None).exclude(currency=row.currency).first()
    if other is not None:
        text = _("Everything is stated in %(currency)s: amounts of two currencies cannot be added up.")
        raise ValidationError({"currency": text % {"currency": other.currency}})
    if row.about == About.EACH and row.metric not in WORTH:
        raise ValidationError({"metric": _("Say of what each is worth so much.")})
    if row.about != About.EACH:
        row.metric = ""
    if row.about != About.HOUR and not row.kind:
        raise ValidationError({"kind": _("Say of which kind it is.")})
    if row.about == About.HOUR:
        row.kind = ""


def _set_kpi(row: Kpi, fields: dict[str, Any]) -> None:
    for name in ("name", "kind", "metric", "target", "owner"):
        if name in fields:
            setattr(row, name, fields[name])
    metric = METRICS.get(row.metric)
    if metric is None or metric.place:
        raise ValidationError({"metric": _("There is no such metric.")})
    if row.department_id is not None and not metric.of_departments:
        raise ValidationError({"metric": _("This is not counted for a single department.")})
    row.full_clean(exclude=["organization", "department", "owner", "added_by", "dropped_at"])


def _kpi_facts(row: Kpi) -> dict[str, Any]:
    return {
        "name": row.name, "kind": row.kind, "metric": row.metric, "target": row.target,
        "department": row.department_id, "owner": row.owner_id,
    }  # fmt: skip


def _facts(row: Assumption) -> dict[str, Any]:
    return {
        "about": row.about, "amount": str(row.amount), "currency": row.currency, "metric": row.metric,
        "kind": row.kind, "first_day": row.first_day.isoformat(),
        "last_day": row.last_day.isoformat() if row.last_day else "", "department": row.department_id,
        "source": row.source,
    }  # fmt: skip
