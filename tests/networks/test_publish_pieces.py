"""Whole publications at real servers: out once though the answer was lost, found again, seen, and led to by a link."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp import web
from pytest_django import Settings

from content.actions.links import set_link_template
from content.actions.media import take_media
from content.actions.publications import plan_now
from content.actions.variant_media import attach_media
from content.models import FirstComment, Media, Publication, PublicationDelivery, ReviewPolicy, TrackedLink, Variant
from content.tracking import short_address
from listening import networks
from listening.actions.connections import connect
from listening.models import Channel, Connection
from listening.networks.bluesky.identity import Directories
from listening.networks.bluesky.network import Bluesky
from listening.networks.feed.text import plain_text
from listening.networks.http import Http
from listening.networks.mastodon import network as mastodon
from listening.networks.protocols import Access
from roles import clock
from roles.models import Level
from tests import factories
from tests.cast import Cast
from tests.content.files import picture
from tests.content.publishing import look, publish
from tests.engagement.writing import Time
from tests.networks.bluesky import server as bluesky_server
from tests.networks.lossy import Fate, LossyProxy
from tests.networks.mastodon import server as snac_server
from tests.networks.mastodon.conftest import begun
from tests.networks.wordpress import server as wordpress_server

pytestmark = pytest.mark.networks
SHOP, BELOW = "https://shop.example.org/wheels", "Bring your own spokes, please."
ALT = "A wheel, half red and half blue."


@pytest.fixture
def writing(acme: Cast, settings: Settings) -> Cast:
    """Acme publishes, nobody has to look first, and links are counted."""
    settings.FETCH_ALLOWED_PRIVATE_HOSTS = ["127.0.0.1", "127.0.0.2", "localhost"]
    acme.organization.level = Level.CREATING
    acme.organization.save()
    ReviewPolicy.objects.create(name="Posts", kind="post", waives=True, created_at=clock.now())
    set_link_template(acme.organization, is_on=True, by=acme.carla, at=clock.now() - timedelta(days=1))
    return acme


def connected(acme: Cast, network: str, way: str, **filled: str) -> Channel:
    """The channel of an account that was connected just now."""
    made = connect(acme.organization, network=network, way=way, filled=filled, by=acme.olga, at=clock.now())
    # The time of the test runs ahead of the network's, by which a session is good.
    Connection.objects.update(expires_at=None, renew_due_at=None)
    return made.channels.get()


def written(acme: Cast, channel: Channel, **said: Any) -> Variant:
    """A piece of Rosa's with everything that the network has: words, a link, a picture, a language, a comment below."""
    piece = factories.piece("How we true a wheel", author=acme.rosa, department=acme.care, language="en")
    words = {"text": f"We true wheels on Saturdays: {SHOP}", "first_comment": BELOW, "tags": ["wheels"], **said}
    variant = factories.variant(piece, channel=channel, **words)
    attach_media(variant, media=taken(acme), by=acme.rosa, at=clock.now())
    return variant


def taken(acme: Cast) -> Media:
    """A picture in the library, as somebody uploaded it."""
    file = BytesIO(picture(size=(600, 400)))
    return take_media(
        acme.organization, file=file, size=file.getbuffer().nbytes, name="wheel.jpg", alt=ALT, by=acme.rosa,
        at=clock.now(),
    )  # fmt: skip


def publish_losing_the_answer(variant: Variant, proxy: LossyProxy, path: str, *, by: Cast) -> Publication:
    """Publish while the answer to the one call that makes it public is lost; return it as it is known at the end."""
    now, calls = Time(), []

    def lose_once(request: web.Request) -> Fate:
        if request.method != "POST" or not request.path.endswith(path):
            return ""
        calls.append(request.path)
        return "answer" if len(calls) == 1 else ""

    proxy.decide = lose_once
    row = plan_now(variant, by=by.rosa, at=now())
    publish(now)
    row.refresh_from_db()
    assert (row.state, len(calls)) == ("unknown", 1), row.problem
    look(now)
    row.refresh_from_db()
    assert row.state == "accepted", row.problem
    publish(now)
    look(now, times=2)
    row.refresh_from_db()
    assert row.seen_at and row.remote_id and row.remote_url.startswith("http"), "seen there, and led to"
    kinds = PublicationDelivery.objects.filter(publication=row).values_list("kind", "outcome")
    assert list(kinds).count(("send", "unknown")) == 1 and ("send", "accepted") not in kinds
    return row


