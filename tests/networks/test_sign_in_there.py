"""Connecting by signing in at the network: there, back, once, soon, and by whom it was begun."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from django.test import Client

from listening.connections.words import offer_of
from listening.models import Channel, Connection, NetworkSignIn, Source
from listening.networks import all_networks
from roles import clock
from tests.cast import Cast
from tests.networks.lighthouse_server import Tower

ADD = "/o/acme/connections/add/lighthouse/sign-in/"
BACK = "/connections/return/"


def begin(client: Client, tower: Tower, path: str = ADD, **typed: str) -> str:
    """Go to the network from our form; returns the state that it will hand back."""
    answer = client.post(path, {"asked_address": tower.url, **typed})
    assert answer.status_code == 200 and answer.headers["Refresh"].startswith(f"0; url={tower.url}/yes?state=")
    assert f'href="{tower.url}/yes?' in answer.content.decode(), "without script and refresh there is a link"
    [state] = re.findall(r"state=([^&]+)", answer.headers["Refresh"])
    return str(state)


def come_back(client: Client, **answer: str) -> str:
    """Come back from the network; returns what the page says."""
    said = client.get(BACK, answer, follow=True)
    return " ".join(said.content.decode().split())


def test_there_and_back(acme: Cast, sign_in: Any, tower: Tower) -> None:
    client = sign_in(acme.carla)
    state = begin(client, tower, speaks="on", listens="on", name="The tower")
    row = NetworkSignIn.objects.get()
    assert state not in row.state_digest + row.sealed and tower.url not in row.sealed
    page = come_back(client, state=state, code=tower.grant())
    made = Connection.objects.get()
    assert "“The tower” is connected." in page and made.account_id == "acme"
    assert made.expires_at is not None and made.renew_due_at is not None
    assert made.renew_due_at < made.expires_at
    assert Channel.objects.count() == 1 and Source.objects.count() == 2


def test_it_is_used_once_and_soon(acme: Cast, sign_in: Any, tower: Tower) -> None:
    client = sign_in(acme.carla)
    state = begin(client, tower)
    come_back(client, state=state, code=tower.grant())
    assert "finished before" in come_back(client, state=state, code=tower.grant())
    state = begin(client, tower)
    NetworkSignIn.objects.filter(used_at=None).update(begun_at=clock.now() - timedelta(minutes=16))
    assert "That took too long" in come_back(client, state=state, code=tower.grant())
    assert Connection.objects.count() == 1


def test_nobody_else_finishes_it(acme: Cast, sign_in: Any, tower: Tower) -> None:
    state = begin(sign_in(acme.carla), tower)
    code = tower.grant()
    assert "Nobody here has begun this sign-in" in come_back(sign_in(acme.olga), state=state, code=code)
    assert sign_in(acme.rosa).get(BACK, {"state": state, "code": code}, follow=True).status_code == 403
    assert sign_in(acme.sam).get(BACK, {"state": state, "code": code}, follow=True).status_code == 404
    assert Client().get(BACK, {"state": state}).headers["Location"].startswith("/accounts/login/")
    assert sign_in(acme.carla).get(BACK, {"state": "made up"}).status_code == 404
    assert not Connection.objects.exists()


def test_a_no_there_is_said_here(acme: Cast, sign_in: Any, tower: Tower) -> None:
    client = sign_in(acme.carla)
    assert "You said no there." in come_back(client, state=begin(client, tower), error="access_denied")
    assert not Connection.objects.exists()


def test_signing_in_again_mends_the_same_connection(acme: Cast, sign_in: Any, tower: Tower) -> None:
    client = sign_in(acme.carla)
    come_back(client, state=begin(client, tower, listens="on"), code=tower.grant())
    row = Connection.objects.get()
    Connection.objects.update(state="withdrawn", problem="The tower no longer knows us.")
    again = f"/o/acme/connections/{row.pk}/reconnect/"
    assert "It has to be the same account." in client.get(again).content.decode()
    said = come_back(client, state=begin(client, tower, again), code=tower.grant("other"))
    assert "Connect the other account anew" in said
    come_back(client, state=begin(client, tower, again), code=tower.grant())
    row.refresh_from_db()
    assert row.state == "works" and Connection.objects.count() == 1 and Source.objects.count() == 2


def test_a_network_shows_its_documents_to_anybody(db: None, tower: Tower) -> None:
    answer = Client().get("/networks/lighthouse/client.json")
    assert answer.status_code == 200 and answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.json() == Client().get("/networks/lighthouse/client.json").json(), "the same, always"
    for path in ("lighthouse/keys", "feed/client.json", "nowhere/client.json"):
        assert Client().get(f"/networks/{path}").status_code == 404


def test_where_an_app_of_ones_own_is_needed_our_address_stands(acme: Cast, sign_in: Any, settings: Any) -> None:
    client = sign_in(acme.carla)
    offers = [(network.name, way) for network in all_networks() if (offer := offer_of(network)) for way in offer.ways]
    with_app = [(name, way) for name, way in offers if way.signs_in and "client_id" in {one.name for one in way.asked}]
    assert len(with_app) >= 3
    for name, way in with_app:
        page = client.get(f"/o/acme/connections/add/{name}/{way.name}/").content.decode()
        assert f'value="{settings.SITE_URL}{BACK}" readonly' in page, f"{name}, {way.name}"
