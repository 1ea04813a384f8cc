"""The door by which the adapter reaches the own feeds of the organization that is acting."""

from __future__ import annotations

from django.utils.translation import gettext as _

from listening.models import Channel, OwnFeedEntry
from listening.networks.protocols import Refused
from listening.networks.publishing import OutgoingPiece
from roles import clock
from roles.links import outside_address
from roles.tenancy import acting_for, active_organization

NETWORK = "own-feed"


class OwnFeedDoor:
    """Opens the active organization's feeds; the organization is fixed when the door is made."""

    def __init__(self) -> None:
        self.organization = active_organization()

    def publish(self, feed: str, piece: OutgoingPiece) -> tuple[str, str]:
        """Keep an entry, once for each key; returns its id and address."""
        with acting_for(self.organization):
            channel = _channel(feed)
            said = {
                "title": piece.title.strip(),
                "text": piece.text,
                "warning": piece.warning[:500],
                # Whoever reads a feed opens its links; there is no policy of ours in their program.
                "link": piece.link[:4000] if piece.link.startswith(("https://", "http://")) else "",
                "language": piece.language[:35],
                "tags": [tag.removeprefix("#") for tag in piece.tags],
                "published_at": clock.now(),
            }
            entry, _made = OwnFeedEntry.objects.get_or_create(channel=channel, key=piece.key, defaults=said)
            return _named(channel, entry)

    def find(self, feed: str, key: str) -> tuple[str, str] | None:
        """Return the id and address of the entry with this key, where it still stands there."""
        with acting_for(self.organization):
            channel = _channel(feed)
            entry = OwnFeedEntry.objects.filter(channel=channel, key=key, withdrawn_at=None).first()
            return _named(channel, entry) if entry else None

    def withdraw(self, feed: str, remote_id: str) -> None:
        """Take an entry out; one that is gone already is no error."""
        with acting_for(self.organization):
            rows = OwnFeedEntry.objects.filter(channel=_channel(feed), withdrawn_at=None)
            rows.filter(pk=int(remote_id) if remote_id.isdecimal() else 0).update(withdrawn_at=clock.now())


def _channel(feed: str) -> Channel:
    channel = Channel.objects.filter(network=NETWORK, account_id=feed).first()
    if channel is None:
        raise Refused(_("There is no such feed here any more."))
    return channel


def _named(channel: Channel, entry: OwnFeedEntry) -> tuple[str, str]:
    return str(entry.pk), outside_address("listening:own_feed_entry", channel.account_id, entry.pk)
