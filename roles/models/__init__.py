"""Who we are: organizations, people, their positions, and what they did."""

from roles.models.access import ApiToken, IdempotencyKey, Invitation
from roles.models.audit import AuditEntry
from roles.models.mail import Mail
from roles.models.organization import Department, Level, Organization
from roles.models.people import Member, Position, Role, User

__all__ = [
    "ApiToken",
    "AuditEntry",
    "Department",
    "IdempotencyKey",
    "Invitation",
    "Level",
    "Mail",
    "Member",
    "Organization",
    "Position",
    "Role",
    "User",
]
