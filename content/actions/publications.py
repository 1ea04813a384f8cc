"""Publications: planning when something is said, another time, taking it off, and settling what went wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import formats
from django.utils.translation import gettext as _

from content.digest import digest_of
from content.gate import may_let_go, said_of_a_channel_off, waits_for
from content.limits import checks_of
from content.models import Publication, Variant
from content.planning import due_of
from content.publishing import publications_out, stand_by
from content.writing import hold_variant
from engagement.refusals import Refusal, Stale
from engagement.stop_querysets import go_through
from listening.way_out.states import address_said
from roles.audit import record
from roles.models import Member
from roles.permissions import allowed
from roles.statements import by_key
from roles.tenancy import active_organization
from roles.wording import in_order

State = Publication.State
# What has not begun, or surely did not go out, can be moved.
MOVABLE = (State.WAITING, State.HELD, State.READY, State.BY_HAND, State.MISSED, State.REFUSED)
NOT_UNDER_WAY = (State.MISSED, State.REFUSED)
GRACE_MINUTES, LONGEST_GRACE = 60, 7 * 24 * 60


@allowed("content.plan")
@transaction.atomic
def plan(
    variant: Variant,
    *,
    on_day: date,
    at_time: time,
    zone: str,
    grace_minutes: int = GRACE_MINUTES,
    by: Member,
    at: datetime,
) -> Publication:
    """Plan that a variant is said when the clocks of a zone show a time on a day.

    Raises Refusal where it is planned already or the moment has passed, ValidationError for a zone that is not known.
    """
    due_at = _due(on_day, at_time, zone, at=at)
    return _plan(
        variant, verb="plan", on_day=on_day, at_time=at_time, zone=zone, due_at=due_at, grace_minutes=grace_minutes,
        by=by, at=at,
    )  # fmt: skip


@allowed("content.plan")
@transaction.atomic
def plan_now(variant: Variant, *, by: Member, at: datetime) -> Publication:
    """Have a variant said as soon as a worker takes it; raises Refusal where it is planned already."""
    return _plan(variant, verb="plan_now", grace_minutes=GRACE_MINUTES, by=by, at=at, **_now(at))


def _plan(variant: Variant, *, verb: str, by: Member, at: datetime, **when: Any) -> Publication:
    go_through()
    row = hold_variant(variant)
    if row.is_dropped:
        raise Refusal(_("This is not said there any more."))
    if not row.channel.is_active:
        raise Refusal(said_of_a_channel_off(row.channel))
    if not 0 < when["grace_minutes"] <= LONGEST_GRACE:
        raise ValidationError({"grace_minutes": _("It may be late by one minute to one week.")})
    _only_one(row)
    if blocking := [problem.message for problem in checks_of(row) if problem.is_blocking]:
        raise Refusal(" ".join(blocking))
    publication = Publication.objects.create(
        variant=row, channel=row.channel, planned_by=by, planned_at=at, next_attempt_at=when["due_at"],
        digest=digest_of(row), key=str(uuid4()), **when,
    )  # fmt: skip
    stand_by(publication, at=at)
    record(verb, publication, by=by, at=at, after={"due_at": publication.due_at, "state": publication.state})
    publications_out.told(publication, at=at)
    return publication


@allowed("content.plan")
@transaction.atomic
def replan(
    publication: Publication, *, on_day: date, at_time: time, zone: str, grace_minutes: int | None = None,
    was: datetime | None = None, by: Member, at: datetime,
) -> Publication:  # fmt: skip
    """Move a publication to another time; raises Refusal where it has begun or the moment has passed.

    `was` is when it was due as whoever moves it saw it: raises Stale where somebody has moved it since.
    """
    row = _held(publication, was)
    due_at = _due(on_day, at_time, zone, at=at)
    before = {"due_at": row.due_at, "state": row.state}
    if grace_minutes is not None and not 0 < grace_minutes <= LONGEST_GRACE:
        raise ValidationError({"grace_minutes": _("It may be late by one minute to one week.")})
    if row.state in NOT_UNDER_WAY:
        _only_one(row.variant)
    row.on_day, row.at_time, row.zone, row.due_at = on_day, at_time, zone, due_at
    row.grace_minutes = grace_minutes or row.grace_minutes
    _begin_anew(row, by=by, at=at)
    record("replan", row, by=by, at=at, before=before, after={"due_at": due_at, "state": row.state})
    publications_out.told(row, at=at)
    return row


@allowed("content.plan")
@transaction.atomic
def unplan(publication: Publication, *, was: datetime | None = None, by: Member, at: datetime) -> Publication:
    """Take a publication off the plan; raises Refusal where it has begun, Stale where it is not due when it `was`."""
    row = _held(publication, was)
    before = {"state": row.state}
    _cancel(row)
    record("unplan", row, by=by, at=at, before=before)
    publications_out.told(row, at=at)
    return row


def _begin_anew(row: Publication, *, by: Member, at: datetime) -> None:
    """Have its turn come at its moment, as if nothing had been tried: it surely did not go out."""
    row.planned_by, row.planned_at, row.begun_at, row.looks = by, at, None, 0
    row.put_before_person_at, row.owner, row.reminded_at, row.released_at = None, None, None, None
    row.digest = digest_of(row.variant)
    row.save(
        update_fields=[
            "on_day", "at_time", "zone", "due_at", "grace_minutes", "planned_by", "planned_at", "begun_at", "looks",
            "put_before_person_at", "owner", "reminded_at", "released_at", "digest",
        ]
    )  # fmt: skip
    stand_by(row, at=at)


def _cancel(row: Publication) -> None:
    row.state, row.put_before_person_at = State.CANCELLED, None
    row.save(update_fields=["state", "put_before_person_at"])


def _only_one(variant: Variant) -> None:
    if Publication.objects.under_way().filter(variant=variant).exists():
        raise Refusal(_("It is planned already. Move that, or take it off the plan."))


def _held(publication: Publication, was: datetime | None) -> Publication:
    row = hold_publication(publication)
    if row.state not in MOVABLE:
        raise Refusal(_("This can no longer be moved: “%(state)s”.") % {"state": row.get_state_display()})
    if was is not None and was != row.due_at:
        said = {
            "name": row.planned_by, "day": formats.date_format(row.on_day, in_order("l, j F")),
            "time": f"{row.at_time:%H:%M}", "zone": row.zone,
        }  # fmt: skip
        raise Stale(
            _("%(name)s has moved this meanwhile, to %(day)s, %(time)s (%(zone)s). Nothing was changed.") % said
        )
    return row


def hold_publication(publication: Publication) -> Publication:
    """Lock a publication, after the door of what goes out and its piece; returns it as it is."""
    go_through()
    publications_out.lock_above(publication.pk)
    rows = Publication.objects.select_for_update(of=("self",), no_key=True).with_everything()
    row: Publication = by_key(rows, publication.pk)
    return row


def _due(on_day: date, at_time: time, zone: str, *, at: datetime) -> datetime:
    due_at = due_of(on_day, at_time, zone)
    if due_at < at:
        raise Refusal(_("That moment has passed. Choose a later one."))
    return due_at


def _now(at: datetime) -> dict[str, Any]:
    """A moment as the organization's clock shows it."""
    zone = active_organization().time_zone
    wall = at.astimezone(ZoneInfo(zone))
    return {
        "on_day": wall.date(),
        "at_time": wall.time().replace(second=0, microsecond=0),
        "zone": zone,
        "due_at": at.astimezone(UTC),
    }


