"""The reads of content across organizations: where publications are late or wait for a person, whose a calendar is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q

from content.models import CalendarFeed, FirstComment, Publication, ReviewGuest, ReviewStep
from listening.way_out.housekeeping import organizations_waiting
from roles.models import Member, Organization
from roles.models.access import digest

NOT_BEGUN = ("waiting", "held", "ready")


def organizations_with_late(*, at: datetime) -> list[Organization]:
    """Return those where the moment of something has come and it has not begun."""
    return _of(Publication.everywhere.filter(state__in=NOT_BEGUN, due_at__lte=at).values("organization"))


def organizations_with_plans(*, at: datetime) -> list[Organization]:
    """Return those where something is still to come."""
    return _of(Publication.everywhere.filter(state__in=NOT_BEGUN, due_at__gt=at).values("organization"))


def organizations_that_published(*, since: datetime) -> list[Organization]:
    """Return those of which a network took something since a moment, at an address that we know."""
    return _of(Publication.everywhere.filter(accepted_at__gt=since).exclude(page="").values("organization"))


def organizations_to_remind(*, at: datetime) -> list[Organization]:
    """Return those where something has waited so long for a person that they are told by mail."""
    found = {*organizations_waiting(Publication, at=at), *organizations_waiting(FirstComment, at=at)}
    return sorted(found, key=lambda organization: organization.pk)


def organizations_with_reviews_due(*, at: datetime) -> list[Organization]:
    """Return those where a step of a review is to be looked after."""
    return _of(ReviewStep.everywhere.filter(state="waiting", next_look_at__lte=at).values("organization"))


def review_step_of_link(organization_id: int, key: int, member_id: int) -> tuple[ReviewStep, Member] | None:
    """Return the step of a review and the member of a link in a mail, while the member is still here."""
    step = ReviewStep.everywhere.filter(pk=key, organization=organization_id).first()
    members = Member.everywhere.select_related("user", "organization")
    member = members.filter(pk=member_id, organization=organization_id, is_active=True, user__is_active=True).first()
    return (step, member) if step is not None and member is not None else None


def guest_of_link(key: str) -> ReviewGuest | None:
    """Return whoever outside was sent this key, unless it was revoked; a link whose time is over says so itself."""
    theirs = Q(link_digest=digest(key)) | Q(second_digest=digest(key))
    rows = ReviewGuest.everywhere.filter(theirs).exclude(state=ReviewGuest.State.REVOKED)
    return rows.select_related("organization").first()


def calendar_of(key: str) -> CalendarFeed | None:
    """Return the calendar that this key opens, as long as the one whose it is belongs here."""
    theirs = Q(member=None) | Q(member__is_active=True, member__user__is_active=True)
    rows = CalendarFeed.everywhere.filter(theirs, feed_digest=digest(key)).select_related("organization")
    return rows.first()


def _of(keys: Any) -> list[Organization]:
    return list(Organization.objects.filter(pk__in=keys).order_by("pk"))
