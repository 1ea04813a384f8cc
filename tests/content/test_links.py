"""Tracked links: put in, followed, counted, and never led astray."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connections
from django.test import Client
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from config.catalogs import compile_all
from content import tracking
from content.actions.links import make_link, set_link_template
from content.actions.media import take_media
from content.actions.variant_media import attach_media
from content.link_querysets import count_click
from content.models import Campaign, LinkHour, TrackedLink
from content.outgoing import outgoing_piece
from roles import clock
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast

READER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}


def switch_on(cast: Cast, **said: Any) -> None:
    at = clock.now() - timedelta(days=1)
    set_link_template(cast.organization, **{"is_on": True, "by": cast.carla, "at": at, **said})


def counted(link: TrackedLink) -> dict[bool, int]:
    found = {True: 0, False: 0}
    for row in LinkHour.objects.filter(link=link):
        found[row.is_bot] += row.clicks
    return found


def test_a_publication_has_the_same_links_each_time_it_is_tried(acme: Cast) -> None:
    switch_on(acme, hosts=["example.org"])
    text = "See https://shop.example.org/a?b=1#c (and https://example.org/x), not https://other.example/. https://example.org/x!"
    row = factories.publication(factories.variant(text=text))
    first = tracking.tracked(text, row)
    links = {link.address: link for link in TrackedLink.objects.filter(publication=row)}
    assert set(links) == {"https://shop.example.org/a?b=1#c", "https://example.org/x"}
    short = tracking.short_address(links["https://example.org/x"].key)
    assert first.count(short) == 2 and f"(and {short})" in first and "https://other.example/." in first
    assert links["https://shop.example.org/a?b=1#c"].target.startswith(
        "https://shop.example.org/a?b=1&utm_source=practice&"
    )
    assert len(tracking.as_long(text, row.variant)) == len(first)
    # Neither another template nor none changes what began to go out.
    set_link_template(acme.organization, is_on=False, hosts=[], by=acme.carla, at=clock.now())
    assert tracking.tracked(text, row) == first and tracking.tracked(first, row) == first


def test_what_goes_out_has_them_and_pictures_as_small_as_the_account_takes_them(acme: Cast) -> None:
    switch_on(acme)
    channel = factories.channel(network="bluesky")
    variant = factories.variant(text="See https://example.org/.", link="https://example.org/", channel=channel)
    noise = BytesIO()
    Image.effect_noise((1500, 1200), 90).convert("RGB").save(noise, "PNG")
    media = take_media(
        acme.organization, file=noise, size=noise.tell(), name="n.png", alt="Noise.", by=acme.rosa, at=clock.now()
    )
    attach_media(variant, media=media, by=acme.rosa, at=clock.now())
    row = factories.publication(variant)
    first, again = outgoing_piece(row), outgoing_piece(row)
    link = TrackedLink.objects.get()
    assert first == again and first.link == tracking.short_address(link.key) and first.text == f"See {first.link}."
    [sent] = first.media
    assert (sent.name, sent.content_type, sent.alt) == ("n.jpg", "image/jpeg", "Noise.") and len(sent.body) <= 1_000_000


def test_what_began_before_links_were_tracked_stays_as_it_is(acme: Cast) -> None:
    row = factories.publication(planned_at=clock.now() - timedelta(hours=1))
    set_link_template(acme.organization, is_on=True, by=acme.carla, at=clock.now())
    assert tracking.tracked("https://example.org/", row) == "https://example.org/"


def test_words_are_added_where_there_are_none_and_nothing_else_changes() -> None:
    added = tracking.with_words(
        "https://example.org/a?utm_source=x&q=ä%20b#top", {"utm_source": "y", "utm_medium": "m", "z": ""}
    )
    assert added == "https://example.org/a?utm_source=x&q=ä%20b&utm_medium=m#top"


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("[words](https://example.org/a_(b)) and (more)", ["https://example.org/a_(b)"]),
        ("https://example.org/a_(b), or https://b.example/…", ["https://example.org/a_(b)", "https://b.example/…"]),
        ("<https://example.org/> “https://b.example/x”", ["https://example.org/", "https://b.example/x"]),
        ("javascript:alert(1) http:// https://user:secret@example.org/ https://example.org:99999/ https://[bad", []),
        ("HTTPS://EXAMPLE.ORG/A", ["HTTPS://EXAMPLE.ORG/A"]),
    ],
)
def test_addresses_are_found_in_words(text: str, addresses: list[str]) -> None:
    assert [text[start:end] for start, end in tracking.addresses_in(text)] == addresses


@given(st.text(alphabet="htps:/.()[]<>a \n?#&=@\\\u202e", max_size=60))
def test_whatever_is_written_is_read_in_order(text: str) -> None:
    ends = 0
    for start, end in tracking.addresses_in(text):
        assert ends <= start < end and tracking.is_address(text[start:end])
        ends = end


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "//example.org", "data:text/html,x", "https:/\\evil.example", "http://a@b.example/", "x",
     "https://example.org/\u202e", "https://example.org\r\nSet-Cookie: a=b", "ftp://example.org/", " "],
)  # fmt: skip
def test_no_link_leads_anywhere_but_to_the_web(acme: Cast, address: str) -> None:
    with pytest.raises(ValidationError):
        make_link(acme.organization, address=address, by=acme.rosa, at=clock.now())


@pytest.mark.parametrize("target", ["javascript:alert(1)", "ftp://example.org/"])
def test_a_row_that_leads_elsewhere_leads_nobody_there(acme: Cast, target: str) -> None:
    link = make_link(acme.organization, address="https://example.org/", by=acme.rosa, at=clock.now())
    TrackedLink.objects.filter(pk=link.pk).update(target=target)
    with acting_for(None):
        answer = Client().get(f"/l/{link.key}", headers=READER)
    assert answer.status_code == 400 and "Location" not in answer.headers


def test_a_reader_is_led_on_and_counted_and_nothing_is_kept_of_them(acme: Cast) -> None:
    link = make_link(acme.organization, address="https://example.org/spring?a=1", by=acme.rosa, at=clock.now())
    with acting_for(None):
        client = Client()
        answer = client.get(
            f"/l/{link.key}?to=https://evil.example/", headers=READER | {"Referer": "https://bsky.app/profile/x"}
        )
        assert answer.status_code == 302 and answer.headers["Location"] == "https://example.org/spring?a=1"
        assert answer.headers["Referrer-Policy"] == "no-referrer" and "no-store" in answer.headers["Cache-Control"]
        assert not answer.cookies and "Set-Cookie" not in answer.headers
        for method, headers in (
            ("head", READER), ("get", {}), ("get", READER | {"Sec-Purpose": "prefetch;prerender"}),
            ("get", {"User-Agent": "Mastodon/4.4 (http.rb; +https://example.org/)"}),
            ("get", {"User-Agent": "Bluesky Cardyb/1.1; +mailto:support@example.org"}),
        ):  # fmt: skip
            assert getattr(client, method)(f"/l/{link.key}", headers=headers).status_code == 302
        assert client.get("/l/nothing", headers=READER).status_code == 404
        assert client.post(f"/l/{link.key}", headers=READER).status_code == 405
    assert counted(link) == {True: 5, False: 1}
    assert LinkHour.objects.get(is_bot=False).network == "bluesky"
    assert {field.name for field in LinkHour._meta.fields} == {
        "id",
        "organization",
        "link",
        "hour",
        "is_bot",
        "network",
        "clicks",
    }


def test_whoever_asks_too_often_counts_as_a_program(acme: Cast) -> None:
    link = make_link(acme.organization, address="https://example.org/", by=acme.rosa, at=clock.now())
    with acting_for(None):
        for _number in range(13):
            Client().get(f"/l/{link.key}", headers=READER)
    assert counted(link) == {True: 3, False: 10}


@pytest.mark.django_db(transaction=True)
def test_many_at_once_are_all_counted(stage_of_one: TrackedLink) -> None:
    said = {"organization_id": stage_of_one.organization_id, "link_id": stage_of_one.pk, "at": clock.now()}

    def follow(_number: int) -> None:
        count_click(**said, is_bot=False, network="")
        connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(follow, range(120)))
    with acting_for(stage_of_one.organization):
        assert LinkHour.objects.get().clicks == 120


@pytest.fixture
def stage_of_one(transactional_db: None) -> TrackedLink:
    from tests.cast import assemble

    cast = assemble()
    with acting_for(cast.organization):
        return make_link(cast.organization, address="https://example.org/", by=cast.rosa, at=clock.now())


def test_pages_and_file_show_them(acme: Cast, sign_in: Any) -> None:
    client = sign_in(acme.rosa)
    made = client.post("/o/acme/content/links/make/", {"address": "https://example.org/x", "name": "=1+1 flyer"})
    assert made.status_code == 302
    link = TrackedLink.objects.get()
    Client().get(f"/l/{link.key}", headers=READER)
    assert "1 times by people" in client.get(made.headers["Location"]).content.decode()
    file = b"".join(client.get("/o/acme/content/links/file/").streaming_content).decode()
    assert "'=1+1 flyer" in file and link.key in file
    assert client.post("/o/acme/content/links/make/", {"address": "javascript:x"}).status_code == 422
    assert client.get("/o/acme/content/links/template/").status_code == 403
    saved = sign_in(acme.carla).post(
        "/o/acme/content/links/template/", {"is_on": "on", "hosts": "WWW.Example.org, shop.example.org"}
    )
    assert saved.status_code == 302
    assert tracking.template_for(None).hosts == ["example.org", "shop.example.org"]  # type: ignore[union-attr]


def test_programs_do_the_same(acme: Cast, api: Any) -> None:
    client = api(acme.carla)
    said = client.put("/api/v1/tracked-links/templates/", {"is_on": True, "source": "{network}-x"})
    assert said.status_code == 200 and said.json()["is_on"] is True, said.content
    made = client.post("/api/v1/tracked-links/", {"address": "https://example.org/", "name": "Flyer"})
    assert made.status_code == 201 and "utm_source=link-x" in made.json()["target"]
    assert client.get(f"/api/v1/tracked-links/{made.json()['id']}/hours/").json() == []
    assert [row["people"] for row in client.get("/api/v1/tracked-links/").json()["results"]] == [0]
    assert client.post("/api/v1/tracked-links/", {"address": "ftp://x"}).status_code == 400


def test_a_campaign_has_words_of_its_own_until_they_are_removed(acme: Cast, sign_in: Any, api: Any) -> None:
    acting: dict[str, Any] = {"by": acme.carla, "at": clock.now()}
    days = {"begins_on": date(2026, 3, 1), "ends_on": date(2026, 6, 1)}
    campaign = Campaign.objects.create(name="Spring", created_at=clock.now(), **days)
    set_link_template(acme.organization, is_on=True, **acting)
    set_link_template(acme.organization, campaign=campaign, is_on=True, source="", medium="", **acting)
    own = tracking.template_for(campaign)
    assert own is not None and (own.source, own.medium) == ("", "")
    there = f"/o/acme/content/links/template/?campaign={campaign.pk}"
    carla = sign_in(acme.carla)
    assert "of all links here again" in carla.get(there).content.decode()
    carla.post(f"/o/acme/content/campaigns/{campaign.pk}/link-template/remove/")
    assert tracking.template_for(campaign) == tracking.template_for(None)
    assert "of all links here again" not in carla.get(there).content.decode()
    program, here = api(acme.carla), "/api/v1/tracked-links/templates/"
    assert program.put(here, {"campaign": campaign.pk, "is_on": False}).status_code == 200
    assert tracking.template_for(campaign) is None
    assert program.delete(f"{here}?campaign={campaign.pk}").status_code == 204
    assert tracking.template_for(campaign) == tracking.template_for(None)
    assert program.delete(f"{here}?campaign=0").status_code == 404
    assert api(acme.rosa).delete(f"{here}?campaign={campaign.pk}").status_code == 403


def test_what_is_added_is_called_what_it_is_beside_what_others_call_it(acme: Cast, sign_in: Any) -> None:
    compile_all()
    client, address = sign_in(acme.carla), "/o/acme/content/links/template/"
    with translation.override("en"):
        english = client.get(address).content.decode()
        client.post("/o/acme/account/language/", {"language": "de"})
        german = client.get(address).content.decode()
    assert "Source (utm_source)" in english and "Utm_" not in english
    assert "Quelle (utm_source)" in german and "Utm_" not in german
