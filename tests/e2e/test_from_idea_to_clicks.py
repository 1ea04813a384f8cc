"""From what somebody said to what came of our answer to all: idea, piece, review, calendar, channels, clicks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.core import mail
from django.db import connections as databases
from playwright.sync_api import expect
from pytest_django import Settings

from content import tasks
from content.actions.channels import add_channel
from content.actions.links import set_link_template
from content.models import LinkHour, Publication, TrackedLink
from listening import networks
from listening.actions import queries, sources
from listening.actions.connections import connect
from listening.models import Channel, Connection, PracticeAccount, PracticePost
from listening.networks.bluesky.identity import Directories
from listening.networks.bluesky.network import Bluesky
from listening.practice_field import actions as field
from listening.tasks import poll_due
from roles import clock
from roles.models import Level, Organization
from roles.tasks import send_mails
from roles.tenancy import acting_for
from tests.cast import Cast
from tests.e2e.axe import check_with_axe
from tests.e2e.conftest import Visitor
from tests.networks.bluesky import server as bluesky_server
from tests.networks.mastodon.conftest import Server, begun
from tests.networks.wordpress import server as wordpress_server

ASKED = "Does anybody know how to true a wheel? Mine wobbles, and I ride @acme to work every day."
READER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PREVIEW = "Mastodon/4.4.3 (http.rb/5.3.1; +https://town.example/)"


def work(*of_workers: Callable[[], object]) -> None:
    """Have workers do something now, in a thread of their own: the test's has the event loop of the browser."""

    def turn() -> None:
        try:
            for one in of_workers:
                one()
        finally:
            databases.close_all()

    with ThreadPoolExecutor(1) as workers:
        workers.submit(turn).result()


@pytest.fixture
def town(stage: Cast, settings: Settings, live_server: Any) -> Iterator[Server]:
    """Acme listens to the field, speaks there, on a server of Mastodon's interface and in a feed, and counts links."""
    settings.SITE_URL, settings.FETCH_ALLOWED_PRIVATE_HOSTS = live_server.url, ["127.0.0.1", "localhost"]
    Organization.objects.filter(pk=stage.organization.pk).update(level=Level.CREATING)
    with begun() as server:
        work(lambda: settle_in(stage, server))
        yield server


def settle_in(stage: Cast, server: Server) -> None:
    """Connect what is connected, and have somebody say something."""
    acting: dict[str, Any] = {"by": stage.carla, "at": clock.now()}
    with acting_for(stage.organization):
        ours = PracticeAccount.objects.create(handle="acme", name="Acme", is_ours=True)
        about = {"network": "practice", "account_id": str(ours.pk), "handle": "acme", "name": "The field"}
        channel = Channel.objects.create(**about)
        queries.add_query(name="Acme", expression="acme OR @acme", **acting)
        sources.add_source(network="practice", place="everything", name="Field", channel=channel, **acting)
        filled = {"server": server.address, "token": "brand_token"}
        connect(stage.organization, network="mastodon", way="token", filled=filled, **acting)
        # What is said to us there is another journey.
        Connection.objects.get().sources.all().delete()
        add_channel(stage.organization, network="own-feed", name="Our workshop", **acting)
        set_link_template(stage.organization, is_on=True, **acting)
        field.post(PracticeAccount.objects.create(handle="pablo", name="Pablo"), text=ASKED, by=None, at=acting["at"])


