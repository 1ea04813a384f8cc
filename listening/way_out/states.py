"""How far something has come on its way out: what each step changes on its row. All inside a transaction."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from listening.connections.tending import ask_for
from listening.identity import clean, web_address
from listening.models import Connection
from listening.models.outgoing import Outgoing
from listening.networks.protocols import AccessExpired, AccessWithdrawn
from listening.way_out.housekeeping import SEEN_LOOKS
from roles.models import Member


def accept(
    row: Outgoing, *, remote_id: str, remote_url: str, looks_left: bool, seen: bool = False, at: datetime
) -> None:
    """The network has it, under this id and address; `looks_left` says that it is to be looked whether it is seen."""
    row.state, row.accepted_at, row.seen_at = row.ACCEPTED, at, at if seen else None
    # What a network answered must not keep its acceptance from being written down, and pages link to the web only.
    row.remote_id, row.remote_url = clean(remote_id, 1000), web_address(remote_url, 4000)
    row.problem, row.put_before_person_at, row.lease_until = "", None, None
    row.looks, row.next_attempt_at = (0 if looks_left else SEEN_LOOKS), at
    row.save(
        update_fields=[
            "state", "remote_id", "remote_url", "accepted_at", "problem", "put_before_person_at", "lease_until",
            "seen_at", "looks", "next_attempt_at",
        ]
    )  # fmt: skip


def refuse(row: Outgoing, problem: str, *, owner: Member, at: datetime) -> None:
    """It surely did not go out, and a person decides."""
    row.state, row.problem, row.lease_until = row.REFUSED, problem[:500], None
    row.put_before_person_at, row.owner = at, owner
    row.save(update_fields=["state", "problem", "put_before_person_at", "owner", "lease_until"])


def put_off(row: Outgoing, problem: Exception, *, wait: float, at: datetime) -> None:
    """It surely did not go out, and goes out later by itself; the access that was missing is looked after now."""
    row.state, row.next_attempt_at, row.problem = row.READY, at + timedelta(seconds=wait), str(problem)[:500]
    row.lease_key, row.lease_until = "", None
    row.save(update_fields=["state", "next_attempt_at", "problem", "lease_key", "lease_until"])
    if isinstance(problem, AccessExpired | AccessWithdrawn) and row.channel.connection is not None:
        ask_for(row.channel.connection, at=at)


def make_ready(row: Outgoing, *, at: datetime) -> None:
    """Have it sent as soon as a worker takes it, from a moment on."""
    row.state, row.next_attempt_at, row.problem = row.READY, at, ""
    row.lease_key, row.lease_until = "", None
    row.save(update_fields=["state", "next_attempt_at", "problem", "lease_key", "lease_until"])


def keep_back(row: Outgoing, state: str, problem: str) -> None:
    """It may not go out yet, and is in nobody's hands until somebody lets it go."""
    row.state, row.problem, row.lease_key, row.lease_until = state, problem[:500], "", None
    row.save(update_fields=["state", "problem", "lease_key", "lease_until"])


def go_on_through(rows: type[Outgoing], connection: Connection, *, at: datetime) -> bool:
    """Have what waited for a connection go out now that it works again; whether anything did."""
    waiting = rows.objects.filter(channel__connection=connection, state=rows.READY, next_attempt_at__gt=at)
    return bool(waiting.exclude(problem="").update(next_attempt_at=at))


def may_send_again(row: Outgoing) -> bool:
    """Whether a new attempt may be offered: it surely did not go out, or was looked for as far as that is possible."""
    return row.state == row.REFUSED or (row.state == row.UNKNOWN and row.put_before_person_at is not None)


def address_said(url: str) -> str:
    """Return the address at which a person says that it stands; nothing where they gave none."""
    try:
        parts = urlsplit(url.strip())
        is_whole = parts.scheme in {"http", "https"} and bool(parts.netloc)
    except ValueError:
        is_whole = False
    if url.strip() and not is_whole:
        raise ValidationError({"url": _("Give the whole address, beginning with https://.")})
    return url.strip()[:4000]
