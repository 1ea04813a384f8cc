"""What stands behind a link on our pages leads to the web, whatever an adapter let through."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, cast

import pytest
from django.utils import translation

from config.catalogs import compile_all
from listening import networks
from listening.identity import web_address
from listening.networks.connecting import Asked, Way
from listening.networks.protocols import Access, ChecksPlaces
from listening.translating import translated


@pytest.mark.parametrize("url", ["https://example.org/a?b=c", "HTTP://example.org/"])
def test_the_web_is_linked(url: str) -> None:
    assert web_address(url, 100) == url


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", " javascript:alert(1)", "data:text/html,x", "/etc", "", "ftp://a"]
)
def test_nothing_else_is(url: str) -> None:
    assert web_address(url, 100) == ""


# Not one of them is an address, and Python has words of its own for each.
ODD = ("http://[", "https://[::g]/", "http://exa[mple.org", "https://a.example:99999/", "http://a.b:port", "//[", "[")


@pytest.mark.parametrize("network", networks.all_networks(), ids=lambda network: str(network.name))
def test_what_is_no_address_is_refused_in_words_of_ours(network: Any) -> None:
    compile_all()
    offered = getattr(getattr(network, "offer", None), "ways", ())
    ways = [way for way in offered if not way.signs_in and any(map(is_address, way.asked))]
    for typed in ODD:
        tried = [partial(connect, network, way, typed) for way in ways]
        if isinstance(network, ChecksPlaces):
            tried += [partial(network.check_place, typed), partial(network.check_place, f"posts on {typed}")]
        said = [words for attempt in tried if (words := refusal(attempt))]
        with translation.override("de"):
            assert [words for words in said if translated(words) == words] == [], typed
        if typed == "http://[":
            assert len(said) >= len(ways)


class NobodyAsked(Exception):
    """A network was asked, which must not be in a test."""


class Silent:
    """What asks a network, and does not."""

    def __getattr__(self, name: str) -> object:
        raise NobodyAsked(name)


def refusal(attempt: Callable[[], object]) -> str:
    """What is said to who typed it; nothing where it passed, and is looked at by the guard before anybody is asked."""
    try:
        attempt()
    except ValueError as problem:
        return str(problem)
    except NobodyAsked:
        return ""
    return ""


def is_address(asked: Asked) -> bool:
    """Whether somebody types an address there."""
    return asked.kind == "address" or asked.name in {"site", "server"}


def connect(network: Any, way: Way, typed: str) -> None:
    """Connect with it, and with something else wherever else something is asked."""
    said = {one.name: typed if is_address(one) else "someone.example.org" for one in way.asked}
    network.connect(Access(http=cast(Any, Silent())), way.name, said)
