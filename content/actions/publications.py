"""Publications: planning when something is said, another time, and taking it off the plan."""

from __future__ import annotations

from datetime import date, datetime, time
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from content.digest import digest_of
from content.models import Publication, Variant
from content.planning import due_of
from content.writing import hold_variant
from engagement.refusals import Refusal
from roles.audit import record
from roles.models import Member
from roles.permissions import allowed

State = Publication.State
# What has not begun can be moved.
MOVABLE = (State.WAITING, State.HELD, State.READY, State.BY_HAND)


@allowed("content.plan")
@transaction.atomic
def plan(
    variant: Variant,
    *,
    on_day: date,
    at_time: time,
    zone: str,
    grace_minutes: int = 60,
    by: Member,
    at: datetime,
) -> Publication:
    """Plan that a variant is said when the clocks of a zone show a time on a day.

    Raises Refusal where it is planned already or the moment has passed, ValidationError for a zone that is not known.
    """
    row = hold_variant(variant)
    if Publication.objects.under_way().filter(variant=row).exists():
        raise Refusal(_("It is planned already. Move that, or take it off the plan."))
    due_at = _due(on_day, at_time, zone, at=at)
    publication = Publication.objects.create(
        variant=row, channel=row.channel, planned_by=by, planned_at=at, on_day=on_day, at_time=at_time, zone=zone,
        due_at=due_at, next_attempt_at=due_at, grace_minutes=grace_minutes, digest=digest_of(row), key=str(uuid4()),
    )  # fmt: skip
    record("plan", publication, by=by, at=at, after={"due_at": due_at})
    return publication


@allowed("content.plan")
@transaction.atomic
def replan(
    publication: Publication, *, on_day: date, at_time: time, zone: str, by: Member, at: datetime
) -> Publication:
    """Move a publication to another time; raises Refusal where it has begun or the moment has passed."""
    row = _held(publication)
    due_at = _due(on_day, at_time, zone, at=at)
    before = {"due_at": row.due_at}
    row.on_day, row.at_time, row.zone, row.due_at, row.next_attempt_at = on_day, at_time, zone, due_at, due_at
    if row.state == State.BY_HAND:
        row.state = State.READY
    row.save(update_fields=["on_day", "at_time", "zone", "due_at", "next_attempt_at", "state"])
    record("replan", row, by=by, at=at, before=before, after={"due_at": due_at})
    return row


@allowed("content.plan")
@transaction.atomic
def unplan(publication: Publication, *, by: Member, at: datetime) -> Publication:
    """Take a publication off the plan; raises Refusal where it has begun."""
    row = _held(publication)
    row.state = State.CANCELLED
    row.save(update_fields=["state"])
    record("unplan", row, by=by, at=at)
    return row


def _held(publication: Publication) -> Publication:
    hold_variant(publication.variant)
    row: Publication = (
        Publication.objects.select_for_update(of=("self",), no_key=True).with_everything().get(pk=publication.pk)
    )
    if row.state not in MOVABLE:
        raise Refusal(_("This can no longer be moved: “%(state)s”.") % {"state": row.get_state_display()})
    return row


def _due(on_day: date, at_time: time, zone: str, *, at: datetime) -> datetime:
    due_at = due_of(on_day, at_time, zone)
    if due_at < at:
        raise Refusal(_("That moment has passed. Choose a later one."))
    return due_at
