"""Connections: connecting with what a person types, checking, renaming, using and ending them."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from listening import networks
from listening.access import access_as_found, access_of_nobody, access_to_tend
from listening.actions.sources import add_source
from listening.connections import tending
from listening.connections.housekeeping import claim_one
from listening.connections.keeping import AnotherAccount, keep, keep_offered
from listening.connections.words import can_speak, way_of
from listening.models import Channel, Connection, Source
from listening.networks.connecting import Connected, Connects, Disconnects, OffersPlaces, Way
from listening.networks.protocols import Access, Charges, NetworkError
from listening.signals import connection_mended
from listening.translating import translated
from roles import clock
from roles.audit import record
from roles.background import hint
from roles.live import look_again
from roles.models import Member, Organization
from roles.permissions import allowed, decide

log = logging.getLogger(__name__)
T = TypeVar("T")
LONGEST_TYPED = 10_000


@allowed("listening.manage_connections")
def connect(
    organization: Organization,
    *,
    network: str,
    way: str,
    filled: Mapping[str, str],
    name: str = "",
    speaks: bool = True,
    listens: bool = True,
    budget: int | None = None,
    by: Member | None,
    at: datetime,
) -> Connection:
    """Connect the organization with what a person typed; an account that is connected already is connected again.

    `speaks` makes it an account to answer from, `listens` makes sources of the places that it offers. `budget` is what
    may be spent in a month, in thousandths of a US dollar, where the network takes money. Raises ValidationError with a
    sentence for what was typed wrongly, and for what went wrong at the network.
    """
    adapter, chosen = adapter_and_way(network, way)
    if chosen.signs_in:
        raise ValidationError(_("This way leads to the network first: sign in there."))
    typed = checked(chosen, filled)
    access = access_of_nobody()
    found = asked(network, lambda: adapter.connect(access, way, typed))
    offered = places_offered(network, access_as_found(access, found))
    row = keep_connected(found, network=network, way=way, name=name, offered=offered, budget=budget, by=by, at=at)
    return take_into_use(row, speaks=speaks, places=None if listens else (), by=by, at=at)


@allowed("listening.manage_connections")
def reconnect(
    connection: Connection, *, filled: Mapping[str, str], way: str = "", by: Member | None, at: datetime
) -> Connection:
    """Connect the same account again with new credentials; sources go on from where they stood, replies go out."""
    adapter, chosen = adapter_and_way(connection.network, way or connection.way)
    if chosen.signs_in:
        raise ValidationError(_("This way leads to the network first: sign in there."))
    typed = checked(chosen, filled)
    access = access_of_nobody()
    found = asked(connection.network, lambda: adapter.connect(access, chosen.name, typed))
    offered = places_offered(connection.network, access_as_found(access, found))
    return keep_connected(
        found, network=connection.network, way=chosen.name, again=connection, offered=offered, by=by, at=at
    )


@allowed("listening.manage_connections")
def check_connection(connection: Connection, *, by: Member | None, at: datetime) -> Connection:
    """Ask the network now whether the credentials still work; while somebody else asks, that counts."""
    record("check_connection", connection, by=by, at=at)
    turn = claim_one(connection, at=at) if not connection.is_withdrawn else None
    if turn is not None:
        tending.tend(turn, now=clock.now)
    connection.refresh_from_db()
    return connection


@allowed("listening.manage_connections")
@transaction.atomic
def rename_connection(connection: Connection, *, name: str, by: Member | None, at: datetime) -> Connection:
    """Call a connection something else here."""
    row = Connection.objects.select_for_update(of=("self",)).get(pk=connection.pk)
    before, row.name = row.name, " ".join(name.split())
    if row.name != before:
        row.full_clean(exclude=["created_by"], validate_constraints=False)
        row.save(update_fields=["name"])
        record("rename_connection", row, by=by, at=at, before={"name": before}, after={"name": row.name})
        look_again("connections")
    return row


@allowed("listening.manage_connections")
@transaction.atomic
def set_budget(connection: Connection, *, budget: int, by: Member | None, at: datetime) -> Connection:
    """Say what may be spent in a month, in thousandths of a US dollar; what waited for more goes on at once."""
    row = Connection.objects.select_for_update(of=("self",)).get(pk=connection.pk)
    if not networks.can(row.network, Charges):
        raise ValidationError(_("This network takes no money."))
    before, row.budget = row.budget, budget
    row.full_clean(exclude=["created_by"], validate_constraints=False)
    row.save(update_fields=["budget"])
    record("set_budget", row, by=by, at=at, before={"thousandths": before}, after={"thousandths": row.budget})
    look_again("connections")
    if budget > (before or 0):
        go_on(row, at=at)
    return row


@allowed("listening.manage_connections")
def use_connection(
    connection: Connection, *, speaks: bool, places: Collection[str] = (), by: Member | None, at: datetime
) -> Connection:
    """Answer as the connection's account from now on, and listen to places that it offers."""
    return take_into_use(connection, speaks=speaks, places=places, by=by, at=at)


