"""Sources: adding, changing, pausing, removing, and polling one now."""

from __future__ import annotations

from datetime import datetime
from time import sleep
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from listening.housekeeping import claim_one
from listening.identity import place_key
from listening.models import Channel, Connection, Host, Poll, Post, Source
from listening.networks import UnknownNetwork, can, get
from listening.networks.connecting import Connects
from listening.networks.protocols import ChecksPlaces, Reads
from listening.polling import poll_batch, stopwatch
from listening.refusals import CannotPoll, unless_used
from listening.translating import translated
from roles.audit import record, record_change
from roles.background import hint
from roles.live import look_again
from roles.models import Department, Member
from roles.permissions import allowed, require
from roles.wording import spoken

SECONDS_FOR_ONE = 20.0
SECONDS_TO_WAIT_FOR_ANOTHER = 15.0


def add_source(
    *,
    network: str,
    place: str,
    name: str = "",
    channel: Channel | None = None,
    connection: Connection | None = None,
    department: Department | None = None,
    is_internal: bool = False,
    folder: str = "",
    quiet_hours: int | None = None,
    by: Member | None,
    at: datetime,
) -> Source:
    """Listen to a place, through a connection where its network needs one; its first poll is due at once."""
    source = Source(network=network, name=name.strip(), channel=channel, is_internal=is_internal)
    source.connection = _connection_for(network, channel, connection)
    if source.connection is not None and channel is None:
        source.channel = source.connection.channels.first()
    source.folder, source.quiet_hours = folder.strip(), quiet_hours
    return _add(department, source=source, place=place, by=by, at=at)


def _connection_for(network: str, channel: Channel | None, chosen: Connection | None) -> Connection | None:
    """Through what a place is read: as chosen, else the account's, else the only one that there is."""
    if chosen is None and channel is not None:
        chosen = channel.connection
    if chosen is not None:
        if chosen.network != network:
            raise ValidationError({"connection": _("This connection leads to another network.")})
        return chosen
    if not can(network, Connects):
        return None
    found = list(Connection.objects.usable(network).order_by("pk")[:2])
    if len(found) != 1:
        several, none = _("Say through which connection."), _("Connect an account of this network first.")
        raise ValidationError({"connection": several if found else none})
    return found[0]


@allowed("listening.manage_sources")
@transaction.atomic
def _add(department: Department | None, *, source: Source, place: str, by: Member | None, at: datetime) -> Source:
    source.place = _checked_place(source.network, place)
    source.key = place_key(source.network, source.place)
    source.department, source.created_by = department, by
    source.created_at = source.next_poll_at = at
    source.full_clean(exclude=["created_by"])
    source.save()
    record("add_source", source, by=by, at=at, after={"network": source.network, "place": source.place})
    look_again("sources")
    hint("listening.tasks.poll_due")
    return source


def _checked_place(network_name: str, place: str) -> str:
    try:
        network = get(network_name)
    except UnknownNetwork as problem:
        raise ValidationError({"network": str(problem)}) from problem
    if not isinstance(network, Reads):
        raise ValidationError({"network": _("This network cannot be read.")})
    if not isinstance(network, ChecksPlaces):
        return place.strip()
    try:
        return network.check_place(place)
    except ValueError as problem:
        raise ValidationError({"place": translated(problem)}) from problem


@allowed("listening.manage_sources")
@transaction.atomic
def change_source(
    source: Source,
    *,
    name: str,
    department: Department | None = None,
    is_internal: bool,
    folder: str = "",
    quiet_hours: int | None = None,
    by: Member | None,
    at: datetime,
) -> Source:
    """Change a source's name, department or kind; to give it to another department one must manage that one's too.

    What an internal source brought, before or since, is internal for good, whatever the source becomes.
    """
    source = _held(source)
    before = _facts(source)
    source.name, source.department, source.is_internal = name.strip(), department, is_internal
    source.folder, source.quiet_hours = folder.strip(), quiet_hours
    if by is not None:
        require(by, "listening.manage_sources", source)
    if is_internal:
        Post.objects.filter(source=source, is_internal=False).update(is_internal=True)
    return _saved("change_source", source, before, by=by, at=at)


@allowed("listening.manage_sources")
@transaction.atomic
def pause_source(source: Source, *, reason: str = "", by: Member | None, at: datetime) -> Source:
    """Stop polling, in the name of a person and with their reason."""
    source = _held(source)
    if source.state != Source.State.ACTIVE:
        return source
    before = _facts(source)
    source.state = Source.State.PAUSED
    who = {"name": str(by) if by else "Touchline", "reason": reason.strip()}
    said = _("Paused by %(name)s: %(reason)s") if who["reason"] else _("Paused by %(name)s.")
    source.state_reason = (said % who)[:300]
    return _saved("pause_source", source, before, by=by, at=at)


