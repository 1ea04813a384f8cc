"""Many sources at once: OPML in and out, and the feeds of a site."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from listening import discovery, opml
from listening.actions.source_lists import export_sources, import_sources, preview
from listening.actions.sources import add_source
from listening.models import Host, Source
from listening.networks.protocols import NetworkError, Unreadable
from listening.opml import Line, NotOpml
from listening.politeness import turn_at
from roles import clock
from roles.models import AuditEntry, Position, Role
from tests import factories
from tests.cast import Cast
from tests.conftest import ApiClient
from tests.listening.pages import NOW
from tests.listening.servers import FeedServer, feed

LIST = b"""<?xml version="1.0"?>
<opml version="1.1"><head><title>Mine</title></head><body>
  <outline text="Customer Care">
    <outline text="Ferries" xmlUrl="https://harbour.example/feed" type="rss"/>
    <outline title="Deeper"><outline text="Tides" xmlURL="tides.example/rss"/></outline>
  </outline>
  <outline text="Boats" xmlUrl="https://boats.example/atom.xml"/>
  <outline text="Boats again" xmlUrl="https://boats.example/atom.xml"/>
  <outline text="Wrong" xmlUrl="javascript:alert(1)"/>
  <outline text="Only a site" htmlUrl="https://site.example/"/>
