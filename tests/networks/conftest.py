"""The tests' own network, installed, with a tower that answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from listening import networks
from listening.actions.connections import connect
from listening.models import Connection
from roles import clock
from tests.cast import Cast
from tests.networks.lighthouse import Lighthouse
from tests.networks.lighthouse_server import Tower, lit


@pytest.fixture
def tower(settings: Any) -> Iterator[Tower]:
    """A tower on loopback, and its network installed."""
    network = Lighthouse()
    networks._registered()[network.name] = network  # type: ignore[assignment]
    settings.FETCH_ALLOWED_PRIVATE_HOSTS = ["127.0.0.1"]
    with lit() as tower:
        yield tower
    del networks._registered()[network.name]


@pytest.fixture
def connected(acme: Cast, tower: Tower) -> Connection:
    """Acme is connected to the tower with a key, speaks and listens there."""
    filled = {"address": tower.url, "key": "key-of-acme"}
    return connect(acme.organization, network="lighthouse", way="key", filled=filled, by=acme.carla, at=clock.now())
