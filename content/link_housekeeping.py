"""Where a link leads, whatever organization it belongs to: whoever follows one belongs to none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.db import connection

_LED_BY = "SELECT id, organization_id, target FROM content_trackedlink WHERE key = %s"
_SERVERS = "SELECT DISTINCT server, network FROM listening_connection WHERE organization_id = %s AND server <> ''"


@dataclass(frozen=True)
class Led:
    """A link, where it leads, and the servers at which its organization is, each with its network."""

    link_id: int
    organization_id: int
    target: str
    servers: Mapping[str, str] = field(default_factory=dict)


def led_by(key: str) -> Led | None:
    """Return where a key leads; None where there is none."""
    with connection.cursor() as cursor:
        cursor.execute(_LED_BY, [key])
        found = cursor.fetchone()
        if found is None:
            return None
        cursor.execute(_SERVERS, [found[1]])
        servers = {urlsplit(server).hostname or "": network for server, network in cursor.fetchall()}
    link_id, organization_id, target = found
    return Led(link_id, organization_id, target, servers)
