"""Connecting with what one types: what is kept, what is shown, and what never is."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from listening import polling
from listening.access import access_for_channel
from listening.actions import connections as actions
from listening.actions.sources import add_source
from listening.connections.keeping import sealed, unsealed
from listening.models import Channel, Connection, Mention, Source
from roles import clock
from roles.models import AuditEntry
from tests import factories
from tests.cast import Cast
from tests.networks.lighthouse_server import Tower

SECRET = "key-of-acme"
ADD = "/o/acme/connections/add/lighthouse/key/"


def test_a_person_connects_listens_and_speaks_in_one_step(acme: Cast, sign_in: Any, tower: Tower) -> None:
    client = sign_in(acme.carla)
    offered = client.get("/o/acme/connections/add/").content.decode()
    assert "Towers on the coast." in offered and "A bottle a year." in offered and ADD in offered
    assert "Ask the keeper for a key." in client.get(ADD).content.decode()
    typed = {"asked_address": tower.url, "asked_key": SECRET, "speaks": "on", "listens": "on"}
    answer = client.post(ADD, typed, follow=True)
    row = Connection.objects.get()
    shown = " ".join(answer.content.decode().split())
    assert f"/connections/{row.pk}/" in answer.redirect_chain[-1][0] and "is connected" in shown
    assert (row.name, row.handle, row.state, row.server) == ("Lighthouse: @acme", "@acme", "works", tower.url)
    assert Channel.objects.get().connection == row and Channel.objects.get().handle == "@acme"
    assert list(Source.objects.order_by("place").values_list("place", "connection", "channel__handle")) == [
        ("coast", row.pk, "@acme"), ("mentions", row.pk, "@acme"),
    ]  # fmt: skip
    factories.query("acme")
    tower.say("Is Acme down?")
    assert polling.poll_due(clock.now()) == 2
    assert Mention.objects.count() == 1
    listed = client.get("/o/acme/connections/").content.decode()
    assert "Lighthouse: @acme" in listed and "2 sources" in " ".join(listed.split())


def test_a_refused_form_keeps_all_but_the_secrets(acme: Cast, sign_in: Any, tower: Tower) -> None:
    client = sign_in(acme.carla)
    for key, reason in (("not known", "A key has no space in it."), ("wrong", "The tower does not know this key.")):
        answer = client.post(ADD, {"asked_address": tower.url, "asked_key": key, "name": "Our tower"})
        page = answer.content.decode()
        assert answer.status_code == 422 and reason in page
        assert tower.url in page and "Our tower" in page and key not in page.replace("does not know", "")
    assert not Connection.objects.exists()


def test_no_secret_is_ever_shown(
    acme: Cast, sign_in: Any, api: Any, connected: Connection, tower: Tower, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    assert SECRET not in connected.sealed and SECRET not in repr(connected) + str(connected)
    access = access_for_channel(Channel.objects.get(), at=clock.now())
    assert access.credentials == {"token": SECRET} and SECRET not in repr(access)
    client, program = sign_in(acme.carla), api(acme.carla)
    for path in ("", "add/", f"{connected.pk}/", f"{connected.pk}/reconnect/"):
        page = client.get(f"/o/acme/connections/{path}").content.decode()
        assert SECRET not in page and connected.sealed not in page, path
    actions.check_connection(connected, by=acme.carla, at=clock.now())
    actions.reconnect(connected, filled={"address": tower.url, "key": SECRET}, by=acme.carla, at=clock.now())
    said = program.get("/api/v1/connections/").content.decode() + program.get("/api/v1/networks/").content.decode()
    log = json.dumps([[entry.before, entry.after, entry.subject_label] for entry in AuditEntry.objects.all()])
    assert SECRET not in said + log + caplog.text and "sealed" not in said


def test_an_adapter_that_breaks_says_nothing_of_what_was_typed(
    acme: Cast, tower: Tower, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_said: Any) -> Any:
        raise KeyError(f"no field in {SECRET}")

    monkeypatch.setattr("tests.networks.lighthouse.Lighthouse._known", broken)
    with pytest.raises(ValidationError, match="could not understand"):
        actions.connect(
            acme.organization, network="lighthouse", way="key", filled={"address": tower.url, "key": SECRET},
            by=acme.carla, at=clock.now(),
        )  # fmt: skip
    assert "KeyError" in caplog.text and "lighthouse.py" in caplog.text and SECRET not in caplog.text


def test_the_same_account_again_is_the_same_connection(acme: Cast, connected: Connection, tower: Tower) -> None:
    tower.tokens["second-key"] = "acme"
    filled = {"address": tower.url + "/", "key": "second-key"}
    again = actions.connect(
        acme.organization, network="lighthouse", way="key", filled=filled, by=acme.olga, at=clock.now()
    )
    assert again.pk == connected.pk and Connection.objects.count() == 1
    assert access_for_channel(Channel.objects.get(), at=clock.now()).credentials == {"token": "second-key"}
    assert list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))[-1] == "reconnect"


def test_connecting_by_another_way_leaves_nothing_of_the_way_before(
    acme: Cast, connected: Connection, tower: Tower
) -> None:
    now = clock.now()
    Connection.objects.update(sealed=sealed(tower.issue("acme")), expires_at=now + timedelta(hours=1), renew_due_at=now)
    row = actions.reconnect(connected, filled={"address": tower.url, "key": SECRET}, by=acme.carla, at=now)
    assert unsealed(row.sealed) == {"token": SECRET} and (row.expires_at, row.renew_due_at) == (None, None)


def test_the_same_place_is_heard_through_each_connection(acme: Cast, connected: Connection, tower: Tower) -> None:
    filled = {"address": tower.url, "key": "key-of-other"}
    other = actions.connect(
        acme.organization, network="lighthouse", way="key", filled=filled, by=acme.carla, at=clock.now()
    )
    assert sorted(other.sources.values_list("place", flat=True)) == ["coast", "mentions"]
    assert Source.objects.filter(place="mentions").count() == 2
    actions.use_connection(other, speaks=True, places=["coast"], by=acme.carla, at=clock.now())
    with pytest.raises(ValidationError, match="is a source already"):
        add_source(network="lighthouse", place="coast", connection=other, by=acme.gita, at=clock.now())


def test_only_the_same_account_is_connected_again(acme: Cast, connected: Connection, tower: Tower) -> None:
    with pytest.raises(ValidationError, match="This is @other; the connection is that of @acme"):
        actions.reconnect(
            connected, filled={"address": tower.url, "key": "key-of-other"}, by=acme.carla, at=clock.now()
        )
    assert access_for_channel(Channel.objects.get(), at=clock.now()).credentials == {"token": SECRET}


def test_disconnecting_forgets_and_stops_and_connecting_again_goes_on(
    acme: Cast, connected: Connection, tower: Tower, sign_in: Any
) -> None:
    client, now = sign_in(acme.carla), clock.now()
    factories.query("acme")
    tower.say("Acme one")
    polling.poll_due(now)
    client.post(f"/o/acme/connections/{connected.pk}/disconnect/")
    connected.refresh_from_db()
    assert connected.state == "withdrawn" and connected.sealed == "" and "Disconnected by Carla" in connected.problem
    Source.objects.make_due(clock.now())
    tower.say("Acme two")
    assert polling.poll_due(clock.now()) == 0
    source = Source.objects.first()
    assert source is not None
    page = " ".join(client.get(f"/o/acme/sources/{source.pk}/").content.decode().split())
    assert "has to be connected again" in page
    answer = client.post(f"/o/acme/sources/{source.pk}/poll/", follow=True)
    assert "has to be connected again first" in answer.content.decode()
    client.post(f"/o/acme/connections/{connected.pk}/reconnect/", {"asked_address": tower.url, "asked_key": SECRET})
    assert polling.poll_due(clock.now()) == 2
    assert Mention.objects.count() == 2


def test_a_connection_that_nothing_goes_through_is_gone(acme: Cast, tower: Tower) -> None:
    row = actions.connect(
        acme.organization, network="lighthouse", way="key", filled={"address": tower.url, "key": SECRET},
        speaks=False, listens=False, by=acme.carla, at=clock.now(),
    )  # fmt: skip
    assert actions.disconnect(row, by=acme.carla, at=clock.now()) and not Connection.objects.exists()


def test_what_is_offered_can_be_taken_into_use_later(acme: Cast, tower: Tower, sign_in: Any) -> None:
    client = sign_in(acme.olga)
    client.post(ADD, {"asked_address": tower.url, "asked_key": SECRET})
    row = Connection.objects.get()
    assert not Channel.objects.exists() and not Source.objects.exists()
    page = client.get(f"/o/acme/connections/{row.pk}/").content.decode()
    assert "What is said to @acme" in page
    client.post(f"/o/acme/connections/{row.pk}/use/", {"speaks": "on", "places": ["mentions"]})
    assert Channel.objects.get().connection == row
    # An owner connects; that sources are added in their name takes a coach.
    assert Source.objects.get().place == "mentions" and Source.objects.get().created_by is None


def test_programs_connect_too(acme: Cast, api: Any, tower: Tower) -> None:
    program = api(acme.carla)
    [offer] = [one["offer"] for one in program.get("/api/v1/networks/").json() if one["name"] == "lighthouse"]
    assert [asked["kind"] for asked in offer["ways"][0]["asked"]] == ["address", "secret"]
    said = {"network": "lighthouse", "way": "key", "filled": {"address": tower.url, "key": "wrong"}}
    assert program.post("/api/v1/connections/", said).status_code == 400
    answer = program.post("/api/v1/connections/", said | {"filled": {"address": tower.url, "key": SECRET}})
    made = answer.json()
    assert answer.status_code == 201 and made["state"] == "works" and len(made["sources"]) == 2
    at = f"/api/v1/connections/{made['id']}/"
    assert program.patch(at, {"name": "Our tower"}).json()["name"] == "Our tower"
    assert program.post(f"{at}check/").json()["problem"] == ""
    missing = program.post("/api/v1/connections/", said | {"filled": {"address": tower.url}})
    assert missing.json()["errors"] == {"key": ["This is needed: fill it in."]}
    assert program.delete(at).status_code == 204


def test_a_source_of_a_network_that_is_connected_needs_a_connection(acme: Cast, tower: Tower, sign_in: Any) -> None:
    client = sign_in(acme.gita)
    answer = client.post("/o/acme/sources/add/", {"network": "lighthouse", "place": "North"})
    assert answer.status_code == 422 and "Connect an account of this network first." in answer.content.decode()
    for key in ("key-of-acme", "key-of-other"):
        actions.connect(
            acme.organization, network="lighthouse", way="key", filled={"address": tower.url, "key": key},
            listens=False, by=acme.carla, at=clock.now(),
        )  # fmt: skip
    answer = client.post("/o/acme/sources/add/", {"network": "lighthouse", "place": "North"})
    assert "Say through which connection." in answer.content.decode()
    row = Connection.objects.get(account_id="other")
    client.post("/o/acme/sources/add/", {"network": "lighthouse", "place": "North", "connection": row.pk})
    assert Source.objects.get().connection == row and Source.objects.get().channel == row.channels.get()


def test_only_coaches_and_owners_connect(acme: Cast, tower: Tower, sign_in: Any) -> None:
    assert sign_in(acme.gita).get(ADD).status_code == 403
    assert sign_in(acme.olga).get(ADD).status_code == 200
    assert sign_in(acme.sam).get(ADD).status_code == 404


def test_the_list_costs_the_same_with_one_and_with_twenty(
    acme: Cast, connected: Connection, tower: Tower, sign_in: Any, django_assert_max_num_queries: Any
) -> None:
    client = sign_in(acme.carla)
    client.get("/o/acme/connections/")

    def queries() -> int:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as found:
            assert client.get("/o/acme/connections/").status_code == 200
        return len(found)

    one = queries()
    for number in range(20):
        row = Connection.objects.create(network="lighthouse", way="key", name=f"Tower {number}", account_id=str(number))
        Source.objects.create(network="lighthouse", place=f"coast {number}", connection=row)
    assert queries() == one


def test_what_is_to_be_mended_stands_first_and_what_is_left_out_is_said(
    acme: Cast, connected: Connection, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, state in (("A works", "works"), ("B is in trouble", "trouble"), ("C is withdrawn", "withdrawn")):
        Connection.objects.create(network="lighthouse", way="key", name=name, account_id=name, state=state)
    client = sign_in(acme.carla)
    page = client.get("/o/acme/connections/").content.decode()
    assert page.index("C is withdrawn") < page.index("B is in trouble") < page.index("A works")
    assert "There are more" not in page
    monkeypatch.setattr("listening.views.connections.MOST_SHOWN", 3)
    page = client.get("/o/acme/connections/").content.decode()
    assert "There are more than are shown." in page and str(connected) not in page


def test_the_form_leaves_the_house_around_it_alone(acme: Cast, tower: Tower, sign_in: Any) -> None:
    page = " ".join(sign_in(acme.carla).get(ADD).content.decode().split())
    assert "are done" not in page and "Listen to what is said to it" in page
