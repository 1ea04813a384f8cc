"""Signing in at the account's server: nothing is taken on trust, nonces are followed, tokens are good for once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from listening.actions.sign_ins import RETURN
from listening.networks.bluesky import dpop, oauth
from listening.networks.protocols import Access, AccessExpired, AccessWithdrawn, OutgoingReply, Refused
from tests.listening.networks.bluesky.conftest import Town
from tests.listening.networks.bluesky.issuer import Issuer
from tests.listening.networks.bluesky.test_writing import answer_to

SITE = "https://touchline.example.org"
BACK = f"{SITE}{RETURN}"
FILLED = {"handle": "brand.test", "server": ""}


@pytest.fixture
async def there() -> AsyncIterator[Town]:
    """A network with a sign-in, which has read who we are."""
    issuer = Issuer()
    async with issuer.running() as address:
        town = Town(issuer, address)
        town.access = replace(town.access, site=SITE, secret_for=lambda purpose: purpose.encode().ljust(32)[:32])
        documents = [town.network.document(town.access, name) for name in (oauth.METADATA, oauth.KEYS)]
        assert documents[0] is not None and documents[1] is not None
        issuer.clients[str(documents[0]["client_id"])] = (documents[0], documents[1])
        yield town


def issuer_of(town: Town) -> Issuer:
    assert isinstance(town.double, Issuer)
    return town.double


async def signed_in(town: Town) -> Access:
    begun = await town.waiting(town.network.begin, town.access, "sign-in", FILLED, BACK)
    answer = issuer_of(town).say_yes(begun.address, town.brand.did)
    found = await town.waiting(town.network.finish, town.access, "sign-in", begun.kept, answer)
    return replace(town.access, credentials=found.credentials, account=found.account, server=found.server)


async def test_who_we_are_is_shown_and_stays_the_same(there: Town) -> None:
    metadata, keys = (dict(there.network.document(there.access, name) or {}) for name in (oauth.METADATA, oauth.KEYS))
    assert metadata["client_id"] == f"{SITE}/networks/bluesky/client-metadata.json"
    assert metadata["jwks_uri"] == f"{SITE}/networks/bluesky/jwks.json" and metadata["redirect_uris"] == [BACK]
    assert "d" not in keys["keys"][0] and keys == there.network.document(there.access, oauth.KEYS)
    assert there.network.document(there.access, "passwd") is None
    other = replace(there.access, secret_for=lambda _purpose: b"x" * 32)
    assert there.network.document(other, oauth.KEYS) != keys


async def test_an_account_is_connected_and_works(there: Town) -> None:
    access = await signed_in(there)
    assert access.account.handle == "brand.test" and access.server == there.double.address
    assert all(isinstance(value, str) for value in access.credentials.values())
    found: Any = await there.waiting(there.network.check, access)
    assert found.expires_at is not None and found.renew_at < found.expires_at
    # The server wants another nonce now: it is followed, and what writes is done once.
    issuer_of(there).nonce = "second"
    outgoing: OutgoingReply = answer_to(there.double.mention(there.ada, there.brand))
    taken = await there.waiting(there.network.reply, access, outgoing)
    assert await there.waiting(there.network.find_reply, access, outgoing) == taken
    there.access = access
    assert len((await there.read("notifications")).posts) == 1


async def test_tokens_are_renewed_once_and_given_back(there: Town) -> None:
    access = await signed_in(there)
    there.double.expire()
    with pytest.raises(AccessExpired):
        await there.waiting(there.network.check, access)
    renewed: Any = await there.waiting(there.network.renew, access)
    assert renewed.credentials["key"] == access.credentials["key"]
    with pytest.raises(AccessWithdrawn):
        await there.waiting(there.network.renew, access)
    fresh = replace(access, credentials=renewed.credentials)
    await there.waiting(there.network.check, fresh)
    await there.waiting(there.network.disconnect, fresh)
    assert not issuer_of(there).refresh
    with pytest.raises(AccessWithdrawn, match="ended the sign-in"):
        await there.waiting(there.network.renew, fresh)


async def test_what_does_not_belong_together_is_not_taken(there: Town) -> None:
    begun = await there.waiting(there.network.begin, there.access, "sign-in", FILLED, BACK)
    good = issuer_of(there).say_yes(begun.address, there.brand.did)
    for wrong in (
        {**good, "iss": "https://evil.test"},
        {**good, "state": "x"},
        {"state": good["state"], "iss": good["iss"]},
    ):
        with pytest.raises(Refused, match="does not belong"):
            await there.waiting(there.network.finish, there.access, "sign-in", begun.kept, wrong)
    with pytest.raises(ValueError, match="said no"):
        await there.waiting(there.network.finish, there.access, "sign-in", begun.kept, {"error": "access_denied"})
    # A code that was given to another key is good for nothing.
    stolen = {**begun.kept, "key": dpop.new_key()}
    with pytest.raises(AccessWithdrawn):
        await there.waiting(there.network.finish, there.access, "sign-in", stolen, good)
    issuer_of(there).says_it_is = "https://bsky.social"
    with pytest.raises(Refused, match="does not describe"):
        await there.waiting(there.network.begin, there.access, "sign-in", FILLED, BACK)


async def test_where_nobody_can_reach_us_it_is_said_and_a_developer_signs_in_all_the_same(there: Town) -> None:
    outside = replace(there.access, site="http://touchline.example.org")
    with pytest.raises(ValueError, match="reachable by https"):
        await there.waiting(there.network.begin, outside, "sign-in", FILLED, BACK)
    there.access = replace(there.access, site="http://127.0.0.1:8000")
    assert (await signed_in(there)).account.id == there.brand.did


async def test_a_server_without_a_sign_in_says_so(town: Town) -> None:
    access = replace(town.access, site=SITE, secret_for=lambda _purpose: b"x" * 32)
    with pytest.raises(Refused, match="Use an app password"):
        await town.waiting(town.network.begin, access, "sign-in", FILLED, BACK)


async def test_a_server_beside_us_may_not_speak_for_accounts_of_others(
    there: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled = FILLED | {"server": there.double.address}
    begun = await there.waiting(there.network.begin, there.access, "sign-in", filled, BACK)
    answer = issuer_of(there).say_yes(begun.address, there.brand.did)
    monkeypatch.setattr(Issuer, "_document_of", lambda _double, account: {"id": account.did, "service": []})
    with pytest.raises(Refused, match="does not keep this account"):
        await there.waiting(there.network.finish, there.access, "sign-in", begun.kept, answer)


async def test_who_does_not_know_us_any_more_has_ended_the_sign_in(there: Town) -> None:
    other = replace(await signed_in(there), secret_for=lambda _purpose: b"x" * 32)
    with pytest.raises(AccessWithdrawn, match="ended the sign-in"):
        await there.waiting(there.network.renew, other)