</body></opml>"""


@pytest.fixture
def server(settings: Settings) -> Iterator[FeedServer]:
    settings.FETCH_ALLOWED_PRIVATE_HOSTS = ["127.0.0.1"]
    with FeedServer() as running:
        yield running


def test_a_list_is_read_with_its_folders_each_address_once() -> None:
    assert opml.read(LIST) == [
        Line("https://harbour.example/feed", "Ferries", "Customer Care"),
        Line("tides.example/rss", "Tides", "Customer Care / Deeper"),
        Line("https://boats.example/atom.xml", "Boats", ""),
        Line("javascript:alert(1)", "Wrong", ""),
    ]


BOMB = b'<!DOCTYPE x [<!ENTITY a "ha">' + b'<!ENTITY b "&a;&a;&a;">' * 3 + b"]><opml><body>&b;</body></opml>"


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (BOMB, "entities"),
        (b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><opml><body/></opml>', "document type"),
        ("<!DOCTYPE x [<!ENTITY a 'b'>]><opml><body/></opml>".encode("utf-16"), "document type"),
        (b"<?xml version='1.0' encoding='UTF-7'?>+ADwAIQ-DOCTYPE x []><opml><body/></opml>", "document type"),
        (b"<opml><body>" + b"<outline text='x'>" * 100 + b"</outline>" * 100 + b"</body></opml>", "deeper"),
        (b"<opml><body><outline text='x' xmlUrl='https://a.example/'></opml>", "no sound XML"),
        (b"<rss><channel/></rss>", "no OPML"),
        (b"<opml><body><outline text='x'/></body></opml>", "names no feed"),
        (b"not xml", "no sound XML"),
        (b"<opml>" + b" " * opml.LARGEST, "larger"),
        (b"<opml><body>" + b"".join(b"<outline xmlUrl='u%d'/>" % n for n in range(5001)) + b"</body></opml>", "more"),
    ],
)
def test_hostile_and_wrong_lists_are_refused_with_a_reason(document: bytes, reason: str) -> None:
    with pytest.raises(NotOpml, match=reason):
        opml.read(document)


def test_the_preview_tells_new_known_and_unreadable_apart_and_changes_nothing(acme: Cast) -> None:
    factories.source(place="https://boats.example/atom.xml")
    found = preview(opml.read(LIST))
    assert [line.address for line in found.new] == ["https://harbour.example/feed", "https://tides.example/rss"]
    assert [line.title for line in found.known] == ["Boats"]
    assert [line.title for line, _reason in found.unreadable] == ["Wrong"]
    assert found.departments == {"Customer Care": acme.care}
    assert Source.objects.count() == 1


def test_taking_over_adds_what_is_new_and_twice_adds_nothing(acme: Cast) -> None:
    made = import_sources(opml.read(LIST), by=acme.gita, at=NOW)
    assert len(made) == 3
    ferries = Source.objects.get(name="Ferries")
    assert (ferries.department, ferries.folder, ferries.created_by, ferries.next_poll_at) == (
        acme.care, "", acme.gita, NOW,
    )  # fmt: skip
    assert ferries.key
    assert Source.objects.get(name="Tides").folder == "Customer Care / Deeper"
    assert AuditEntry.objects.filter(verb="add_source").count() == 3
    assert import_sources(opml.read(LIST), by=acme.gita, at=NOW + timedelta(hours=1)) == []
    assert Source.objects.count() == 3


def test_who_may_not_manage_sources_takes_nothing_over(acme: Cast) -> None:
    with pytest.raises(PermissionDenied):
        import_sources(opml.read(LIST), by=acme.rosa, at=NOW)
    Position.objects.filter(member=acme.gita).update(department=acme.press, role=Role.GATHERER)
    acme.gita.__dict__.pop("held_positions", None)
    with pytest.raises((ValidationError, PermissionDenied)):
        import_sources(opml.read(LIST), by=type(acme.gita).objects.get(pk=acme.gita.pk), at=NOW)
    assert not Source.objects.exists()


def test_what_is_given_away_is_what_is_taken_over(acme: Cast) -> None:
    import_sources(opml.read(LIST), by=acme.gita, at=NOW)
    factories.source(name='Odd \x0b "<&>" name', place="https://odd.example/?a=1&b=2", folder="Ports & ships")
    factories.source(network="practice", place="everything")
    document = export_sources(acme.organization, by=acme.gita, at=NOW)
    lines = {line.address: line for line in opml.read(document)}
    assert len(lines) == 4
    odd = "https://odd.example/?a=1&b=2"
    assert lines[odd] == Line(odd, 'Odd "<&>" name', "Ports & ships")
    assert lines["https://harbour.example/feed"].folder == "Customer care"
    assert preview(list(lines.values())).new == []


def test_the_pages_show_first_and_then_do(acme: Cast, sign_in: Callable[[Any], Client]) -> None:
    gita = sign_in(acme.gita)
    file = SimpleUploadedFile("list.opml", LIST, content_type="text/x-opml")
    shown = gita.post("/o/acme/sources/import/", {"file": file})
    assert shown.status_code == 200
    assert "What would come of it" in shown.content.decode()
    assert not Source.objects.exists()
    done = gita.post("/o/acme/sources/import/", {"list": shown.context["list"]}, follow=True)
    assert "3 sources were added" in done.content.decode()
    assert Source.objects.count() == 3
    assert gita.post("/o/acme/sources/import/", {"list": shown.context["list"] + "x"}).status_code == 422
    refused = gita.post("/o/acme/sources/import/", {"text": BOMB.decode()})
    assert refused.status_code == 422
    assert "entities" in refused.content.decode()
    away = gita.get("/o/acme/sources/export/")
    assert away["Content-Disposition"] == 'attachment; filename="sources.opml"'
    assert AuditEntry.objects.filter(verb="export_sources").count() == 1
    assert sign_in(acme.rosa).get("/o/acme/sources/export/").status_code == 403


def test_lists_over_the_api(acme: Cast, api: Callable[[Any], ApiClient]) -> None:
    gita = api(acme.gita)
    dry = gita.post("/api/v1/sources/import/", {"opml": LIST.decode()}).json()
    assert (len(dry["new"]), len(dry["unreadable"]), dry["added"], Source.objects.count()) == (3, 1, [], 0)
    wet = gita.post("/api/v1/sources/import/", {"opml": LIST.decode(), "dry_run": False})
    assert (wet.status_code, len(wet.json()["added"])) == (200, 3)
    assert "harbour.example" in gita.get("/api/v1/sources/export/").json()["opml"]
    assert gita.post("/api/v1/sources/import/", {"opml": BOMB.decode()}).status_code == 400
    assert api(acme.rosa).post("/api/v1/sources/import/", {"opml": LIST.decode()}).status_code == 403


PAGE = (
    b'<!doctype html><html><head><link rel="alternate" type="application/rss+xml" href="/news.xml">'
    b'<link rel="alternate" type="application/atom+xml" href="/talk.xml"></head></html>'
)


def test_the_feeds_that_a_page_names_are_offered_with_their_newest_entries(
    acme: Cast, server: FeedServer, sign_in: Callable[[Any], Client], api: Callable[[Any], ApiClient]
) -> None:
    server.documents |= {"/": PAGE, "/news.xml": feed("One", "Two", "Three", "Four"), "/talk.xml": feed("Comment")}
    add_source(network="feed", place=server.url("/talk.xml"), by=acme.gita, at=clock.now())
    found = discovery.find_feeds(server.url("/"), at=clock.now())
    assert [(one.address, one.count, len(one.newest)) for one in found] == [
        (server.url("/news.xml"), 4, 3), (server.url("/talk.xml"), 1, 1),
    ]  # fmt: skip
    shown = sign_in(acme.gita).post("/o/acme/sources/discover/", {"address": server.url("/")}).content.decode()
    assert f'value="{server.url("/news.xml")}"' in shown
    assert "A source already" in shown
    said = api(acme.gita).post("/api/v1/sources/discover/", {"address": server.url("/")}).json()
    assert [one["address"] for one in said] == [server.url("/news.xml"), server.url("/talk.xml")]
    assert Source.objects.count() == 1


def test_where_a_page_names_none_the_usual_places_are_looked_at(acme: Cast, server: FeedServer) -> None:
    server.documents |= {"/blog/": b"<!doctype html><html><head></head></html>", "/rss.xml": feed("One")}
    assert [one.address for one in discovery.find_feeds(server.url("/blog/"), at=clock.now())] == [
        server.url("/rss.xml")
    ]
    assert len(server.requests) <= 1 + len(discovery.USUAL_PLACES)
    server.documents.pop("/rss.xml")
    with pytest.raises(Unreadable, match="No feed was found"):
        discovery.find_feeds(server.url("/blog/"), at=clock.now())


def test_a_feed_is_its_own_find(acme: Cast, server: FeedServer) -> None:
    server.documents["/feed"] = feed("One")
    assert [one.address for one in discovery.find_feeds(server.url("/feed"), at=clock.now())] == [server.url("/feed")]
    assert server.requests == ["/feed"]


def test_private_addresses_are_not_looked_at(acme: Cast, sign_in: Callable[[Any], Client], settings: Settings) -> None:
    settings.FETCH_ALLOWED_PRIVATE_HOSTS = []
    with pytest.raises(NetworkError, match="private or special"):
        discovery.find_feeds("http://127.0.0.1:9/", at=clock.now())
    shown = sign_in(acme.gita).post("/o/acme/sources/discover/", {"address": "http://127.0.0.1:9/"})
    assert (shown.status_code, "private or special" in shown.content.decode()) == (422, True)


def test_who_looks_stands_in_the_same_line_as_who_polls(acme: Cast, settings: Settings) -> None:
    settings.FETCH_REQUESTS_PER_HOST_PER_SECOND = 1
    assert [turn_at("a.example", at=NOW) for _ in range(3)] == [0.0, 1.0, 2.0]
    assert turn_at("b.example", at=NOW) == 0.0
    Host.objects.filter(name="b.example").update(closed_until=NOW + timedelta(hours=1))
    assert turn_at("b.example", at=NOW) == 3600.0
    assert Host.objects.get(name="b.example").next_visit_at == NOW + timedelta(seconds=1)


def test_below_a_place_stands_what_is_typed_at_the_network_that_is_chosen(acme: Cast, sign_in: Any) -> None:
    client, words = sign_in(acme.gita), "r/name, “r/name comments”"

    def shown(page: str) -> tuple[str, str]:
        """What is said with scripts, and what without."""
        said = page.split('id="id_place_helptext">')[1].split("</div>", maxsplit=1)[0]
        with_script, without = said.split("<noscript>")
        return with_script, without

    first, every = shown(client.get("/o/acme/sources/add/").content.decode())
    assert "Feed: its address, or that of a page which names it" in first and words not in first
    assert "<br>Feed: its address" in every and f"<br>Reddit: {words}" in every
    add = "/o/acme/sources/add/"
    for chosen in (client.get(f"{add}?network=reddit"), client.post(add, {"network": "reddit"})):
        with_script, without = shown(chosen.content.decode())
        assert words in with_script and "address" not in with_script and without == every
        assert '<option value="reddit" selected>' in chosen.content.decode()
    unknown, _every = shown(client.get("/o/acme/sources/add/?network=<b>").content.decode())
    assert unknown == first
    assert "id_place_helptext" not in client.get(f"/o/acme/sources/{factories.source().pk}/change/").content.decode()
