"""Connecting with an app password: what is typed, what is kept, and what becomes of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from listening.networks.protocols import Access, AccessExpired, AccessWithdrawn, NetworkError, RateLimited, Unreachable
from tests.listening.networks.bluesky.conftest import Town


async def test_an_account_is_found_by_its_handle_and_kept_with_its_session(town: Town) -> None:
    access = await town.connect()
    assert access.server == town.double.address and access.account.id == town.brand.did
    assert (access.account.handle, access.account.name, access.account.followers) == ("brand.test", "Brand", 7)
    assert {"did", "access", "refresh", "password"} <= access.credentials.keys()
    assert all(isinstance(value, str) for value in access.credentials.values())
    found: Any = await town.waiting(town.network.check, access)
    assert dict(found.credentials) == dict(access.credentials)
    assert timedelta(hours=1) < found.expires_at - datetime.now(UTC) < timedelta(hours=3)
    assert found.renew_at < found.expires_at
    assert ("notifications of @brand.test", "What is said to @brand.test: mentions, answers, quotes") in (
        town.network.offered_places(access)
    )


@pytest.mark.parametrize(
    ("filled", "said"),
    [
        ({"handle": "brand.test", "password": "wrong"}, "does not accept"),
        ({"handle": "brand.test", "password": "whole-password"}, "own password"),
        ({"handle": "brand.test", "password": " "}, "Enter the app password"),
        ({"handle": "nobody.test", "password": "x"}, "no account called"),
        ({"handle": "brand", "password": "x"}, "brand.bsky.social"),
        ({"handle": "br and.test", "password": "x"}, "Enter a handle"),
        ({"handle": "brand.test", "password": "x", "server": "https://a.test/path"}, "nothing after it"),
    ],
)
async def test_what_was_typed_wrongly_is_said(town: Town, filled: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        await town.waiting(town.network.connect, town.access, "app-password", filled)
    kept = [kind for _did, kind, _until in town.double.sessions.values() if kind == "refresh"]
    assert not kept, "a session that is not wanted is ended"


async def test_an_inner_address_is_not_asked(town: Town) -> None:
    filled = {"handle": "brand.test", "password": "x", "server": "http://10.0.0.1"}
    with pytest.raises(NetworkError, match="private"):
        await town.waiting(town.network.connect, town.access, "app-password", filled)


async def test_a_session_that_ran_out_is_renewed_or_begun_anew(town: Town) -> None:
    access = await town.connect()
    town.double.expire()
    with pytest.raises(AccessExpired):
        await town.read("notifications")
    with pytest.raises(AccessExpired):
        await town.waiting(town.network.check, access)
    renewed: Any = await town.waiting(town.network.renew, access)
    assert renewed.credentials["refresh"] != access.credentials["refresh"]
    # The same again, as after a lost answer: the token is used up, and the app password still good.
    again: Any = await town.waiting(town.network.renew, access)
    assert again.credentials["access"] not in {renewed.credentials["access"], access.credentials["access"]}
    town.brand.app_passwords.clear()
    town.double.expire(refresh=True)
    with pytest.raises(AccessWithdrawn, match="app password"):
        await town.waiting(town.network.renew, access)


async def test_an_account_that_was_taken_down_is_withdrawn_and_trouble_is_not(town: Town) -> None:
    access = await town.connect()
    town.double.fail["com.atproto.server.getSession"] = web.json_response({"error": "InternalServerError"}, status=500)
    with pytest.raises(Unreachable):
        await town.waiting(town.network.check, access)
    headers = {"RateLimit-Remaining": "0", "RateLimit-Reset": str(int(datetime.now(UTC).timestamp()) + 90)}
    limited = web.json_response({"error": "RateLimitExceeded"}, status=429, headers=headers)
    town.double.fail["com.atproto.server.refreshSession"] = limited
    with pytest.raises(RateLimited) as told:
        await town.waiting(town.network.renew, access)
    assert 60 < (told.value.wait or 0) <= 91
    town.brand.is_taken_down = True
    with pytest.raises(AccessWithdrawn, match="taken this account down"):
        await town.waiting(town.network.check, access)


async def test_disconnecting_ends_the_session_and_twice_is_no_error(town: Town) -> None:
    access = await town.connect()
    await town.waiting(town.network.disconnect, access)
    assert all(kind != "refresh" for _did, kind, _until in town.double.sessions.values())
    await town.waiting(town.network.disconnect, access)


def test_nobody_is_connected_by_default() -> None:
    assert Access().credentials == {}