def short_link() -> str:
    """The one address of ours that went out in place of the long one."""
    return short_address(TrackedLink.objects.get().key)


@contextmanager
def before(address: str) -> Iterator[LossyProxy]:
    """A proxy that loses nothing yet."""
    with LossyProxy(address, lambda _request: "") as proxy:
        yield proxy


@pytest.fixture
def site(tmp_path: Path) -> Iterator[wordpress_server.Site]:
    """A real WordPress."""
    try:
        with wordpress_server.running(tmp_path) as found:
            yield found
    except wordpress_server.NotHere as missing:
        pytest.skip(str(missing))


def test_a_page_of_wordpress(writing: Cast, site: wordpress_server.Site) -> None:
    with before(site.address) as proxy:
        filled = {"site": proxy.address, "user": site.user, "password": site.password}
        channel = connected(writing, "wordpress", "application-password", **filled)
        variant = written(
            writing, channel, title="How we true a wheel", text=f"## Spokes\n\nTrue them *slowly*.\n\n{SHOP}",
            slug="true-a-wheel", categories=["Workshop"], tags=["wheels", "Saturdays"],
        )  # fmt: skip
        row = publish_losing_the_answer(variant, proxy, "/wp/v2/posts", by=writing)
    [post] = site.ask("GET", "posts", params={"slug": "true-a-wheel", "context": "edit"}).json()
    assert row.remote_id.endswith(f"/post/{post['id']}")
    assert (post["status"], post["title"]["raw"], post["slug"]) == ("publish", variant.title, "true-a-wheel")
    named = {
        kind: {site.ask("GET", f"{kind}/{number}").json()["name"] for number in post[kind]}
        for kind in ("categories", "tags")
    }
    assert named == {"categories": {"Workshop"}, "tags": {"wheels", "Saturdays"}}
    [featured] = site.ask("GET", "media").json()
    assert (post["featured_media"], featured["alt_text"]) == (featured["id"], ALT)
    assert "<h2" in post["content"]["raw"] and "<em>slowly</em>" in post["content"]["raw"]
    # As somebody reads it who is signed in nowhere. (The package has no theme that would draw the page itself.)
    page = httpx.get(row.remote_url, timeout=30)
    assert page.status_code == 200 and page.url.path.endswith("/true-a-wheel/")
    shown = httpx.get(f"{site.address}/wp-json/wp/v2/posts/{post['id']}", timeout=30).json()["content"]["rendered"]
    assert short_link() in unescape(shown) and SHOP not in shown
    [comment] = httpx.get(f"{site.address}/wp-json/wp/v2/comments?post={post['id']}", timeout=30).json()
    assert BELOW in comment["content"]["rendered"]
    assert FirstComment.objects.get().remote_id.endswith(f"/comment/{comment['id']}")


@pytest.fixture
def there(tmp_path: Path) -> Iterator[bluesky_server.BlueskyNetwork]:
    """A real Bluesky, whose directories our side asks."""
    try:
        with bluesky_server.running(tmp_path) as found, pytest.MonkeyPatch.context() as patch:
            ours = Bluesky(Directories(plc=found.plc, view=found.home, jetstream=found.stream))
            patch.setitem(networks._registered(), "bluesky", ours)
            yield found
    except bluesky_server.NotHere as missing:
        pytest.skip(str(missing))


