"""Who we are: organizations, people, their positions, and what they did."""

from roles.models.absences import Absence
from roles.models.access import ApiToken, IdempotencyKey, Invitation
from roles.models.audit import AuditEntry
from roles.models.blocks import TimeBlock
from roles.models.calendars import Calendar, Holiday, OpenHours, Weekday
from roles.models.custom_roles import CustomRole
from roles.models.identity import GroupRole, IdentityProvider
from roles.models.mail import Mail
from roles.models.openings import EarlyOpening
from roles.models.organization import Department, Level, Organization
from roles.models.people import Member, Position, Role, User
from roles.models.planned import PlannedPosition
from roles.models.steps import AskedStep, NamedStep, Needs
from roles.models.tasks import TaskRecord

__all__ = [
    "Absence",
    "ApiToken",
    "AskedStep",
    "AuditEntry",
    "Calendar",
    "CustomRole",
    "Department",
    "EarlyOpening",
    "GroupRole",
    "Holiday",
    "IdempotencyKey",
    "IdentityProvider",
    "Invitation",
    "Level",
    "Mail",
    "Member",
    "NamedStep",
    "Needs",
    "OpenHours",
    "Organization",
    "PlannedPosition",
    "Position",
    "Role",
    "TaskRecord",
    "TimeBlock",
    "User",
    "Weekday",
]
