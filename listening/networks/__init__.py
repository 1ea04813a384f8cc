"""The networks Touchline knows, each in a folder of its own, and what each of them can do."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import Any

from listening.networks.protocols import Counts, Limits, Network
from listening.networks.words import ENTRY_POINTS, in_readers_words

_NOTHING_TOLD: Mapping[str, Any] = MappingProxyType({})

# Touchline runs from its checkout, where it has no entry points of its own: these are loaded as if they were some.
BUILT_IN = (
    "listening.networks.feed:network",
    "listening.networks.mail:network",
    "listening.networks.practice:network",
    "listening.networks.bluesky:network",
    "listening.networks.webhook:network",
    "listening.networks.mastodon:network",
    "listening.networks.discourse:network",
    "listening.networks.x:network",
    "listening.networks.youtube:network",
    "listening.networks.reddit:network",
    "listening.networks.github:network",
    "listening.networks.hacker_news:network",
    "listening.networks.stack_exchange:network",
    "listening.networks.wordpress:network",
    "listening.networks.own_feed:network",
    "listening.networks.by_hand:network",
)


class UnknownNetwork(LookupError):
    """No network of this name is installed."""


def get(name: str) -> Network:
    """Return the network of this name."""
    try:
        return _registered()[name]
    except KeyError:
        known = ", ".join(sorted(_registered()))
        raise UnknownNetwork(f"There is no network called {name!r}. Known: {known}.") from None


def all_networks() -> tuple[Network, ...]:
    """Return every installed network, the built-in ones first."""
    return tuple(_registered().values())


def choices() -> list[tuple[str, str]]:
    """Return name and label of every installed network, as forms offer them."""
    return [(network.name, in_readers_words(network.label)) for network in all_networks()]


def label_of(name: str) -> str:
    """What a network is called; its name where it is not installed any more."""
    found = _registered().get(name)
    return in_readers_words(found.label) if found is not None else name


def icon_of(name: str) -> str:
    """The sign of a network; a globe for one that has none, or is not installed any more."""
    return getattr(_registered().get(name), "icon", "globe-alt")


def is_installed(name: str) -> bool:
    """Tell whether there is a network of this name: its package may have been taken away."""
    return name in _registered()


def can(network: Network | str, capability: type) -> bool:
    """Tell whether a network has a capability, such as `Reads` or `Replies`; what is not installed has none."""
    return isinstance(_registered().get(network) if isinstance(network, str) else network, capability)


def answers_only_who_speaks_to_us(name: str) -> bool:
    """Tell whether an account may answer there only those who spoke to it."""
    return bool(getattr(_registered().get(name), "answers_who_speaks_to_us", False))


def counted(name: str, text: str, facts: Mapping[str, Any] = _NOTHING_TOLD) -> tuple[int, Limits]:
    """How long a text is as the network counts, and how long it may be there; letters where it does not say.

    `facts` is what the server of the connection told of itself; empty where there is none.
    """
    network = _registered().get(name)
    if network is None or not isinstance(network, Counts):
        return len(text), Limits()
    return network.count(text, facts), network.limits(facts)


@cache
def _registered() -> dict[str, Network]:
    found: dict[str, Network] = {}
    for network in [*map(_load, BUILT_IN), *(point.load() for point in entry_points(group=ENTRY_POINTS))]:
        if network.name in found:
            raise RuntimeError(f"Two networks are called {network.name!r}; one of the installed packages must go.")
        found[network.name] = network
    return found


def _load(address: str) -> Network:
    module, _, name = address.partition(":")
    network: Network = getattr(import_module(module), name)
    return network
