"""When an assignment is escalated unless somebody takes it: in so many minutes, of all hours or of business hours."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cached_property

from engagement.models import AssignmentPolicy
from roles import clock
from roles.business_hours import Calendars


class Escalating:
    """The moments for what is given out at one time; calendars are read only where the policy counts in them."""

    def __init__(self, policy: AssignmentPolicy | None = None, *, at: datetime) -> None:
        self.policy = policy or AssignmentPolicy.objects.current()
        self.at = at
        self._moments: dict[int, datetime] = {}

    @cached_property
    def _calendars(self) -> Calendars:
        return Calendars()

    def moment(self, department_id: int) -> datetime | None:
        """When something that waits in this department from now on is escalated; None where nothing is."""
        minutes = self.policy.escalation_minutes
        if minutes is None:
            return None
        if not self.policy.escalates_in_business_hours:
            return self.at + timedelta(minutes=minutes)
        if department_id not in self._moments:
            self._moments[department_id] = clock.due(self.at, minutes, hours=self.hours(department_id))
        return self._moments[department_id]

    def hours(self, department_id: int) -> clock.Hours:
        """The hours in which minutes count; where a calendar is never open, all do."""
        if not self.policy.escalates_in_business_hours:
            return clock.ALWAYS
        return self._calendars.hours_from(self.at, department_id)
