"""What somebody has in the playbook, and how it is passed on when they leave or go away."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy

from maturity.models import BudgetedTime, Goal, Presence, SurgePart, SurgePlan
from roles.belongings import Belonging, Handing, Thing, add_belonging, in_column, listed, write_down
from roles.models import Member, Role


def _goals(member: Member) -> Any:
    return Goal.objects.filter(owner=member, ended_at=None).order_by("pk")


def _presences(member: Member) -> Any:
    # Where an employee speaks, it is theirs and goes with them.
    kinds = (Presence.Kind.OWNED, Presence.Kind.NEEDED)
    return Presence.objects.filter(member=member, kind__in=kinds, dropped_at=None).order_by("pk")


def _surges(member: Member) -> Any:
    rows = SurgePart.objects.filter(member=member, plan__state=SurgePlan.State.PLANNED)
    return rows.select_related("plan").order_by("pk")


def _pass_surges(handing: Handing) -> int:
    rows = list(_surges(handing.member).select_for_update(of=("self",), no_key=True))
    helped = SurgePart.objects.filter(member=handing.to, plan__in=[row.plan_id for row in rows])
    already = set(helped.values_list("plan_id", "is_on_call")) if handing.to is not None else set()
    # Only a coach is on call.
    gone = [
        row for row in rows
        if handing.to is None
        or (row.plan_id, row.is_on_call) in already
        or (row.is_on_call and Role.COACH not in handing.to.roles)
    ]  # fmt: skip
    SurgePart.objects.filter(pk__in=[row.pk for row in gone]).delete()
    kept = [row for row in rows if row not in gone]
    for row in kept:
        row.member = handing.to
    SurgePart.objects.bulk_update(kept, ["member"])
    write_down([row.plan for row in rows], handing)
    return len(rows)


def _hours(member: Member) -> Any:
    return BudgetedTime.objects.filter(member=member).select_related("department").order_by("pk")


def _pass_hours(handing: Handing) -> int:
    rows = list(_hours(handing.member).select_for_update(of=("self",), no_key=True))
    write_down(rows, handing)
    for row in rows:
        same = {"department": row.department, "line": row.line, "activity": row.activity}
        there = BudgetedTime.objects.select_for_update(no_key=True).filter(member=handing.to, **same).first()
        if there is None:
            row.member = handing.to
            row.save(update_fields=["member"])
        else:
            there.hours += row.hours
            there.save(update_fields=["hours"])
            row.delete()
    return len(rows)


for kind in (
    Belonging(
        "goals", gettext_lazy("Goals that they answer for"), 90,
        listed(_goals, lambda row: Thing(row.title, reverse("maturity:strategy"))), in_column(_goals, "owner"),
        "maturity.read",
    ),
    Belonging(
        "presences", gettext_lazy("Presences that they look after"), 92,
        listed(_presences, lambda row: Thing(row.name, reverse("maturity:presences"))),
        in_column(_presences, "member"), "maturity.read",
    ),
    Belonging(
        "surges", gettext_lazy("Surge plans in which they are to help"), 94,
        listed(_surges, lambda row: Thing(row.plan.title, reverse("maturity:surge", args=[row.plan_id]))),
        _pass_surges, "engagement.claim", gettext_lazy("Nobody: one helper fewer"),
    ),
    Belonging(
        "hours", gettext_lazy("Hours that are planned for them"), 96,
        listed(_hours, lambda row: Thing(str(row), reverse("maturity:budget"), str(row.department or ""))),
        _pass_hours, "maturity.read", gettext_lazy("Nobody by name: whoever does it"),
    ),
):  # fmt: skip
    add_belonging(kind)