@allowed("listening.manage_sources")
@transaction.atomic
def resume_source(source: Source, *, by: Member | None, at: datetime) -> Source:
    """Poll again from now on, also where the place was taken for gone."""
    source = _held(source)
    if source.state == Source.State.ACTIVE:
        return source
    before = _facts(source)
    source.state, source.state_reason, source.problem = Source.State.ACTIVE, "", ""
    source.rate_limits_in_row = source.network_failures_in_row = source.parse_failures_in_row = 0
    source.next_poll_at = at
    saved = _saved("resume_source", source, before, by=by, at=at)
    hint("listening.tasks.poll_due")
    return saved


@allowed("listening.manage_sources")
@transaction.atomic
def remove_source(source: Source, *, by: Member | None, at: datetime) -> None:
    """Remove the source; what it brought stays."""
    source = _held(source)
    record("remove_source", source, by=by, at=at, before=_facts(source))
    with unless_used():
        source.delete()
    look_again("sources")


def _held(source: Source) -> Source:
    return Source.objects.select_for_update(of=("self",)).select_related("department", "channel").get(pk=source.pk)


def _saved(verb: str, source: Source, before: dict[str, Any], *, by: Member | None, at: datetime) -> Source:
    after = _facts(source)
    if after != before:
        source.full_clean(exclude=["created_by"])
        source.save()
        record_change(verb, source, by=by, at=at, before=before, after=after)
        look_again("sources")
    return source


def _facts(source: Source) -> dict[str, Any]:
    return {
        "network": source.network,
        "place": source.place,
        "name": source.name,
        "department": str(source.department or ""),
        "is_internal": source.is_internal,
        "folder": source.folder,
        "quiet_hours": source.quiet_hours,
        "state": str(source.state),
        "state_reason": source.state_reason,
    }


@allowed("listening.poll")
def poll_now(source: Source, *, by: Member | None, at: datetime) -> Poll:
    """Poll a source now and return what came of it; where somebody polls it already, return that poll's outcome.

    Raises CannotPoll for a source that is paused or closed. A server that asked for peace is not disturbed: the
    outcome is then `rate_limited`, with the reason.
    """
    source.refresh_from_db()
    if source.state != Source.State.ACTIVE:
        raise CannotPoll(f"{source.get_state_display()}. {translated(source.state_reason)}".strip())
    if source.is_cut_off:
        assert source.connection is not None
        raise CannotPoll(_("“%s” has to be connected again first.") % source.connection)
    record("poll_now", source, by=by, at=at)
    if reason := _asked_to_wait(source, at):
        return _not_visited(source, reason, at=at)
    clock = stopwatch(at)
    claim = claim_one(source, at)
    if claim is None:
        return _poll_of_another(source, at=at)
    poll_batch([claim], at=clock(), seconds=SECONDS_FOR_ONE)
    return Poll.objects.get(pk=claim.poll_id)


def _asked_to_wait(source: Source, at: datetime) -> str:
    """Why the server is left alone for now; empty if it is not."""
    if source.rate_limits_in_row and source.next_poll_at > at:
        return _come_back(source.problem, source.next_poll_at, at)
    return ""


def _come_back(reason: str, until: datetime, at: datetime) -> str:
    minutes = max(1, round((until - at).total_seconds() / 60))
    return _("%(reason)s We come back in %(time)s.") % {"reason": translated(reason), "time": spoken(minutes)}


def _not_visited(source: Source, reason: str, *, at: datetime) -> Poll:
    return Poll.objects.create(
        source=source, started_at=at, finished_at=at, outcome=Poll.Outcome.RATE_LIMITED, problem=reason[:500]
    )


def _poll_of_another(source: Source, *, at: datetime) -> Poll:
    """Wait for the poll that is under way; without one, the server is left alone by all its sources."""
    clock = stopwatch(at)
    running = Poll.objects.filter(source=source, outcome=Poll.Outcome.RUNNING).order_by("-pk").first()
    while running and (clock() - at).total_seconds() < SECONDS_TO_WAIT_FOR_ANOTHER:
        sleep(0.1)
        running.refresh_from_db()
        if running.outcome != Poll.Outcome.RUNNING:
            return running
    if running:
        return running
    host = Host.objects.filter(name=source.host, closed_until__gt=at).first()
    if host and host.closed_until:
        return _not_visited(source, _come_back(host.reason, host.closed_until, at), at=at)
    return _not_visited(source, _("This server was visited a moment ago. Try again in a minute."), at=at)
