"""What somebody answers for in figures, and how it is passed on when they leave or go away."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy

from measurement.models import Kpi, Report
from roles.belongings import Belonging, Thing, add_belonging, in_column, listed
from roles.models import Member


def _kpis(member: Member) -> Any:
    return Kpi.objects.filter(owner=member, dropped_at=None).order_by("pk")


def _reports(member: Member) -> Any:
    return Report.objects.filter(owner=member, dropped_at=None).order_by("pk")


for kind in (
    Belonging(
        "kpis", gettext_lazy("KPIs that they answer for"), 91,
        listed(_kpis, lambda row: Thing(row.name, reverse("measurement:kpis"))), in_column(_kpis, "owner"),
        "measurement.read",
    ),
    Belonging(
        "reports", gettext_lazy("Reports that they look after"), 92,
        listed(_reports, lambda row: Thing(row.name, reverse("measurement:report", args=[row.pk]))),
        in_column(_reports, "owner"), "measurement.read",
    ),
):  # fmt: skip
    add_belonging(kind)
