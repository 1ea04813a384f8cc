"""Ask people in by a link, and let them in."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from roles.audit import record
from roles.mail import send_invitation
from roles.models import Department, Invitation, Member, Organization, Position, Role, User
from roles.models.access import digest
from roles.permissions import allowed, decide, require
from roles.signals import availability_changed
from roles.tenancy import active_organization

OPEN_FOR = timedelta(days=7)


@allowed("roles.invite")
@transaction.atomic
def invite(
    where: Organization | Department, *, email: str, role: str, name: str = "", by: Member, at: datetime
) -> tuple[Invitation, str]:
    """Invite someone into one position; returns the invitation and its link, which is shown this once."""
    email = email.strip().lower()
    department = where if isinstance(where, Department) else None
    if role == Role.OWNER and department:
        raise ValidationError({"role": _("An owner is owner of the whole organization.")})
    if Member.objects.active().filter(user__email=email).exists():
        raise ValidationError({"email": _("This person is a member already. Give the position on the team page.")})
    token = secrets.token_urlsafe(32)
    invitation = Invitation(
        email=email,
        name=name,
        department=department,
        role=role,
        token_digest=digest(token),
        invited_by=by,
        created_at=at,
        expires_at=at + OPEN_FOR,
    )
    require(by, "roles.invite", invitation)
    # A second invitation for the same position replaces the first: one open link is enough.
    replaced = Invitation.objects.open(at).filter(email=email, role=role, department=department)
    replaced.update(withdrawn_at=at)
    invitation.save()
    record("invite", invitation, by=by, at=at, after={"role": role, "department": str(department or "")})
    link = f"{settings.SITE_URL}/invitations/{token}/"
    transaction.on_commit(lambda: send_invitation(invitation, link), robust=True)
    return invitation, link


@allowed("roles.invite")
@transaction.atomic
def withdraw_invitation(invitation: Invitation, *, by: Member, at: datetime) -> None:
    """End an open invitation: its link opens nothing any more."""
    invitation = Invitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
    if not invitation.is_open(at):
        raise ValidationError(_("This invitation is not open any more."))
    invitation.withdrawn_at = at
    invitation.save(update_fields=["withdrawn_at"])
    record("withdraw_invitation", invitation, by=by, at=at)


@transaction.atomic
def accept_invitation(invitation: Invitation, *, user: User, at: datetime) -> Member:
    """Let the invited user in, in the position that was offered; the link is the permission."""
    invitation = Invitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
    if not invitation.is_open(at):
        raise ValidationError(_("This invitation is not open any more."))
    if user.email.lower() != invitation.email:
        raise ValidationError(_("This invitation was made for another e-mail address."))
    # A link is worth no more than its maker: who may not invite any more opens no door by an old one.
    if not decide(invitation.invited_by, "roles.invite", invitation):
        raise ValidationError(_("Who invited you may not do so any more. Ask for a new invitation."))
    invitation.accepted_at = at
    invitation.save(update_fields=["accepted_at"])
    member, _new = Member.objects.get_or_create(user=user, defaults={"joined_at": at})
    if not member.is_active:
        # Who comes back by invitation holds what the invitation says, not what they held before.
        member.positions.all().delete()
        member.is_active, member.is_away, member.away_until = True, False, None
        member.save(update_fields=["is_active", "is_away", "away_until"])
    Position.objects.get_or_create(member=member, department=invitation.department, role=invitation.role)
    after = {"role": invitation.role, "department": str(invitation.department or "")}
    record("accept_invitation", member, by=member, at=at, after=after)
    availability_changed.send(Invitation, member=member, at=at)
    return member


@transaction.atomic
def join(invitation: Invitation, *, name: str, password: str, at: datetime) -> Member:
    """Let a new person in: make the user whom the invitation names, and accept it for them."""
    if User.objects.filter(email=invitation.email).exists():
        raise ValidationError(_("There is an account for this address already. Sign in to accept."))
    assert invitation.organization_id == active_organization().pk
    user = User.objects.create_user(invitation.email, password, name=name)
    return accept_invitation(invitation, user=user, at=at)