@allowed("listening.manage_connections")
def disconnect(connection: Connection, *, by: Member | None, at: datetime) -> bool:
    """Forget the credentials and tell the network; what goes through it stops. Returns whether nothing is left of it.

    A connection that accounts or sources went through stays, so that it can be connected again.
    """
    _say_goodbye(connection)
    with transaction.atomic():
        row = Connection.objects.select_for_update(of=("self",)).get(pk=connection.pk)
        record("disconnect", row, by=by, at=at, before=facts(row))
        look_again("connections", "sources")
        if not row.channels.exists() and not row.sources.exists():
            row.delete()
            return True
        row.state, row.sealed, row.facts = Connection.State.WITHDRAWN, "", {}
        # Kept in English, read in any language (`listening.translating`).
        row.problem = gettext_noop("Disconnected by %(who)s.") % {"who": by or "Touchline"}
        row.lease_until, row.lease_key, row.renew_due_at, row.expires_at = None, "", None, None
        row.save()
    return False


def _say_goodbye(connection: Connection) -> None:
    if not connection.sealed or not networks.can(connection.network, Disconnects):
        return
    network = networks.get(connection.network)
    assert isinstance(network, Disconnects)
    try:
        network.disconnect(access_to_tend(connection))
    except Exception as problem:  # noqa: BLE001 - the credentials are forgotten here whatever the network says
        log.warning("%s was not told that %s is disconnected: %s", connection.network, connection.pk, _kind(problem))


def adapter_and_way(network: str, way: str) -> tuple[Connects, Way]:
    """Return an installed network that can be connected, and one of its ways; raises ValidationError."""
    chosen = way_of(network, way)
    if chosen is not None:
        adapter = networks.get(network)
        if isinstance(adapter, Connects):
            return adapter, chosen
    raise ValidationError(_("There is no such way to connect."))


def checked(way: Way, filled: Mapping[str, str]) -> dict[str, str]:
    """Return what was typed for what is asked, and nothing else; raises ValidationError by field."""
    typed = {asked.name: str(filled.get(asked.name, "")).strip() for asked in way.asked}
    missing = [asked.name for asked in way.asked if asked.is_required and not typed[asked.name]]
    too_long = [name for name, value in typed.items() if len(value) > LONGEST_TYPED or "\x00" in value]
    if missing or too_long:
        said = dict.fromkeys(missing, _("This is needed: fill it in.")) | dict.fromkeys(
            too_long, _("This cannot be used: check what you typed.")
        )
        raise ValidationError(said)
    return typed


def asked(network: str, call: Callable[[], T]) -> T:
    """Ask a network; whatever goes wrong is a ValidationError with a sentence, and no secret is in it."""
    try:
        return call()
    except (ValueError, NetworkError) as problem:
        raise ValidationError(translated(problem) or _("The network refused.")) from None
    except Exception as problem:  # noqa: BLE001
        # Where it happened and what kind it was; its words may name a secret.
        where = "".join(traceback.format_tb(problem.__traceback__))
        log.error("The adapter of %s failed (%s) at\n%s", network, _kind(problem), where)  # noqa: TRY400
        raise ValidationError(_("Touchline could not understand what the network answered.")) from None


def _kind(problem: Exception) -> str:
    return str(problem) if isinstance(problem, NetworkError) else type(problem).__name__


def places_offered(network: str, access: Access) -> list[tuple[str, str]]:
    """Return which places can be listened to at once; none where the network does not say."""
    adapter = networks.get(network)
    if not isinstance(adapter, OffersPlaces):
        return []
    try:
        return list(adapter.offered_places(access))
    except Exception as problem:  # noqa: BLE001 - it is connected all the same; the next check asks again
        log.warning("%s does not say what can be listened to: %s", network, _kind(problem))
        return []


