"""Conditions on what members may do beside figures."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from measurement.models import Report
from roles.models import Department, Member
from roles.permissions import ALLOWED, Decision, decide, rule

FOR_THE_WHOLE = (
    "measurement.annotate", "measurement.compare_voices", "measurement.set_kpis", "measurement.state_assumptions",
)  # fmt: skip


def _of_the_whole(capability: str) -> None:
    @rule(capability)
    def check(member: Member, subject: Any) -> Decision:
        """What concerns everybody is said by who stands for the whole, not for a department."""
        department = subject if isinstance(subject, Department) else getattr(subject, "department", None)
        if department is not None or any(
            position.department_id is None and position.carries(capability) for position in member.held_positions
        ):
            return ALLOWED
        return Decision(_("This concerns the whole organization: choose your department."))


@rule("measurement.publish_reports")
def reports_are_opened_by_those_who_stand_for_the_whole(member: Member, subject: Any) -> Decision:
    """A report tells of everybody, so who stands for one department opens none."""
    if any(one.department_id is None and one.carries("measurement.publish_reports") for one in member.held_positions):
        return ALLOWED
    return Decision(
        _(
            "A report is about the whole organization: only somebody with a position for all of it can open it"
            " to others."
        )
    )


def may_change_report(member: Member, report: Report, *, at: datetime) -> Decision:
    """While anybody may read a report, whoever changes what it says opens that to them."""
    is_open = report.addresses.filter(revoked_at=None, expires_at__gt=at).exists()
    if not is_open or decide(member, "measurement.publish_reports", report):
        return decide(member, "measurement.compose_reports", report)
    return Decision(_("Anybody can read this report now: only those who may open it to others can change it."))


for _capability in FOR_THE_WHOLE:
    _of_the_whole(_capability)