def test_from_a_mention_to_clicks(
    visitor: Callable[..., Visitor], stage: Cast, town: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    rosa, piece, day = writes_what_goes_out(visitor, stage, "practice", "mastodon", "own-feed")
    # Before its time nothing goes out; then everything does, once, whoever asks how often.
    work(tasks.publish_due)
    assert not town.said_by("brand")
    publishes(day, stage, monkeypatch)
    [said] = town.said_by("brand")
    entries = httpx.get(Channel.everywhere.get(network="own-feed").url, timeout=20).text
    assert entries.count("<entry") == 1 and "We show how to true a wheel" in entries

    # A reader follows the link from there in a browser; a program that makes previews does, too; and Ada likes it.
    [address] = re.findall(r'href="([^"]+/l/[^"]+)"', said["content"])
    reader = visitor()
    reader.page.context.set_extra_http_headers({"User-Agent": READER})
    reader.page.goto(address)
    assert reader.page.url.startswith(f"{reader.address}/accounts/login/?from=wheels&utm_source=mastodon")
    assert httpx.get(address, headers={"User-Agent": PREVIEW}, timeout=20).status_code == 302
    town.call("ada", "POST", f"/api/v1/statuses/{said['id']}/favourite")
    monkeypatch.setattr(clock, "now", lambda: day + timedelta(hours=2))
    work(tasks.look_at_results)
    with acting_for(stage.organization):
        link = TrackedLink.objects.get(publication__channel__network="mastodon")
        assert dict(LinkHour.objects.filter(link=link).values_list("is_bot", "clicks")) == {False: 1, True: 1}

    rosa.page.goto(piece)
    came = rosa.page.locator("#results")
    there = came.locator("li", has_text="brand")
    assert "1 by people, 1 by programs" in there.inner_text() and "1 like" in there.inner_text()
    assert came.get_by_text("0 by people, 0 by programs").count() == 2
    assert check_with_axe(rosa.page) == []
    rosa.shot("journey-results")
    rosa.goes_to(f"/content/links/{link.pk}/")
    rosa.page.get_by_text("1 times by people").wait_for()
    rosa.shot("journey-link")


@dataclass
class World:
    """Real servers on which Acme has accounts."""

    site: wordpress_server.Site
    sky: bluesky_server.BlueskyNetwork
    wheels: bluesky_server.Person


@pytest.fixture
def world(stage: Cast, town: Server, tmp_path: Path) -> Iterator[World]:
    """A real WordPress and a real Bluesky, connected."""
    with ExitStack() as stack:
        (tmp_path / "sky").mkdir()
        try:
            site = stack.enter_context(wordpress_server.running(tmp_path))
            sky = stack.enter_context(bluesky_server.running(tmp_path / "sky"))
        except (wordpress_server.NotHere, bluesky_server.NotHere) as missing:
            pytest.skip(str(missing))
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        ours = Bluesky(Directories(plc=sky.plc, view=sky.home, jetstream=sky.stream))
        patch.setitem(networks._registered(), "bluesky", ours)
        wheels = sky.join("wheels.test")

        def settle() -> None:
            with acting_for(stage.organization):
                for network, way, filled in (
                    ("wordpress", "application-password",
                     {"site": site.address, "user": site.user, "password": site.password}),
                    ("bluesky", "app-password",
                     {"handle": wheels.handle, "password": wheels.app_password, "server": sky.home}),
                ):  # fmt: skip
                    by: Any = {"by": stage.carla, "at": clock.now()}
                    made = connect(stage.organization, network=network, way=way, filled=filled, **by)
                    made.sources.all().delete()
                # Our time is another than the server's, by which a session is good.
                Connection.objects.update(expires_at=None, renew_due_at=None)

        work(settle)
        yield World(site, sky, wheels)


@pytest.fixture
def two_weeks_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that is planned lies in the past of the servers: what is dated ahead of their clocks they would keep back."""
    now = clock.now
    monkeypatch.setattr(clock, "now", lambda: now() - timedelta(days=14))


@pytest.mark.networks
@pytest.mark.usefixtures("two_weeks_ago")
def test_from_a_mention_to_clicks_on_servers_that_run_here(
    visitor: Callable[..., Visitor], stage: Cast, town: Server, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    rosa, piece, day = writes_what_goes_out(visitor, stage, "practice", "mastodon", "wordpress", "bluesky")
    publishes(day, stage, monkeypatch)
    [said] = town.said_by("brand")
    [page] = [one for one in world.site.ask("GET", "posts").json() if "true a wheel" in one["title"]["rendered"]]
    [post] = world.sky.posts_of(world.wheels)
    [facet] = post["value"]["facets"]
    words = {
        "mastodon": unescape(said["content"]), "wordpress": unescape(page["content"]["rendered"]),
        "bluesky": facet["features"][0]["uri"],
    }  # fmt: skip
    reader = visitor()
    reader.page.context.set_extra_http_headers({"User-Agent": READER})
    for network, text in words.items():
        [address] = set(re.findall(r"http://[^\s\"<]+/l/[\w-]+", text))
        reader.page.goto(address)
        assert f"utm_source={network}" in reader.page.url
    with acting_for(stage.organization):
        rows = LinkHour.objects.values_list("link__publication__channel__network", "is_bot", "clicks")
        assert sorted(rows) == [("bluesky", False, 1), ("mastodon", False, 1), ("wordpress", False, 1)]
    rosa.page.goto(piece)
    assert rosa.page.locator("#results").get_by_text("1 by people, 0 by programs").count() == 3
    rosa.shot("journey-real-servers")


def writes_what_goes_out(
    visitor: Callable[..., Visitor], stage: Cast, *on: str
) -> tuple[Visitor, str, datetime]:  # fmt: skip
    """From a mention to a piece for these networks that is planned and approved; its writer, address and moment."""
    work(poll_due)
    gita = visitor().signs_in(stage.gita)
    gita.goes_to("/stream/")
    gita.page.get_by_text("how to true a wheel").first.wait_for()
    gita.page.keyboard.press("j")
    gita.page.keyboard.press("c")
    gita.page.get_by_text("Noted as an idea").first.wait_for()

    rosa = visitor().signs_in(stage.rosa)
    makes_a_piece_of_it(rosa, on)
    piece = rosa.page.url
    day = plans_and_moves_by_keys(rosa, stage, len(on))
    approves_from_the_mail(visitor(width=390), stage, len(on))
    rosa.page.goto(piece)
    review = rosa.page.locator("section", has=rosa.page.locator("#review_title"))
    assert review.get_by_text("Approved").count() >= len(on)
    return rosa, piece, day


def publishes(day: datetime, stage: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its moment comes: all of it goes out, once, however often workers are asked."""
    monkeypatch.setattr(clock, "now", lambda: day + timedelta(minutes=1))
    work(tasks.publish_due, tasks.publish_due, tasks.reconcile_publications)
    with acting_for(stage.organization):
        rows = list(Publication.objects.values_list("channel__network", "state", "problem"))
        assert {state for _network, state, _problem in rows} == {"accepted"}, rows
        assert PracticePost.objects.filter(text__startswith="We show how to true a wheel").count() == 1


def makes_a_piece_of_it(rosa: Visitor, on: Sequence[str]) -> None:
    """The idea becomes a piece with a text and variants that are filled from it, and a review is asked for."""
    page = rosa.page
    rosa.goes_to("/content/ideas/")
    page.get_by_role("link", name=re.compile("how to true a wheel")).first.click()
    page.get_by_role("button", name="Make a piece of it").click()
    text = f"We show how to true a wheel, on Saturday. {rosa.address}/accounts/login/?from=wheels"
    page.get_by_label("Title").fill("How we true a wheel")
    page.get_by_role("textbox", name="Text").fill(text)
    page.get_by_role("button", name="Save").click()
    page.locator("#flash").get_by_text("Saved").wait_for()
    home = page.url
    for network in on:
        page.goto(home)
        page.get_by_label("Channel").select_option(str(Channel.everywhere.get(network=network).pk))
        page.get_by_role("button", name="Add a variant").click()
        page.get_by_text("It can go out as it is.").wait_for()
        rosa.shot(f"journey-variant-{network}")
    page.get_by_role("button", name="Ask for a review").click()
    page.get_by_text("Open the review").first.wait_for()
    page.goto(home)


def plans_and_moves_by_keys(rosa: Visitor, stage: Cast, count: int) -> datetime:
    """All are put on days of the next week, and the last one on that of the others, without a mouse."""
    page = rosa.page
    today = clock.now().date()
    monday = today + timedelta(days=7 - today.weekday())
    tuesday, wednesday = (monday + timedelta(days=days) for days in (1, 2))
    rosa.goes_to(f"/content/calendar/?view=week&from={monday}")
    for ends_on, card, *keys in (
        *[(tuesday, ".planner__beside [data-entry]", "ArrowRight")] * (count - 1),
        (wednesday, ".planner__beside [data-entry]", "ArrowRight", "ArrowRight"),
        (tuesday, f"#day_{wednesday} [data-entry]", "ArrowLeft"),
    ):
        there = page.locator(f"#day_{ends_on} [data-entry]")
        stood = there.count()
        page.locator(card).first.locator("[data-item-link]").focus()
        for key in ("m", *keys, "Enter"):
            page.keyboard.press(key)
        there.nth(stood).wait_for()
        # The card has the focus again: what is pressed next is heard by the calendar as it is now.
        expect(page.locator("[data-entry] :focus, [data-entry]:focus")).to_have_count(1)
    rosa.shot("journey-calendar")
    with acting_for(stage.organization):
        rows = list(Publication.objects.all())
        assert [(row.on_day, row.state) for row in rows] == [(tuesday, "waiting")] * count
        return rows[0].due_at


def approves_from_the_mail(carla: Visitor, stage: Cast, count: int) -> None:
    """Somebody who is asked opens the link of the mail that was really sent, signed in nowhere, and says yes."""
    work(send_mails)
    [message] = [one for one in mail.outbox if one.to == [stage.carla.user.email] and "review" in one.subject]
    [address] = re.findall(r"http://\S+/content/reviews/by-link/\S+", str(message.body))
    carla.page.goto(address)
    assert settings.SESSION_COOKIE_NAME not in {one["name"] for one in carla.page.context.cookies()}
    assert carla.page.locator("article.reviewed", has_text="We show how to true a wheel").count() == count
    carla.shot("journey-review-by-link")
    carla.page.get_by_role("button", name="Yes, exactly this may go out").click()
    carla.page.get_by_text("Thank you").first.wait_for()
