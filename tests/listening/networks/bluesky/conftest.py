"""A network on loopback, an account of ours on it, and somebody who speaks to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from listening.networks.bluesky.identity import Directories
from listening.networks.bluesky.network import Bluesky
from listening.networks.http import Bounds, Http
from listening.networks.protocols import Access
from tests.listening.networks.bluesky.double import Account, Double

QUICK = Bounds(connect=2, silence=2, total=4)


class Town:
    """The double, the network that speaks to it, and the means of our account."""

    def __init__(self, double: Double, address: str) -> None:
        self.double = double
        self.http = Http(["127.0.0.1"], bounds=QUICK)
        self.network = Bluesky(Directories(plc=address, view=address, jetstream=address))
        self.brand = double.join("brand.test", name="Brand")
        self.ada = double.join("ada.test", name="Ada")
        self.access = Access(http=self.http)

    async def connect(self, account: Account | None = None) -> Access:
        """Connect our account, as a person would."""
        account = account or self.brand
        filled = {"handle": account.handle, "password": account.handle[::-1], "server": ""}
        found = await self.waiting(self.network.connect, self.access, "app-password", filled)
        self.access = Access(http=self.http, credentials=found.credentials, account=found.account, server=found.server)
        return self.access

    async def waiting(self, call: Callable[..., Any], *args: Any) -> Any:
        """Call what waits for its answer, beside the loop in which the double runs."""
        return await asyncio.to_thread(call, *args)

    async def read(self, place: str, since: Any = None) -> Any:
        """Read a place as polling does."""
        async with Http(["127.0.0.1"], bounds=QUICK) as http:
            access = Access(
                http=http,
                credentials=self.access.credentials,
                account=self.access.account,
                server=self.access.server or self.double.address,
            )
            return await self.network.read(access, place, since or {})


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    """The network with nobody connected yet."""
    double = Double()
    async with double.running() as address:
        yield Town(double, address)
