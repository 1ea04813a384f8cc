"""Positions, absence, leaving and coming back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from types import EllipsisType
from typing import Any, NamedTuple

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from roles.activities import Activity
from roles.audit import record
from roles.belongings import left_alone
from roles.granting import require_to_give
from roles.holding import hold_team
from roles.live import look_again
from roles.models import (
    Absence,
    ApiToken,
    CustomRole,
    Department,
    Invitation,
    Member,
    Position,
    Role,
    TimeBlock,
)
from roles.permissions import allowed
from roles.signals import availability_changed, member_left
from roles.tenancy import active_organization
from roles.wording import listed

MOST_BLOCKS = 42


def _told(member: Member, at: datetime) -> None:
    """Tell the apps above and the open pages that the member can be given other work than before."""
    member.__dict__.pop("held_positions", None)
    availability_changed.send(Member, member=member, at=at)
    look_again("queue")


def _keep_an_owner(member: Member) -> None:
    """Refuse to lose the last owner; the team is held, so that two cannot go at once."""
    hold_team()
    # Who is owner for a while only keeps nobody in.
    others = Position.objects.filter(role=Role.OWNER, member__is_active=True, ends_at=None).exclude(member=member)
    if not others.exists():
        raise ValidationError(_("This is the last owner. Make somebody else an owner first."))


def _facts(position: Position) -> dict[str, Any]:
    return {
        "role": position.role or position.title,
        "department": str(position.department or ""),
        "capacity": position.capacity,
        "languages": position.languages,
        "skills": position.skills,
    } | ({"ends_at": position.ends_at.isoformat()} if position.ends_at else {})


@allowed("roles.manage_members")
@transaction.atomic
def give_position(
    member: Member,
    *,
    role: str = "",
    custom_role: CustomRole | None = None,
    department: Department | None,
    capacity: int = 20,
    languages: list[str] | None = None,
    skills: list[str] | None = None,
    ends_at: datetime | None = None,
    by: Member | None,
    at: datetime,
) -> Position:
    """Give the member a duty in a department, or, without one, in the whole organization."""
    if role == Role.OWNER and department:
        raise ValidationError({"role": _("An owner is owner of the whole organization.")})
    if bool(role) == bool(custom_role):
        raise ValidationError({"role": _("Choose a role.")})
    if ends_at is not None and ends_at <= at:
        raise ValidationError({"until": _("This day has passed.")})
    require_to_give(by, role=role, custom_role=custom_role, department=department)
    hold_team(member)
    if not member.is_active:
        raise ValidationError(_("%(name)s has left; let them return first.") % {"name": member})
    try:
        with transaction.atomic():
            position = Position.objects.create(
                member=member,
                role=role,
                custom_role=custom_role,
                department=department,
                capacity=capacity,
                languages=languages or [],
                skills=skills or [],
                ends_at=ends_at,
            )
    except IntegrityError:
        raise ValidationError(_("%(name)s holds this position already.") % {"name": member}) from None
    record("give_position", member, by=by, at=at, after=_facts(position))
    _told(member, at)
    return position


@allowed("roles.manage_members")
@transaction.atomic
def change_position(
    position: Position,
    *,
    capacity: int | None = None,
    languages: list[str] | None = None,
    skills: list[str] | None = None,
    ends_at: datetime | EllipsisType | None = ...,
    by: Member | None,
    at: datetime,
) -> None:
    """Change how much and what the member can take on in this position, and when it ends; what is not said stays."""
    _hold_position(position)
    before = _facts(position)
    said = {"capacity": capacity, "languages": languages, "skills": skills}
    for name, value in said.items():
        if value is not None:
            setattr(position, name, value)
    if not isinstance(ends_at, EllipsisType) and ends_at != position.ends_at:
        _change_end(position, ends_at, by=by, at=at)
    if (after := _facts(position)) == before:
        return
    position.save(update_fields=["capacity", "languages", "skills", "ends_at"])
    record("change_position", position.member, by=by, at=at, before=before, after=after)
    _told(position.member, at)


def _hold_position(position: Position) -> None:
    """Read a position as it is now, with the team held; somebody may have taken it away meanwhile."""
    hold_team(position.member)
    try:
        position.refresh_from_db(fields=["capacity", "languages", "skills", "ends_at"])
    except Position.DoesNotExist:
        raise ValidationError(_("Somebody has taken this position away.")) from None


def _change_end(position: Position, ends_at: datetime | None, *, by: Member | None, at: datetime) -> None:
    """To hold something for longer is to be given it; and an owner for a while keeps nobody in."""
    if ends_at is not None and ends_at <= at:
        raise ValidationError({"ends_on": _("This day has passed.")})
    require_to_give(by, role=position.role, custom_role=position.custom_role, department=position.department)
    if position.role == Role.OWNER and ends_at is not None:
        _keep_an_owner(position.member)
    position.ends_at = ends_at


@allowed("roles.manage_members")
@transaction.atomic
def take_position(position: Position, *, by: Member | None, at: datetime) -> None:
    """Take a duty from the member; the last owner keeps theirs."""
    member = position.member
    _hold_position(position)
    if position.role == Role.OWNER:
        _keep_an_owner(member)
    before = _facts(position)
    position.delete()
    record("take_position", member, by=by, at=at, before=before)
    _told(member, at)


@allowed("roles.set_availability")
@transaction.atomic
def go_away(
    member: Member, *, until: datetime | None = None, stand_in: Member | None = None, by: Member | None, at: datetime
) -> None:
    """Say that the member is not here, until a time or until they say otherwise; no work is given to them.

    What would have gone to them goes to whoever stands in, as far as that person is here and may have it.
    """
    if until is not None and until <= at:
        raise ValidationError({"until": _("This time has passed.")})
    _hold(member, *([stand_in] if stand_in is not None else []))
    if stand_in is not None and (stand_in.pk == member.pk or not stand_in.is_active):
        raise ValidationError({"stand_in": _("Choose somebody else who is here.")})
    before = _absence(member)
    member.is_away, member.away_until, member.stand_in = True, until, stand_in
    member.save(update_fields=["is_away", "away_until", "stand_in"])
    _keep_absence(member, at=at)
    after = _absence(member)
    if after != before:
        record("go_away", member, by=by, at=at, before=before, after=after)
        _told(member, at)


@allowed("roles.set_availability")
@transaction.atomic
def come_back(member: Member, *, by: Member | None, at: datetime) -> None:
    """Say that the member is here again."""
    _hold(member)
    if not member.is_away:
        return
    before = _absence(member)
    end_absence(member, at=at)
    record("come_back", member, by=by, at=at, before=before, after={"is_away": False})
    _told(member, at)


def _hold(member: Member, *others: Member) -> None:
    """Read whether the member is here as it is now, held: who says it at the same moment comes after."""
    hold_team(member, *others)
    if not member.is_active:
        raise ValidationError(_("%(name)s has left.") % {"name": member})
    member.refresh_from_db(fields=["is_away", "away_until", "stand_in"])


def _keep_absence(member: Member, *, at: datetime) -> None:
    """Have the row of the absence that goes on say what the member's own row says, or begin one."""
    row = Absence.objects.filter(member=member).going_on(at).first() or Absence(member=member, begins_at=at)
    row.ends_at, row.stand_in, row.is_begun = member.away_until, member.stand_in, True
    row.save()


