"""Ask people in by a link, and let them in."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from roles.actions.people import end_absence
from roles.audit import record
from roles.holding import hold_team
from roles.mail import send_invitation
from roles.models import CustomRole, Department, Invitation, Member, Organization, Position, Role, User
from roles.models.access import digest
from roles.permissions import allowed, decide, require
from roles.signals import availability_changed
from roles.tenancy import active_organization

OPEN_FOR = timedelta(days=7)


@allowed("roles.invite")
@transaction.atomic
def invite(
    where: Organization | Department,
    *,
    email: str,
    role: str = "",
    custom_role: CustomRole | None = None,
    name: str = "",
    capacity: int = 20,
    languages: Sequence[str] = (),
    skills: Sequence[str] = (),
    ends_at: datetime | None = None,
    by: Member,
    at: datetime,
) -> tuple[Invitation, str]:
    """Invite someone into one position; returns the invitation and its link, which is shown this once."""
    email = email.strip().lower()
    department = where if isinstance(where, Department) else None
    token = secrets.token_urlsafe(32)
    invitation = Invitation(
        email=email,
        name=name,
        department=department,
        role=role,
        custom_role=custom_role,
        capacity=capacity,
        languages=list(languages),
        skills=list(skills),
        ends_at=ends_at,
        token_digest=digest(token),
        invited_by=by,
        created_at=at,
        expires_at=at + OPEN_FOR,
    )
    _sensible(invitation, at=at)
    require(by, "roles.invite", invitation)
    # A second invitation for the same position replaces the first: one open link is enough.
    replaced = Invitation.objects.open(at).filter(
        email=email, role=role, custom_role=custom_role, department=department
    )
    replaced.update(withdrawn_at=at)
    invitation.save()
    after = {"role": role or invitation.title, "department": str(department or "")}
    record("invite", invitation, by=by, at=at, after=after)
    link = f"{settings.SITE_URL}/invitations/{token}/"
    transaction.on_commit(lambda: send_invitation(invitation, link), robust=True)
    return invitation, link


def _sensible(invitation: Invitation, *, at: datetime) -> None:
    if invitation.role == Role.OWNER and invitation.department_id is not None:
        raise ValidationError({"role": _("An owner is owner of the whole organization.")})
    if bool(invitation.role) == bool(invitation.custom_role_id):
        raise ValidationError({"role": _("Choose a role.")})
    if invitation.ends_at is not None and invitation.ends_at <= at:
        raise ValidationError(_("This day has passed."))
    if Member.objects.active().filter(user__email=invitation.email).exists():
        raise ValidationError({"email": _("This person is a member already. Give the position on the team page.")})


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
    hold_team()
    invitation = Invitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
    if not invitation.is_open(at):
        raise ValidationError(_("This invitation is not open any more."))
    if user.email.lower() != invitation.email:
        raise ValidationError(_("This invitation was made for another e-mail address."))
    # A link is worth no more than its maker: who may not invite any more opens no door by an old one.
    if not decide(invitation.invited_by, "roles.invite", invitation):
        raise ValidationError(_("Who invited you may not do so any more. Ask for a new invitation."))
    # All that is offered to this address here comes with it: one link is enough.
    offers = [invitation, *_other_offers(invitation, at=at)]
    Invitation.objects.filter(pk__in=[offer.pk for offer in offers]).update(accepted_at=at)
    member, _new = Member.objects.get_or_create(user=user, defaults={"joined_at": at})
    if not member.is_active:
        # Who comes back by invitation holds what the invitation says, not what they held before.
        member.positions.all().delete()
        member.is_active = True
        member.save(update_fields=["is_active"])
        end_absence(member, at=at)
    for offer in offers:
        duty = {"role": offer.role, "custom_role": offer.custom_role, "department": offer.department}
        detail = {"capacity": offer.capacity, "languages": offer.languages, "skills": offer.skills}
        Position.objects.get_or_create(member=member, **duty, defaults={**detail, "ends_at": offer.ends_at})
        after = {"role": offer.role or offer.title, "department": str(offer.department or "")}
        record("accept_invitation", member, by=member, at=at, after=after)
    availability_changed.send(Invitation, member=member, at=at)
    return member


def _other_offers(invitation: Invitation, *, at: datetime) -> list[Invitation]:
    """What else is offered to the same address by people who still may."""
    rows = Invitation.objects.open(at).with_people().filter(email=invitation.email).exclude(pk=invitation.pk)
    found = rows.order_by("pk").select_for_update(of=("self",))
    return [row for row in found if decide(row.invited_by, "roles.invite", row)]


@transaction.atomic
def join(invitation: Invitation, *, name: str, password: str, at: datetime) -> Member:
    """Let a new person in: make the user whom the invitation names, and accept it for them."""
    assert invitation.organization_id == active_organization().pk
    is_known = User.objects.filter(email=invitation.email).exists()
    try:
        with transaction.atomic():
            user = None if is_known else User.objects.create_user(invitation.email, password, name=name)
    except IntegrityError:  # the same form was sent from another window in this very moment
        user = None
    if user is None:
        raise ValidationError(_("There is an account for this address already. Sign in to accept."))
    return accept_invitation(invitation, user=user, at=at)
