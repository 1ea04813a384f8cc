"""What somebody has in listening, and how it is passed on when they leave or go away."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy

from listening.models import EarlyWarning
from roles.belongings import Belonging, Thing, add_belonging, in_column, listed
from roles.live import look_again
from roles.models import Member


def _warnings(member: Member) -> Any:
    rows = EarlyWarning.objects.filter(acknowledged_by=member, state=EarlyWarning.State.ACKNOWLEDGED)
    return rows.order_by("pk")


add_belonging(
    Belonging(
        "warnings", gettext_lazy("Warnings that they are on"), 15,
        listed(_warnings, lambda row: Thing(str(row), reverse("listening:warning", args=[row.pk]))),
        in_column(_warnings, "acknowledged_by", then=lambda _rows, _at: look_again("warnings")),
        "listening.acknowledge",
    )
)  # fmt: skip
