"""What a network can do, in words; nobody asks its name, only which protocols it keeps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext_lazy

from listening import networks
from listening.connections.money import prices_of
from listening.models import Channel, Connection, Source
from listening.networks.connecting import Offer, SignsIn, Way
from listening.networks.protocols import Hints, Network, Reads, Reconciles, Replies, Revisits, TellsResults
from listening.networks.publishing import Publishes
from listening.networks.pushes import TakesPushes
from listening.translating import translated

# Only what Touchline does with a network today.
CAN: tuple[tuple[type, Any], ...] = (
    (Reads, gettext_lazy("Listen")),
    (Hints, gettext_lazy("Say at once when something happens")),
    (TakesPushes, gettext_lazy("Be told by its own server what happens")),
    (Replies, gettext_lazy("Answer")),
    (Publishes, gettext_lazy("Publish")),
    (Revisits, gettext_lazy("Follow edits and deletions")),
    (TellsResults, gettext_lazy("Tell what came of answers")),
    (Reconciles, gettext_lazy("Find an answer again whose receipt was lost")),
)
# What is said of our own words means nothing where there are none.
OF_OURS = (TellsResults, Reconciles)
# Limits by what they limit, in words; those of single calls are called as the network calls them.
BUCKETS = {
    "": gettext_lazy("All calls"), "core": gettext_lazy("All calls"), "comments": gettext_lazy("Comments"),
    "deletions": gettext_lazy("Deletions"), "media": gettext_lazy("Media"), "posts": gettext_lazy("Posts"),
    "search": gettext_lazy("Search"), "searches": gettext_lazy("Search"), "sessions": gettext_lazy("Sign-ins"),
    "writes": gettext_lazy("Posts"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Connectable:
    """An installed network, what it can do, and how it is connected; without an offer it needs no connection."""

    network: Network
    can: tuple[str, ...]
    offer: Offer | None

    @property
    def name(self) -> str:
        """By which it is known in addresses."""
        return self.network.name

    @property
    def label(self) -> str:
        """What it is called."""
        return translated(self.network.label)

    @property
    def reads(self) -> bool:
        """Whether its places can be sources."""
        return isinstance(self.network, Reads)

    @property
    def is_made_apart(self) -> bool:
        """Whether its sources are made on a page of their own."""
        return bool(getattr(self.network, "is_made_apart", False))

    @property
    def prices(self) -> list[tuple[str, str]]:
        """What each thing costs, where a network takes money by the call."""
        return prices_of(self.network, {})

    @property
    def speaks(self) -> bool:
        """Whether one can speak there."""
        return isinstance(self.network, Replies | Publishes)


def connectable() -> list[Connectable]:
    """Return every installed network: first those that are to be connected."""
    found = [of(network) for network in networks.all_networks()]
    return sorted(found, key=lambda one: (one.offer is None, one.label.lower()))


def of(network: Network) -> Connectable:
    """Return what one network can do, and how it is connected."""
    speaks = isinstance(network, Replies | Publishes)
    can = (str(said) for protocol, said in CAN if isinstance(network, protocol) and (speaks or protocol not in OF_OURS))
    return Connectable(network, tuple(can), offer_of(network))


def limit_words(bucket: str) -> str:
    """Return what a limit limits, as people read it."""
    return str(BUCKETS.get(bucket, bucket))


def offer_of(network: Network) -> Offer | None:
    """Return how a network is connected, in the reader's language; None where it needs no connection."""
    offer: Offer | None = getattr(network, "offer", None)
    return _translated(offer) if offer is not None else None


def _translated(offer: Offer) -> Offer:
    """An offer in the reader's language."""
    said = {name: translated(getattr(offer, name)) for name in ("about", "costs", "approval")}
    return replace(offer, ways=tuple(_translated_way(way) for way in offer.ways), **said)


def _translated_way(way: Way) -> Way:
    asked = (replace(one, label=translated(one.label), help=translated(one.help)) for one in way.asked)
    return replace(way, label=translated(way.label), asked=tuple(asked), steps=tuple(map(translated, way.steps)))


def can_speak(row: Connection) -> bool:
    """Whether one can speak through a connection: its network takes answers or pieces, and it has an account."""
    return bool(row.account_id) and (networks.can(row.network, Replies) or networks.can(row.network, Publishes))


@dataclass(slots=True)
class Without:
    """A network that is in use and needs no connection."""

    network: str
    channels: int = 0
    sources: int = 0


def without_connection() -> list[Without]:
    """Return what is in use without a connection, with how many accounts speak and sources listen there."""
    found: dict[str, Without] = {}
    for network, count in Channel.objects.filter(connection=None).values_list("network").annotate(Count("pk")):
        found.setdefault(network, Without(network)).channels = count
    for network, count in Source.objects.filter(connection=None).values_list("network").annotate(Count("pk")):
        found.setdefault(network, Without(network)).sources = count
    return sorted(found.values(), key=lambda one: networks.label_of(one.network))


def way_of(network: str, way: str) -> Way | None:
    """Return one way to connect a network, if it is installed and has it."""
    if not networks.is_installed(network):
        return None
    found = networks.get(network)
    offer = offer_of(found)
    ways = [one for one in offer.ways if one.name == way] if offer is not None else []
    if not ways or (ways[0].signs_in and not isinstance(found, SignsIn)):
        return None
    return ways[0]
