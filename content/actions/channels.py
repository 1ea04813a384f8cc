"""Channels of our own that need no connection: a feed of the installation, and places where a person posts by hand."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from content.models import Piece, Publication
from content.publishing import look_at_plan
from engagement.refusals import Refusal
from engagement.stop_querysets import go_through
from listening.models import Channel
from roles.audit import record, record_change
from roles.links import outside_address
from roles.models import Member, Organization
from roles.permissions import allowed

FEED, HAND = "own-feed", "by-hand"
MADE_HERE = (FEED, HAND)


@allowed("content.manage_channels")
@transaction.atomic
def add_channel(
    organization: Organization, *, network: str, name: str, url: str = "", by: Member | None, at: datetime
) -> Channel:
    """Open a feed of our own, at an address that nobody can guess and everybody may read, or a place by hand."""
    if network not in MADE_HERE:
        raise ValidationError({"network": _("Accounts at networks are connected on the page “Networks”.")})
    key = secrets.token_urlsafe(12)
    address = outside_address("listening:own_feed", key) if network == FEED else _checked(url)
    handle = _("feed") if network == FEED else _("by hand")
    row = Channel.objects.create(network=network, account_id=key, handle=handle, name=_named(name), url=address)
    record("add_channel", row, by=by, at=at, after={"network": network, "name": row.name})
    return row


@allowed("content.manage_channels")
@transaction.atomic
def change_channel(
    channel: Channel, *, name: str, url: str = "", is_active: bool = True, by: Member | None, at: datetime
) -> Channel:
    """Call it otherwise, say where one posts there, or switch it off: a feed that is off opens nothing any more.

    What is planned there waits until it is on again or is moved to another channel.
    """
    go_through()
    # Whoever plans something there meanwhile is not waited for; it is asked again when its time comes.
    row = Channel.objects.select_for_update(of=("self",), no_key=True).get(pk=channel.pk)
    if row.network not in MADE_HERE:
        raise Refusal(_("This account belongs to a connection. Change it on the page “Networks”."))
    before = {"name": row.name, "url": row.url, "is_active": row.is_active}
    row.name, row.is_active = _named(name), is_active
    if row.network == HAND:
        row.url = _checked(url)
    row.save(update_fields=["name", "url", "is_active"])
    after = {"name": row.name, "url": row.url, "is_active": row.is_active}
    record_change("change_channel", row, by=by, at=at, before=before, after=after)
    if row.is_active != before["is_active"]:
        _ask_again(row, at=at)
    return row


def _ask_again(channel: Channel, *, at: datetime) -> None:
    """Have what is planned there wait with a reason, or have its turn again."""
    planned = Publication.objects.not_begun().filter(channel=channel).values("variant__piece")
    pieces = Piece.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=planned).order_by("pk")
    for piece in pieces:
        look_at_plan(piece, at=at)


def _named(name: str) -> str:
    if not name.strip():
        raise ValidationError({"name": _("Give it a name.")})
    return name.strip()[:200]


def _checked(url: str) -> str:
    if url.strip() and not url.strip().startswith(("https://", "http://")):
        raise ValidationError({"url": _("Give the whole address, beginning with https://.")})
    return url.strip()[:2000]
