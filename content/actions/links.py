"""Tracked links: making one by hand, and saying what is added to all of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from content import tracking
from content.models import Campaign, LinkTemplate, TrackedLink
from roles.audit import record, record_change
from roles.models import Member, Organization
from roles.permissions import allowed

FIELDS = ("is_on", "source", "medium", "campaign_words", "content", "hosts")


@allowed("content.write")
@transaction.atomic
def make_link(
    organization: Organization, *, address: str, name: str = "", campaign: Campaign | None = None, by: Member,
    at: datetime,
) -> TrackedLink:  # fmt: skip
    """Make a short link for where we do not publish ourselves: paper, a talk, a profile."""
    address = address.strip()
    if not tracking.is_address(address) or len(address) > tracking.LONGEST:
        raise ValidationError({"address": _("Give an address on the web, beginning with https://.")})
    template, target = tracking.template_for(campaign), address
    if template is not None:
        words = tracking.said_by(
            template, network="link", channel="", campaign=campaign.name if campaign else "", piece=name
        )
        target = tracking.with_words(address, words)
    link = tracking.link_of(address, target, campaign=campaign, name=name.strip()[:200], by=by, at=at)
    record("make_link", link, by=by, at=at, after={"target": target})
    return link


@allowed("content.manage_channels")
@transaction.atomic
def set_link_template(
    organization: Organization, /, *, campaign: Campaign | None = None, by: Member, at: datetime, **said: Any
) -> LinkTemplate:
    """Say whether links of what is published are tracked, and what is added to them; from now on."""
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    row = LinkTemplate.objects.filter(campaign=campaign).first() or LinkTemplate(campaign=campaign)
    before = {name: getattr(row, name) for name in FIELDS}
    for name in FIELDS:
        if name in said:
            setattr(row, name, said[name])
    row.hosts = sorted({host.strip().lower().removeprefix("www.") for host in row.hosts if host.strip()})
    after = {name: getattr(row, name) for name in FIELDS}
    if after == before and LinkTemplate.objects.filter(pk=row.pk).exists():
        return row
    row.changed_at = at
    row.clean_fields(exclude={"campaign"})
    row.save()
    record_change("set_link_template", row, by=by, at=at, before=before, after=after)
    return row


@allowed("content.manage_channels")
@transaction.atomic
def remove_link_template(organization: Organization, /, *, campaign: Campaign, by: Member, at: datetime) -> None:
    """Have what holds for all links hold for a campaign again; what was published with its own words stays so."""
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    row = LinkTemplate.objects.filter(campaign=campaign).first()
    if row is not None:
        record("remove_link_template", row, by=by, at=at, before={name: getattr(row, name) for name in FIELDS})
        row.delete()