def test_a_post_on_bluesky(writing: Cast, there: bluesky_server.BlueskyNetwork) -> None:
    brand, ada = there.join("brand.test"), there.join("ada-one.test")
    with before(there.home) as proxy:
        filled = {"handle": brand.handle, "password": brand.app_password, "server": proxy.address}
        channel = connected(writing, "bluesky", "app-password", **filled)
        row = publish_losing_the_answer(written(writing, channel), proxy, "com.atproto.repo.putRecord", by=writing)
        # A comment waits until its post is shown there, which may take a moment.
        there.until(lambda: there.ask("app.bsky.feed.getPosts", ada, uris=row.remote_id).get("posts"))
        now = Time()
        now.pass_by(24 * 3600)
        publish(now)
    ours = {record["uri"]: record["value"] for record in there.posts_of(brand)}
    comment = FirstComment.objects.get()
    assert set(ours) == {row.remote_id, comment.remote_id}
    assert ours[comment.remote_id]["reply"]["parent"]["uri"] == row.remote_id
    shown = there.until(lambda: there.ask("app.bsky.feed.getPosts", ada, uris=row.remote_id).get("posts"))[0]
    assert shown["embed"]["images"][0]["alt"] == ALT
    assert (shown["record"]["langs"], shown["record"]["tags"]) == (["en"], ["wheels"])
    assert short_link() in shown["record"]["text"] and SHOP not in shown["record"]["text"]
    links = [feature.get("uri") for facet in shown["record"]["facets"] for feature in facet["features"]]
    assert links == [short_link()] and row.remote_id.rpartition("/")[2] in row.remote_url

    def below() -> Any:
        return there.ask("app.bsky.feed.getPostThread", ada, uri=row.remote_id).get("thread", {}).get("replies")

    assert [one["post"]["record"]["text"] for one in there.until(below)] == [BELOW]


def test_a_status_of_mastodons_interface(writing: Cast) -> None:
    with begun() as server, before(server.address) as proxy:
        channel = connected(writing, "mastodon", "token", server=proxy.address, token="brand_token")
        variant = written(writing, channel, warning="Greasy hands", visibility="unlisted", language="nl")
        row = publish_losing_the_answer(variant, proxy, "/api/v1/statuses", by=writing)
        below, said = server.said_by("brand")
        assert row.remote_id.endswith(f"/{said['id']}") and row.remote_url == said["url"]
        assert (said["spoiler_text"], said["visibility"], said["language"]) == ("Greasy hands", "unlisted", "nl")
        assert [one["description"] for one in said["media_attachments"]] == [ALT] and said["sensitive"]
        assert short_link() in unescape(said["content"]) and SHOP not in said["content"] and "#wheels" in plain(said)
        assert (below["in_reply_to_id"], plain(below)) == (said["id"], BELOW)


@pytest.mark.skipif(
    not snac_server.PROGRAM.exists(), reason="snac is not installed; make test-networks does, where root may"
)
def test_a_status_of_snac(writing: Cast, tmp_path: Path) -> None:
    with snac_server.running(tmp_path / "data", "brand") as snac:
        access = Access(http=Http([snac_server.HOST]))
        begins = mastodon.begin(access, "sign-in", {"server": snac.address}, "http://localhost:9999/back")
        made = mastodon.finish(access, "sign-in", begins.kept, snac.sign_in(begins.address, "brand"))
        channel = connected(writing, "mastodon", "token", server=snac.address, token=made.credentials["token"])
        now, variant = Time(), written(writing, channel, warning="Greasy hands")
        row = plan_now(variant, by=writing.rosa, at=now())
        publish(now)
        look(now, times=2)
        row.refresh_from_db()
        assert (row.state, row.problem) == ("accepted", "") and row.seen_at
        shown = httpx.get(row.remote_url, timeout=20)
        assert shown.status_code == 200 and short_link() in unescape(shown.text) and SHOP not in shown.text
        assert ALT in unescape(shown.text) and "Greasy hands" in shown.text and BELOW in shown.text
        signed = {"Authorization": f"Bearer {made.credentials['token']}"}
        us = httpx.get(f"{snac.address}/api/v1/accounts/verify_credentials", headers=signed, timeout=20).json()["id"]
        ours = httpx.get(f"{snac.address}/api/v1/accounts/{us}/statuses", headers=signed, timeout=20).json()
        assert sorted(BELOW in one["content"] for one in ours) == [False, True], "each once"


def plain(status: dict[str, Any]) -> str:
    """The words of a status."""
    return plain_text(status["content"])
