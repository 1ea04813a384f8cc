"""What an adapter is handed: the one HTTP client, credentials, and the doors inside the installation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from listening import networks
from listening.connections.keeping import renewed, secret_for, unsealed
from listening.connections.rates import counted, host_of_limits
from listening.connections.remembering import Memory
from listening.models import Channel, Connection, Source
from listening.networks.connecting import Connected, Renews
from listening.networks.http import Http
from listening.networks.protocols import Access, AccessExpired, AccessWithdrawn, RemoteAuthor
from listening.networks.pushes import TakesPushes
from listening.own_feed.door import OwnFeedDoor
from listening.practice_field.door import PracticeDoor
from listening.webhooks.receiving import WebhookDoor
from roles.sealing import Unsealable

# Credentials that run out sooner than a call takes have run out.
NOT_ENOUGH = timedelta(seconds=30)


def access_for_channel(channel: Channel, *, at: datetime, http: Any = None) -> Access:
    """Return the means to speak as this channel.

    Raises AccessWithdrawn or AccessExpired where it has none now: nothing was asked of the network then.
    """
    account = RemoteAuthor(id=channel.account_id, handle=channel.handle, name=channel.name, url=channel.url)
    if channel.connection is None:
        return _access(http, account=account)
    return access_through(channel.connection, account=account, at=at, http=http)


def access_for_source(source: Source, *, at: datetime, http: Any = None) -> Access:
    """Return the means to read this source; `http` is shared by a batch of reads. Raises as for a channel."""
    if source.connection is not None:
        access = access_through(source.connection, at=at, http=http)
        if not networks.can(source.network, TakesPushes):
            return access
        return replace(access, doors={**access.doors, "webhook": WebhookDoor(source)})
    if source.channel is not None:
        return access_for_channel(source.channel, at=at, http=http)
    if host := host_of_limits(source):
        return _access(counted(source.network, http or _client(), host=host))
    return replace(_access(http), doors={**doors(), "webhook": WebhookDoor(source)})


def access_through(
    connection: Connection, *, at: datetime, account: RemoteAuthor | None = None, http: Any = None
) -> Access:
    """Return the means to act through a connection, if it works; raises AccessWithdrawn or AccessExpired if not."""
    if connection.is_withdrawn:
        said = {"connection": connection, "problem": connection.problem}
        raise AccessWithdrawn(_("“%(connection)s” has to be connected again. %(problem)s").rstrip() % said)
    if connection.runs_out(NOT_ENOUGH, at=at):
        if not networks.can(connection.network, Renews):
            raise AccessWithdrawn(_("The access of “%s” has run out. Connect it again.") % connection)
        raise AccessExpired(_("The access of “%s” has run out and is being renewed.") % connection)
    return access_to_tend(connection, account=account, http=http)


def access_to_tend(connection: Connection, *, account: RemoteAuthor | None = None, http: Any = None) -> Access:
    """Return the means to check or renew a connection, whatever its state; raises AccessWithdrawn where it has none."""
    try:
        credentials = unsealed(connection.sealed)
    except Unsealable as problem:
        raise AccessWithdrawn(
            _("The credentials of “%s” cannot be opened with this SECRET_KEY. Connect it again.") % connection
        ) from problem
    return _access(
        counted(connection.network, http or _client(), connection_id=connection.pk, spends=connection.budget),
        account=account or connection.account,
        credentials=credentials,
        server=connection.server,
        facts=connection.facts,
        memory=Memory(connection.pk),
    )


def access_as_found(access: Access, found: Connected) -> Access:
    """Return the means as they are with what connecting or renewing brought."""
    return replace(
        access,
        credentials=renewed(access.credentials, found.credentials),
        account=found.account,
        server=found.server or access.server,
        facts=found.facts,
    )


def access_of_nobody(*, http: Any = None) -> Access:
    """Return the means to connect, before there is a connection."""
    return _access(http)


def _access(http: Any, **known: Any) -> Access:
    return Access(
        http=http or _client(),
        doors=doors(),
        site=settings.SITE_URL,
        secret_for=secret_for,
        **known,
    )


def _client() -> Http:
    return Http(settings.FETCH_ALLOWED_PRIVATE_HOSTS, contact=settings.FETCH_CONTACT_URL)


def doors() -> Mapping[str, Any]:
    """Return the doors to networks that live inside this installation, for the organization that is acting."""
    return {"practice": PracticeDoor(), "own-feed": OwnFeedDoor()}
