"""Connecting: by signing in at the server, with a token, and what is learned of the server."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from listening.networks import can
from listening.networks.connecting import Connects, Disconnects, OffersPlaces, Renews, SignsIn
from listening.networks.http import Http
from listening.networks.mastodon import network
from listening.networks.protocols import (
    Access,
    AccessWithdrawn,
    Counts,
    Hints,
    Reads,
    Reconciles,
    Refused,
    Replies,
    Revisits,
    TellsResults,
    Unreachable,
)
from listening.networks.publishing import FindsPieces, Publishes, Withdraws
from tests.networks.mastodon.conftest import LOOPBACK, Server

BACK = "https://touchline.example/networks/back"


def test_it_can_do_all_that_it_should() -> None:
    for capability in (
        Connects, SignsIn, Renews, Disconnects, OffersPlaces, Reads, Hints, Revisits, Replies, Reconciles, TellsResults,
        Counts, Publishes, FindsPieces, Withdraws,
    ):  # fmt: skip
        assert can(network, capability), capability


def sign_in(server: Server) -> tuple[Any, dict[str, str]]:
    ours = Access(http=Http(LOOPBACK), site="https://touchline.example")
    begun = network.begin(ours, "sign-in", {"server": server.address}, BACK)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(begun.address).query).items()}
    form = {name: asked[name] for name in ("client_id", "redirect_uri", "scope", "state")}
    answer = httpx.post(f"{server.address}/oauth/authorize", data=form | {"username": "brand"})
    came_back = urlsplit(answer.headers["location"])
    assert f"{came_back.scheme}://{came_back.netloc}{came_back.path}" == BACK
    return begun, {name: values[0] for name, values in parse_qs(came_back.query).items()}


def test_signing_in_at_the_server(server: Server) -> None:
    begun, answer = sign_in(server)
    asked = parse_qs(urlsplit(begun.address).query)
    assert begun.address.startswith(f"{server.address}/oauth/authorize?")
    assert (asked["code_challenge_method"], asked["state"]) == (["S256"], [begun.state])
    assert begun.kept["verifier"] not in begun.address and begun.kept["client_secret"] not in begun.address
    made = network.finish(Access(http=Http(LOOPBACK)), "sign-in", begun.kept, answer)
    assert (made.server, made.account.id, made.account.handle) == (
        server.address,
        "brand@mock.local",
        "brand@mock.local",
    )
    assert set(made.credentials) == {"client_id", "client_secret", "token"}
    assert made.facts["max_characters"] == 500 and made.facts["link_length"] == 23 and made.facts["max_media"] == 4

    access = Access(http=Http(LOOPBACK), credentials=made.credentials, account=made.account, server=made.server)
    assert network.check(access).account == made.account
    assert network.renew(access).credentials == made.credentials
    network.disconnect(access)
    with pytest.raises(AccessWithdrawn, match="Connect the account again"):
        network.check(access)
    network.disconnect(access)


def test_a_sign_in_that_was_not_begun_here_is_refused(server: Server) -> None:
    begun, answer = sign_in(server)
    with pytest.raises(Refused, match="not begun here"):
        network.finish(Access(http=Http(LOOPBACK)), "sign-in", begun.kept, answer | {"state": "another"})
    told = {"state": begun.state, "error": "access_denied", "error_description": "Not  today"}
    with pytest.raises(Refused, match="“Not today”"):
        network.finish(Access(http=Http(LOOPBACK)), "sign-in", begun.kept, told)
    with pytest.raises(Refused, match="invalid_grant"):
        network.finish(Access(http=Http(LOOPBACK)), "sign-in", begun.kept, answer | {"code": "made-up"})


def test_a_token_that_is_none_is_refused(server: Server) -> None:
    with pytest.raises(AccessWithdrawn):
        network.connect(Access(http=Http(LOOPBACK)), "token", {"server": server.address, "token": "nobody's"})
    with pytest.raises(ValueError, match="access token"):
        network.connect(Access(http=Http(LOOPBACK)), "token", {"server": server.address, "token": " "})


def test_a_server_that_is_away_is_no_refusal() -> None:
    with pytest.raises(Unreachable):
        network.connect(Access(http=Http(LOOPBACK)), "token", {"server": "http://127.0.0.1:9", "token": "t"})


def test_whether_words_are_searched_is_found_out(server: Server, access: Access) -> None:
    assert access.facts["search"] is None
    server.say("brand", "Welcome to our kitchen")
    assert network.check(access).facts["search"] is True


def test_mentions_and_lists_are_offered(server: Server, access: Access) -> None:
    made = server.call("brand", "POST", "/api/v1/lists", title="Cooks")
    offered = network.offered_places(access)
    assert [place for place, _label in offered] == ["mentions of @brand@mock.local", f"list {made['id']}"]
    assert all(network.check_place(place) == place for place, _label in offered)


def test_nothing_is_asked_without_a_connection() -> None:
    with pytest.raises(Refused, match="No account is connected"):
        network.check(replace(Access(http=Http(LOOPBACK)), server="https://social.example"))


def test_an_answer_of_another_server_is_not_taken(server: Server) -> None:
    begun, answer = sign_in(server)
    with pytest.raises(Refused, match="another server"):
        network.finish(Access(http=Http(LOOPBACK)), "sign-in", begun.kept, answer | {"iss": "https://other.example"})
    made = network.finish(Access(http=Http(LOOPBACK)), "sign-in", begun.kept, answer | {"iss": server.address + "/"})
    assert made.account.id == "brand@mock.local"
