"""What somebody has in the team itself: being on call, and standing in for others."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from roles import clock
from roles.actions.people import switch_on_call
from roles.audit import record_many
from roles.belongings import MOST, Belonging, Handing, Thing, add_belonging
from roles.models import Absence, Member, Role


def _on_call(member: Member) -> Sequence[Thing]:
    return [Thing(_("Warnings reach them first"))] if member.is_on_call else []


def _pass_on_call(handing: Handing) -> int:
    member, to = handing.member, handing.to
    if not member.is_on_call:
        return 0
    if to is not None and Role.COACH not in to.roles:
        raise ValidationError({"to_on_call": _("Only a coach can be on call.")})
    switch_on_call(member, is_on_call=False, by=handing.by, at=handing.at)
    if to is not None:
        switch_on_call(to, is_on_call=True, by=handing.by, at=handing.at)
    return 1


def _on_call_alone(member: Member) -> int:
    """Where no coach is on call, all who are here are told; so only the last coach leaves it to nobody."""
    others = Member.objects.active().with_role(Role.COACH).exclude(pk=member.pk)
    return 1 if member.is_on_call and not others.exists() else 0


def _absences(member: Member) -> Sequence[Thing]:
    rows = Absence.objects.not_over(clock.now()).filter(stand_in=member).with_people()[: MOST + 1]
    return [
        Thing(str(row.member), reverse("roles:member", args=[row.member_id]), f"{localtime(row.begins_at):%Y-%m-%d}")
        for row in rows
    ]


def _pass_absences(handing: Handing) -> int:
    mine = Absence.objects.not_over(handing.at).filter(stand_in=handing.member)
    # Before the rows, as wherever something is said of their absences; whoever hands over holds the team.
    people = Member.objects.filter(pk__in=mine.values("member")).order_by("pk")
    list(people.select_for_update(no_key=True).values_list("pk", flat=True))
    rows = list(mine.with_people().select_for_update(of=("self",)))
    for row in rows:
        # Nobody stands in for themselves.
        row.stand_in = None if handing.to is not None and row.member_id == handing.to.pk else handing.to
        if row.is_begun:
            Member.objects.filter(pk=row.member_id, stand_in=handing.member).update(stand_in=row.stand_in)
    Absence.objects.bulk_update(rows, ["stand_in"])
    after = {row.pk: {"to": str(row.stand_in or "")} for row in rows}
    record_many("hand_over", rows, by=handing.by, at=handing.at, after=after)
    return len(rows)


def _whoever_is_there(_member: Member) -> int:
    """None: without anybody by name, work goes to whom the policy chooses."""
    return 0


for kind in (
    Belonging(
        "on_call", gettext_lazy("Being on call"), 12, _on_call, _pass_on_call, "listening.tune_warnings",
        gettext_lazy("Nobody by name: all coaches who are here"), _on_call_alone,
    ),
    Belonging(
        "absences", gettext_lazy("Absences in which they stand in"), 14, _absences, _pass_absences, "roles.read",
        gettext_lazy("Whoever is there"), _whoever_is_there,
    ),
):  # fmt: skip
    add_belonging(kind)