DECISIONS = ("send_again", "mark_as_sent", "give_up")


@allowed("content.settle_publication")
@transaction.atomic
def settle_publication(
    publication: Publication, *, decision: str, url: str = "", by: Member, at: datetime
) -> Publication:
    """Decide about a publication that was refused, missed, held back, is unknown, or is to be posted by hand.

    `send_again` has it go out now, under the same key; `mark_as_sent` says that it is at the network, at `url`;
    `give_up` ends it. What is unknown is looked up before anyone may try again.
    """
    if decision not in DECISIONS:
        raise ValidationError({"decision": _("Choose one: send it again, it was sent, or give up.")})
    row = hold_publication(publication)
    before = {"state": row.state, "problem": row.problem}
    {"send_again": _send_again, "mark_as_sent": _mark_as_sent, "give_up": _give_up}[decision](row, url, by, at)
    publications_out.settled(row, decision, at=at)
    record("settle_publication", row, by=by, at=at, before=before, after={"state": row.state, "decision": decision})
    publications_out.told(row, at=at)
    return row


def _send_again(row: Publication, url: str, by: Member, at: datetime) -> None:
    _only_in(row, State.REFUSED, State.UNKNOWN, State.MISSED, State.HELD)
    if row.state in NOT_UNDER_WAY:
        _only_one(row.variant)
    # Of what is unknown the date stays: where it arrived after all, the same again is the same post.
    begun_at = row.begun_at if row.state == State.UNKNOWN else None
    if was_held := row.state == State.HELD:
        may_let_go(row, by=by)
    for name, value in _now(at).items():
        setattr(row, name, value)
    _begin_anew(row, by=by, at=at)
    # Who lets go what is held has seen what holds it; anything else meets a stop that is in force as at first.
    row.begun_at, row.released_at = begun_at, at if was_held else None
    row.save(update_fields=["begun_at", "released_at"])


def _mark_as_sent(row: Publication, url: str, by: Member, at: datetime) -> None:
    _only_in(row, State.REFUSED, State.UNKNOWN, State.MISSED, State.BY_HAND)
    if row.state in NOT_UNDER_WAY:
        _only_one(row.variant)
    if row.state == State.BY_HAND and (reason := waits_for(row, at=at)):
        raise Refusal(reason)
    publications_out.accepted(
        row, remote_id=row.remote_id, remote_url=address_said(url), at=at, looks_left=False, seen=False
    )


def _give_up(row: Publication, url: str, by: Member, at: datetime) -> None:
    _only_in(row, State.REFUSED, State.UNKNOWN, State.MISSED, State.BY_HAND, State.HELD)
    _cancel(row)


def _only_in(row: Publication, *states: str) -> None:
    if publications_out.still_looking(row) and State.UNKNOWN in states:
        raise Refusal(_("Touchline is still checking whether it arrived. Wait for a minute, then decide."))
    if row.state not in states:
        raise Refusal(
            _("There is nothing of this kind to decide now: “%(state)s”.") % {"state": row.get_state_display()}
        )


@allowed("content.settle_publication")
@transaction.atomic
def reassign_publication(publication: Publication, *, to: Member, by: Member, at: datetime) -> Publication:
    """Say who has to act on a publication that did not simply go out."""
    row = hold_publication(publication)
    if row.put_before_person_at is None:
        raise Refusal(_("There is nothing to decide about this publication now."))
    if not to.is_available(at):
        raise ValidationError({"to": _("%(name)s is away. Choose somebody who is here.") % {"name": to}})
    department = row.department
    if not to.holds("content.settle_publication", department.pk if department else None):
        raise ValidationError({"to": _("%(name)s does not publish in this department.") % {"name": to}})
    before = {"owner": row.owner_id}
    row.owner = to
    row.save(update_fields=["owner"])
    record("reassign_publication", row, by=by, at=at, before=before, after={"owner": to.pk, "owner_name": str(to)})
    publications_out.told(row, at=at)
    return row
