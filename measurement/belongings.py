"""What somebody answers for in figures, and how it is passed on when they leave or go away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy

from measurement.models import Kpi, Report
from roles.audit import record_many
from roles.belongings import MOST, Belonging, Handing, Thing, add_belonging
from roles.models import Member


def _kpis(member: Member) -> Any:
    return Kpi.objects.filter(owner=member, dropped_at=None).order_by("pk")


def _kpis_shown(member: Member) -> Sequence[Thing]:
    return [Thing(row.name, reverse("measurement:kpis")) for row in _kpis(member)[: MOST + 1]]


def _pass_kpis(handing: Handing) -> int:
    rows = list(_kpis(handing.member).select_for_update(of=("self",), no_key=True))
    for row in rows:
        row.owner = handing.to
    Kpi.objects.bulk_update(rows, ["owner"])
    after = {row.pk: {"to": str(handing.to or "")} for row in rows}
    record_many("hand_over", rows, by=handing.by, at=handing.at, after=after)
    return len(rows)


add_belonging(
    Belonging("kpis", gettext_lazy("KPIs that they answer for"), 91, _kpis_shown, _pass_kpis, "measurement.read")
)


def _reports(member: Member) -> Any:
    return Report.objects.filter(owner=member, dropped_at=None).order_by("pk")


def _reports_shown(member: Member) -> Sequence[Thing]:
    return [Thing(row.name, reverse("measurement:report", args=[row.pk])) for row in _reports(member)[: MOST + 1]]


def _pass_reports(handing: Handing) -> int:
    rows = list(_reports(handing.member).select_for_update(of=("self",), no_key=True))
    for row in rows:
        row.owner = handing.to
    Report.objects.bulk_update(rows, ["owner"])
    after = {row.pk: {"to": str(handing.to or "")} for row in rows}
    record_many("hand_over", rows, by=handing.by, at=handing.at, after=after)
    return len(rows)


add_belonging(
    Belonging(
        "reports", gettext_lazy("Reports that they look after"), 92, _reports_shown, _pass_reports, "measurement.read"
    )
)