def end_absence(member: Member, *, at: datetime) -> None:
    """Have a member be here again; inside a transaction of whoever says so."""
    member.is_away, member.away_until, member.stand_in = False, None, None
    member.save(update_fields=["is_away", "away_until", "stand_in"])
    going_on = Absence.objects.filter(member=member).going_on(at)
    going_on.filter(begins_at__gte=at).delete()
    going_on.update(ends_at=at)


class Block(NamedTuple):
    """One time block: by its beginning in the week, and what it is for."""

    weekday: int
    begins: time
    ends: time
    activity: str = Activity.RESPONDING.value


@allowed("roles.set_availability")
@transaction.atomic
def set_time_blocks(
    member: Member,
    *,
    blocks: Sequence[tuple[int, time, time] | tuple[int, time, time, str]],
    by: Member | None,
    at: datetime,
) -> None:
    """Say in which hours of the week a member does what; with none for responding they answer whenever not away."""
    wanted = sorted({Block(*block) for block in blocks})
    if len(wanted) > MOST_BLOCKS:
        raise ValidationError({"blocks": _("At most %(n)s time blocks.") % {"n": MOST_BLOCKS}})
    if len({(block.weekday, block.begins) for block in wanted}) < len(wanted):
        raise ValidationError({"blocks": _("Two time blocks begin at the same time.")})
    hold_team(member)
    if not member.is_active:
        raise ValidationError(_("%(name)s has left.") % {"name": member})
    # Read anew: whoever asks may have read the blocks along with the member.
    member = Member.objects.select_for_update(no_key=True, of=("self",)).select_related("user").get(pk=member.pk)
    known = {Block(row.weekday, row.begins, row.ends, row.activity): row for row in member.time_blocks.all()}
    before = [row.said for row in known.values()]
    today = at.astimezone(active_organization().zone).date()
    # What stays as it was stays the same row: since when it is kept is counted.
    member.time_blocks.exclude(pk__in=[row.pk for block, row in known.items() if block in wanted]).delete()
    rows = [TimeBlock(member=member, since=today, **block._asdict()) for block in wanted if block not in known]
    for row in rows:
        row.full_clean(exclude=["organization"])
    TimeBlock.objects.bulk_create(rows)
    after = [row.said for row in member.time_blocks.all()]
    if after != before:
        record("set_time_blocks", member, by=by, at=at, before={"blocks": before}, after={"blocks": after})
        _told(member, at)


