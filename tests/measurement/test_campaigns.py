"""What was published for a campaign, in depth: on the page, in the file, over the API, and in its rows."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest

from content.models import Campaign, LinkHour, PublicationResult
from content.tracking import link_of
from listening.models import PracticeAccount
from roles import clock
from tests import factories
from tests.cast import Cast

EXPLORE = "/o/acme/measure/explore"


@pytest.fixture
def spring(acme: Cast) -> Campaign:
    """Two campaigns: of spring two publications, one of the press office, of autumn one; one is of none."""
    at = clock.now()
    account = PracticeAccount.objects.create(handle="x", name="X", is_ours=True)
    mastodon = factories.channel(network="mastodon", account_id=str(account.pk))
    days = {"begins_on": at.date(), "ends_on": at.date(), "created_at": at}
    spring, autumn = (Campaign.objects.create(name=name, **days) for name in ("Spring", "Autumn"))
    for number, (campaign, department) in enumerate(
        ((spring, acme.press), (spring, acme.care), (autumn, acme.press), (None, None))
    ):
        piece = factories.piece(campaign=campaign, department=department)
        row = factories.publication(
            factories.variant(piece, channel=mastodon), state="accepted", accepted_at=at - timedelta(hours=2),
            due_at=at, remote_id=f"p{number}",
        )  # fmt: skip
        PublicationResult.objects.create(publication=row, likes=10**number, fetched_at=at - timedelta(hours=number))
        link = link_of("https://example.org/", "https://example.org/", publication=row, by=None, at=at)
        LinkHour.objects.create(link=link, hour=at - timedelta(hours=1), is_bot=False, clicks=2**number)
    return spring


def test_campaigns_lie_side_by_side_and_open_what_was_published_for_each(
    spring: Campaign, acme: Cast, sign_in: Any, api: Any
) -> None:
    asked = {"by": "campaign", "metric": "publications"}
    client = sign_in(acme.carla)
    page = client.get(f"{EXPLORE}/", asked)
    assert [(part.label, part.now) for part in page.context["parts"]] == [("Spring", 2), ("Autumn", 1)]
    rows = client.get(page.context["parts"][0].url)
    assert 'data-total="2"' in rows.content.decode() and "Spring" in rows.content.decode()
    file = list(csv.reader(io.StringIO(client.get(f"{EXPLORE}.csv", asked).content.decode())))
    assert [row[:2] for row in file[1:]] == [["Spring", "2"], ["Autumn", "1"]]
    parts = api(acme.carla).get("/api/v1/metrics/split/", {**asked, "metric": "publication_likes"}).json()
    assert {part["label"]: part["now"] for part in parts} == {"Spring": 11, "Autumn": 100}
    clicks = api(acme.carla).get("/api/v1/metrics/split/", {**asked, "metric": "link_clicks"}).json()
    assert {part["label"]: part["now"] for part in clicks} == {"Spring": 3, "Autumn": 4}


def test_a_campaign_tells_of_what_was_published_and_of_nothing_else(spring: Campaign, acme: Cast, api: Any) -> None:
    rows = api(acme.carla).get("/api/v1/metrics/", {"campaign": spring.pk}).json()
    told = {row["key"]: row["now"] for row in rows}
    assert (told["publications"], told["publication_likes"], told["link_clicks"]) == (2, 11, 3)
    assert told["captured"] is told["assigned"] is told["replies"] is told["backlog"] is None
    [likes] = [row for row in rows if row["key"] == "publication_likes"]
    assert likes["as_of"], "how old it may be is said"
    press = api(acme.carla).get("/api/v1/metrics/", {"campaign": spring.pk, "department": acme.press.pk}).json()
    assert {row["key"]: row["now"] for row in press}["publication_likes"] == 1


def test_what_was_published_is_told_by_department_and_by_network(spring: Campaign, acme: Cast, api: Any) -> None:
    def split(by: str) -> dict[str, float]:
        asked = {"by": by, "metric": "publication_likes"}
        return {row["label"]: row["now"] for row in api(acme.carla).get("/api/v1/metrics/split/", asked).json()}

    assert split("department") == {str(acme.press): 101, str(acme.care): 10}
    assert list(split("network").values()) == [1111]
