"""Connecting by signing in at the network: the way there, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from listening import networks
from listening.access import access_as_found, access_of_nobody
from listening.actions.connections import (
    adapter_and_way,
    asked,
    checked,
    keep_connected,
    places_offered,
    take_into_use,
)
from listening.connections.housekeeping import SIGN_IN_LIVES, digest_of
from listening.connections.keeping import sealed, unsealed
from listening.identity import web_address
from listening.models import Connection, NetworkSignIn
from listening.networks.connecting import SignsIn
from roles.audit import record
from roles.models import Member, Organization
from roles.permissions import allowed
from roles.sealing import Unsealable

RETURN = "/connections/return/"
LONGEST_ADDRESS = 8000


def return_address() -> str:
    """Where every network leads back to, as it has to be entered at some."""
    return f"{settings.SITE_URL}{RETURN}"


@allowed("listening.manage_connections")
def begin_sign_in(
    organization: Organization,
    *,
    network: str,
    way: str,
    filled: Mapping[str, str],
    name: str = "",
    speaks: bool = True,
    listens: bool = True,
    connection: Connection | None = None,
    by: Member,
    at: datetime,
) -> str:
    """Begin to sign in at a network, for a new connection or again for one; returns the address to go to there."""
    _connects, chosen = adapter_and_way(network, way)
    adapter = networks.get(network)
    if not isinstance(adapter, SignsIn) or not chosen.signs_in:
        raise ValidationError(_("This way needs keys: type them in."))
    typed = checked(chosen, filled)
    begun = asked(network, lambda: adapter.begin(access_of_nobody(), way, typed, return_address()))
    address = web_address(begun.address, LONGEST_ADDRESS)
    if not address or not begun.state:
        raise ValidationError(_("The network named no address to sign in at."))
    with transaction.atomic():
        row = NetworkSignIn.objects.create(
            member=by, network=network, way=way, name=" ".join(name.split())[:200], connection=connection,
            speaks=speaks, listens=listens, state_digest=digest_of(begun.state), sealed=sealed(begun.kept), begun_at=at,
        )  # fmt: skip
        record("begin_sign_in", row, by=by, at=at, after={"network": network, "way": way})
    return address


@allowed("listening.manage_connections")
def finish_sign_in(organization: Organization, *, answer: Mapping[str, str], by: Member, at: datetime) -> Connection:
    """Connect with what a network handed back: once, soon, and for the member who went there."""
    row = _use(answer.get("state", ""), by=by, at=at)
    try:
        kept = unsealed(row.sealed)
    except Unsealable as problem:
        raise ValidationError(str(problem)) from problem
    adapter = networks.get(row.network)
    if not isinstance(adapter, SignsIn):
        raise ValidationError(_("There is no such way to connect."))
    access = access_of_nobody()
    found = asked(row.network, lambda: adapter.finish(access, row.way, kept, answer))
    offered = places_offered(row.network, access_as_found(access, found))
    made = keep_connected(
        found, network=row.network, way=row.way, name=row.name, again=row.connection, offered=offered, by=by, at=at
    )
    if row.connection is not None:
        return made
    return take_into_use(made, speaks=row.speaks, places=None if row.listens else (), by=by, at=at)


@transaction.atomic
def _use(state: str, *, by: Member, at: datetime) -> NetworkSignIn:
    """Take the begun sign-in, so that nobody takes it a second time; another member's is none."""
    rows = NetworkSignIn.objects.select_for_update(of=("self",)).select_related("connection")
    row = rows.filter(state_digest=digest_of(state), member=by).first() if state else None
    if row is None or not networks.is_installed(row.network):
        raise ValidationError(_("Nobody here has begun this sign-in. Begin it again."))
    if row.used_at is not None:
        raise ValidationError(_("This sign-in was finished before. Begin it again if it is not connected."))
    if at - row.begun_at > SIGN_IN_LIVES:
        raise ValidationError(_("That took too long. Begin the sign-in again."))
    row.used_at = at
    row.save(update_fields=["used_at"])
    return row