@allowed("roles.set_training")
@transaction.atomic
def set_training(member: Member, *, until: date | None, by: Member | None, at: datetime) -> None:
    """Say until which day the member is in training, or, with None, that they are not."""
    if not member.is_active:
        raise ValidationError(_("%(name)s has left.") % {"name": member})
    before = {"training_until": member.training_until.isoformat() if member.training_until else None}
    member.training_until = until
    member.save(update_fields=["training_until"])
    after = {"training_until": until.isoformat() if until else None}
    if after != before:
        record("set_training", member, by=by, at=at, before=before, after=after)


@allowed("roles.set_on_call")
@transaction.atomic
def set_on_call(member: Member, *, is_on_call: bool, by: Member | None, at: datetime) -> None:
    """Say whether a warning reaches this coach first."""
    hold_team(member)
    if is_on_call and not (member.is_active and Role.COACH in member.roles):
        raise ValidationError(_("Only a coach can be on call."))
    switch_on_call(member, is_on_call=is_on_call, by=by, at=at)


def switch_on_call(member: Member, *, is_on_call: bool, by: Member | None, at: datetime) -> None:
    """The same, where it was asked before whether they may: all that somebody has is handed over."""
    if member.is_on_call == is_on_call:
        return
    member.is_on_call = is_on_call
    member.save(update_fields=["is_on_call"])
    record("set_on_call", member, by=by, at=at, before={"is_on_call": not is_on_call}, after={"is_on_call": is_on_call})
    look_again("warnings")


def _absence(member: Member) -> dict[str, Any]:
    said = {"is_away": member.is_away, "away_until": _written(member.away_until)}
    return said | ({"stand_in": str(member.stand_in)} if member.stand_in else {})


def _written(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


@allowed("roles.manage_members")
@transaction.atomic
def deactivate_member(member: Member, *, by: Member | None, at: datetime) -> None:
    """Let the member leave: their tokens and open invitations end with it, and their work goes to others.

    The last owner stays, and so does who has something that nobody would have then.
    """
    hold_team(member)
    if not member.is_active:
        raise ValidationError(_("%(name)s has left already.") % {"name": member})
    if Role.OWNER in member.roles:
        _keep_an_owner(member)
    if alone := left_alone(member):
        what = listed(f"{kind.title} ({count})" for kind, count in alone)
        said = _("Something would stay with nobody: %(what)s. Hand it over first.")
        raise ValidationError(said % {"what": what})
    member.is_active = False
    member.save(update_fields=["is_active"])
    tokens = ApiToken.objects.filter(member=member, revoked_at=None).update(revoked_at=at)
    invitations = Invitation.objects.open(at).filter(invited_by=member).update(withdrawn_at=at)
    after = {"is_active": False, "tokens_revoked": tokens, "invitations_withdrawn": invitations}
    record("deactivate_member", member, by=by, at=at, before={"is_active": True}, after=after)
    member_left.send(Member, member=member, at=at)
    look_again("queue")


@allowed("roles.manage_members")
@transaction.atomic
def reactivate_member(member: Member, *, by: Member | None, at: datetime) -> None:
    """Let a member who left return to the positions that they held."""
    hold_team(member)
    if member.is_active:
        raise ValidationError(_("%(name)s has not left.") % {"name": member})
    member.is_active = True
    member.save(update_fields=["is_active"])
    end_absence(member, at=at)
    record("reactivate_member", member, by=by, at=at, before={"is_active": False}, after={"is_active": True})
    _told(member, at)


@allowed("roles.change_name")
@transaction.atomic
def change_name(member: Member, *, name: str, by: Member, at: datetime) -> None:
    """Change the name under which colleagues see a person, in all their organizations."""
    before = member.user.name
    if name == before:
        return
    member.user.name = name
    member.user.save(update_fields=["name"])
    record("change_name", member, by=by, at=at, before={"name": before}, after={"name": name})


@allowed("roles.choose_language")
@transaction.atomic
def choose_language(member: Member, *, language: str, by: Member, at: datetime) -> None:
    """Choose in which language Touchline speaks and writes to a person, everywhere; empty where their browser says it.

    Raises ValidationError for a language that this installation does not speak.
    """
    before = member.user.language
    if language and language not in dict(settings.LANGUAGES):
        raise ValidationError(_("Choose one of the languages in the list."))
    if language != before:
        member.user.language = language
        member.user.save(update_fields=["language"])
        record("choose_language", member, by=by, at=at, before={"language": before}, after={"language": language})
