"""What somebody has in the playbook, and how it is passed on when they leave or go away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy

from maturity.models import Goal
from roles.audit import record_many
from roles.belongings import MOST, Belonging, Handing, Thing, add_belonging
from roles.models import Member


def _goals(member: Member) -> Any:
    return Goal.objects.filter(owner=member, ended_at=None).order_by("pk")


def _shown(member: Member) -> Sequence[Thing]:
    return [Thing(row.title, reverse("maturity:strategy")) for row in _goals(member)[: MOST + 1]]


def _pass_on(handing: Handing) -> int:
    rows = list(_goals(handing.member).select_for_update(of=("self",), no_key=True))
    for row in rows:
        row.owner = handing.to
    Goal.objects.bulk_update(rows, ["owner"])
    after = {row.pk: {"to": str(handing.to)} for row in rows}
    record_many("hand_over", rows, by=handing.by, at=handing.at, after=after)
    return len(rows)


add_belonging(Belonging("goals", gettext_lazy("Goals that they answer for"), 90, _shown, _pass_on, "maturity.read"))
