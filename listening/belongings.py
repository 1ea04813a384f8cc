"""What somebody has in listening, and how it is passed on when they leave or go away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy

from listening.models import EarlyWarning
from roles.audit import record_many
from roles.belongings import MOST, Belonging, Handing, Thing, add_belonging
from roles.live import look_again
from roles.models import Member


def _warnings(member: Member) -> Any:
    rows = EarlyWarning.objects.filter(acknowledged_by=member, state=EarlyWarning.State.ACKNOWLEDGED)
    return rows.order_by("pk")


def _shown(member: Member) -> Sequence[Thing]:
    return [Thing(str(row), reverse("listening:warning", args=[row.pk])) for row in _warnings(member)[: MOST + 1]]


def _pass_on(handing: Handing) -> int:
    rows = list(_warnings(handing.member).select_for_update(of=("self",), no_key=True))
    for row in rows:
        row.acknowledged_by = handing.to
    EarlyWarning.objects.bulk_update(rows, ["acknowledged_by"])
    after = {row.pk: {"to": str(handing.to)} for row in rows}
    record_many("hand_over", rows, by=handing.by, at=handing.at, after=after)
    look_again("warnings")
    return len(rows)


add_belonging(
    Belonging("warnings", gettext_lazy("Warnings that they are on"), 15, _shown, _pass_on, "listening.acknowledge")
)
