"""Signing in at a real server of Bluesky, by its own pages in a browser: tokens that read, answer, are renewed and end.

Once as a developer's machine that nobody can ask, and once as every installation: by https, with keys that the server
fetches from us and signatures that it checks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client
from pytest_django import Settings

from engagement import outbox
from engagement.models import Assignment, Reply, RoutingRule
from listening import networks, polling
from listening.access import access_through
from listening.actions.sign_ins import RETURN
from listening.connections.keeping import unsealed
from listening.connections.tending import tend_due
from listening.models import Connection, Mention, Source
from listening.networks.bluesky.identity import Directories
from listening.networks.bluesky.network import Bluesky
from listening.networks.protocols import AccessWithdrawn
from roles import clock
from roles.tenancy import acting_for
from tests.cast import Cast
from tests.chromium import arguments, find_chromium
from tests.networks.bluesky.known import Known, known
from tests.networks.bluesky.server import PASSWORD, BlueskyNetwork, NotHere, Person, running

pytestmark = [pytest.mark.networks, pytest.mark.skipif(find_chromium() is None, reason="no Chromium")]
ADD = "/o/acme/connections/add/bluesky/sign-in/"
DOCUMENTS = {"/networks/bluesky/client-metadata.json", "/networks/bluesky/jwks.json"}
DEVELOPER = "http://127.0.0.1:8000"


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Known]:
    """Our address, as servers ask it."""
    with known(tmp_path_factory.mktemp("ours")) as found:
        yield found


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory, ours: Known) -> Iterator[BlueskyNetwork]:
    """The real servers, which can ask us who we are."""
    try:
        with running(tmp_path_factory.mktemp("bluesky"), environment=ours.environment) as network:
            yield network
    except NotHere as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def brand(there: BlueskyNetwork) -> Person:
    return there.join("brand.test")


@pytest.fixture(scope="module")
def ada(there: BlueskyNetwork) -> Person:
    return there.join("ada-one.test")


@pytest.fixture(params=["developer", "installation"])
def network(request: Any, there: BlueskyNetwork, ours: Known, settings: Settings) -> Iterator[Bluesky]:
    """Our side, at an address of one kind or the other."""
    settings.FETCH_ALLOWED_PRIVATE_HOSTS = ["127.0.0.1", "localhost"]
    settings.SITE_URL = ours.address if request.param == "installation" else DEVELOPER
    ours.shows = {path: Client().get(path).content for path in DOCUMENTS}
    ours.asked.clear()
    before = networks._registered()["bluesky"]
    found = Bluesky(Directories(plc=there.plc, view=there.home, jetstream=there.stream))
    networks._registered()["bluesky"] = found
    yield found
    networks._registered()["bluesky"] = before


def says(address: str, *, password: str, agrees: bool = True) -> dict[str, str]:
    """Go where the form leads, in a browser, as the person whose account it is; returns what the server sends back."""

    def go() -> dict[str, str]:
        from playwright.sync_api import sync_playwright

        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=str(find_chromium()), args=arguments())
            page = browser.new_page(locale="en")
            page.goto(address)
            page.locator("input[name=password]").fill(password)
            page.get_by_role("button", name="Sign in", exact=True).click()
            # Nobody answers at our address here: what counts is where the server sends the person.
            with page.expect_request(re.compile(re.escape(RETURN))) as sent:
                page.get_by_role("button", name="Authorize" if agrees else "Deny access").click()
            came = sent.value.url
            browser.close()
        return dict(parse_qsl(urlsplit(came).query))

    # The browser's own loop runs in another thread: there may be none in that of the test.
    with ThreadPoolExecutor(max_workers=1) as apart:
        return apart.submit(go).result()


def begin(client: Client, brand: Person) -> str:
    """Fill our form in; returns where it leads."""
    typed = {"asked_handle": brand.handle, "asked_server": "", "speaks": "on", "listens": "on"}
    answer = client.post(ADD, typed)
    assert answer.status_code == 200, answer.content.decode()
    return str(answer.headers["Refresh"]).removeprefix("0; url=")


def test_there_and_back_and_all_that_it_is_good_for(
    acme: Cast, sign_in: Any, there: BlueskyNetwork, brand: Person, ada: Person, network: Bluesky, ours: Known,
    settings: Settings,
) -> None:  # fmt: skip
    coach, rosa = sign_in(acme.carla), sign_in(acme.rosa)
    answer = says(begin(coach, brand), password=PASSWORD)
    page = coach.get(RETURN, answer, follow=True).content.decode()
    row = Connection.objects.get()
    assert (row.account_id, row.server, row.way) == (brand.did, there.home, "sign-in") and "is connected" in page
    kept, is_installation = unsealed(row.sealed), ours.address == settings.SITE_URL
    assert kept["kind"] == "oauth"
    assert kept["client_id"].startswith(f"{ours.address}/" if is_installation else "http://localhost?")
    assert is_installation == ({*ours.asked} >= DOCUMENTS)

    # What is said is heard and answered with the tokens that the browser brought.
    RoutingRule.objects.create(name="All", department=acme.care)
    said = there.say(ada, "@brand.test is my order lost?", to=brand)
    there.until(lambda: any(one["uri"] == said for one in there.told(brand)))
    Source.objects.update(next_poll_at=clock.now() - timedelta(seconds=1))
    with acting_for(None):
        polling.poll_due(clock.now())
    mention = Mention.objects.get(post__remote_id=said)
    assignment = Assignment.objects.get(mention=mention)
    rosa.post(f"/o/acme/queue/{assignment.pk}/claim/")
    typed = {"text": "It comes tomorrow.", "channel": row.channels.get().pk}
    rosa.post(f"/o/acme/queue/{assignment.pk}/reply/", typed)
    with acting_for(None):
        assert outbox.deliver_next(now=clock.now)
    sent = Reply.objects.get()
    assert sent.state == Reply.State.ACCEPTED, sent.problem
    assert sent.remote_id in {record["uri"] for record in there.posts_of(brand)}

    # Renewed by whoever tends connections, and what was renewed is good for nothing any more.
    Connection.objects.update(renew_due_at=clock.now() - timedelta(seconds=1))
    with acting_for(None):
        tend_due(now=clock.now)
    row.refresh_from_db()
    fresh = unsealed(row.sealed)
    assert (row.state, row.problem) == ("works", "") and fresh["refresh"] != kept["refresh"]
    assert network.check(access_through(row, at=clock.now())).account.id == brand.did

    access = access_through(row, at=clock.now())
    assert coach.post(f"/o/acme/connections/{row.pk}/disconnect/").status_code == 302
    with pytest.raises(AccessWithdrawn):
        network.renew(access)


def test_who_says_no_is_connected_to_nothing(acme: Cast, sign_in: Any, ada: Person, network: Bluesky) -> None:
    coach = sign_in(acme.carla)
    answer = says(begin(coach, ada), password=PASSWORD, agrees=False)
    assert answer["error"] == "access_denied"
    page = coach.get(RETURN, answer, follow=True).content.decode()
    assert "somebody said no" in page and not Connection.objects.exists()