@transaction.atomic
def keep_connected(
    found: Connected,
    *,
    network: str,
    way: str,
    name: str = "",
    again: Connection | None = None,
    offered: list[tuple[str, str]],
    budget: int | None = None,
    by: Member | None,
    at: datetime,
) -> Connection:
    """Write down what came of connecting: a new connection, or the one of this account, which works again."""
    rows = Connection.objects.select_for_update(of=("self",))
    known = rows.at_account(network, found.server, found.account.id).first() if again is None else rows.get(pk=again.pk)
    row = known or Connection(network=network, server=found.server, account_id=found.account.id, created_by=by)
    before = facts(row) if known else None
    try:
        # Nothing of what was there before: it belongs to another sign-in, perhaps of another way.
        keep(row, found, old={}, at=at)
    except AnotherAccount as problem:
        raise ValidationError(_("%(problem)s Connect the other account anew.") % {"problem": problem}) from problem
    keep_offered(row, offered)
    row.way = way
    row.budget = row.budget if budget is None else budget
    row.name = " ".join(name.split())[:200] or row.name or _name_of(row)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise ValidationError(_("This account is connected already.")) from None
    if known is None:
        record("connect", row, by=by, at=at, after=facts(row))
    else:
        record("reconnect", row, by=by, at=at, before=before, after=facts(row))
        go_on(row, at=at)
    look_again("connections", "sources")
    return row


def go_on(row: Connection, *, at: datetime) -> None:
    """Have what goes through a connection that works again go on: sources from their cursors, replies at once."""
    sources = Source.objects.filter(connection=row)
    sources.update(rate_limits_in_row=0, network_failures_in_row=0, parse_failures_in_row=0, problem="")
    if sources.make_due(at):
        hint("listening.tasks.poll_due")
    connection_mended.send(Connection, connection=row, at=at)


def _name_of(row: Connection) -> str:
    label = networks.label_of(row.network)
    who = row.handle or row.account_name
    return f"{label}: {who}"[:200] if who else label


@transaction.atomic
def take_into_use(
    connection: Connection, *, speaks: bool, places: Collection[str] | None, by: Member | None, at: datetime
) -> Connection:
    """Make the account one to answer from, and the places sources: those named, or with None all that are offered."""
    row = Connection.objects.select_for_update(of=("self",)).get(pk=connection.pk)
    channel = Channel.objects.filter(connection=row).first()
    begun: dict[str, Any] = {}
    if speaks and can_speak(row):
        channel, is_new = _channel_of(row)
        begun |= {"account": str(channel)} if is_new else {}
    # One mailbox has an inbox as well as the other, and a tag is read through each server apart.
    own = Q(connection=row) | Q(connection=None)
    known = set(Source.objects.filter(own, network=row.network).values_list("place", flat=True))
    listener = by if by is not None and decide(by, "listening.manage_sources") else None
    for place, label in row.offered:
        if (places is None or place in places) and place not in known:
            add_source(
                network=row.network,
                place=place,
                name=translated(label)[:200],
                channel=channel,
                connection=row,
                by=listener,
                at=at,
            )
            begun.setdefault("places", []).append(place)
    if begun:
        record("use_connection", row, by=by, at=at, after=begun)
        look_again("connections")
    return row


def _channel_of(row: Connection) -> tuple[Channel, bool]:
    said = {"handle": row.handle or row.account_id, "name": row.account_name or row.handle, "url": row.account_url}
    said["handle"] = said["handle"][:200]
    channel, is_new = Channel.objects.select_for_update(of=("self",)).get_or_create(
        network=row.network, account_id=row.account_id, defaults=said | {"connection": row}
    )
    if channel.connection_id != row.pk:
        channel.connection = row
        channel.save(update_fields=["connection"])
        return channel, True
    return channel, is_new


def facts(row: Connection) -> dict[str, Any]:
    """What is written down of a connection: no secret, and nothing that came of one."""
    return {
        "name": row.name,
        "network": row.network,
        "server": row.server,
        "way": row.way,
        "account": row.handle or row.account_id,
        "state": str(row.state),
    }
