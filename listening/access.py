"""What an adapter is handed: the one HTTP client, credentials, and the doors inside the installation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from listening.models import Channel, Source
from listening.networks.protocols import Access, RemoteAuthor
from listening.practice_field.door import PracticeDoor


def access_for_channel(channel: Channel, *, http: Any = None) -> Access:
    """Return the means to speak as this channel."""
    account = RemoteAuthor(id=channel.account_id, handle=channel.handle, name=channel.name, url=channel.url)
    return Access(http=http, account=account, doors=doors())


def access_for_source(source: Source, *, http: Any = None) -> Access:
    """Return the means to read this source; `http` is shared by a batch of reads."""
    if source.channel is not None:
        return access_for_channel(source.channel, http=http)
    return Access(http=http, doors=doors())


def doors() -> Mapping[str, Any]:
    """Return the doors to networks that live inside this installation, for the organization that is acting."""
    return {"practice": PracticeDoor()}
