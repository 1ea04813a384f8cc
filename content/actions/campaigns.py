"""Campaigns and events: planning, changing, closing, opening again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from content.models import Campaign
from roles.audit import record, record_change
from roles.models import Department, Member
from roles.permissions import allowed, require

FIELDS = ("name", "kind", "goal", "begins_on", "ends_on", "colour", "department")


def add_campaign(*, department: Department | None = None, by: Member, at: datetime, **said: Any) -> Campaign:
    """Plan a campaign or an event; raises ValidationError for what a field does not take."""
    return _add(department, said=said, by=by, at=at)


@allowed("content.manage_campaigns")
@transaction.atomic
def _add(department: Department | None, /, *, said: dict[str, Any], by: Member, at: datetime) -> Campaign:
    row = Campaign(department=department, created_at=at, created_by=by)
    _fill(row, said)
    row.save()
    record("add_campaign", row, by=by, at=at, after=_facts(row))
    return row


@allowed("content.manage_campaigns")
@transaction.atomic
def change_campaign(campaign: Campaign, /, *, by: Member | None, at: datetime, **said: Any) -> Campaign:
    """Say it otherwise; raises ValidationError for what a field does not take."""
    row = _held(campaign)
    before = _facts(row)
    if by is not None and "department" in said and said["department"] != row.department:
        require(by, "content.manage_campaigns", said["department"])
    _fill(row, said)
    row.save()
    if (after := _facts(row)) != before:
        record_change("change_campaign", row, by=by, at=at, before=before, after=after)
    return row


@allowed("content.manage_campaigns")
@transaction.atomic
def close_campaign(campaign: Campaign, /, *, by: Member | None, at: datetime) -> Campaign:
    """Say that it is over; its pieces stay as they are."""
    return _set(campaign, Campaign.State.CLOSED, "close_campaign", by=by, at=at)


@allowed("content.manage_campaigns")
@transaction.atomic
def reopen_campaign(campaign: Campaign, /, *, by: Member | None, at: datetime) -> Campaign:
    """Go on with it."""
    return _set(campaign, Campaign.State.OPEN, "reopen_campaign", by=by, at=at)


def _set(campaign: Campaign, state: Campaign.State, verb: str, *, by: Member | None, at: datetime) -> Campaign:
    row = _held(campaign)
    if row.state != state:
        row.state = state
        row.save(update_fields=["state"])
        record(verb, row, by=by, at=at)
    return row


def _held(campaign: Campaign) -> Campaign:
    row: Campaign = Campaign.objects.select_for_update(of=("self",)).select_related("department").get(pk=campaign.pk)
    return row


def _fill(row: Campaign, said: dict[str, Any]) -> None:
    if unknown := set(said) - set(FIELDS):
        raise TypeError(f"A campaign has no {', '.join(sorted(unknown))}.")
    for name, value in said.items():
        setattr(row, name, value.strip() if isinstance(value, str) else value)
    row.full_clean(exclude=["created_by", "department"])


def _facts(row: Campaign) -> dict[str, Any]:
    facts = {name: getattr(row, name) for name in ("name", "kind", "goal", "colour")}
    days = {"begins_on": f"{row.begins_on}", "ends_on": f"{row.ends_on}"}
    return facts | days | {"department": str(row.department or "")}
