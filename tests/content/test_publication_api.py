"""Publications over the API: the same actions, with the same refusals."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from content.models import Campaign
from roles import clock
from tests import factories
from tests.cast import Cast
from tests.content.doubles import Square
from tests.content.publishing import publish
from tests.engagement.writing import Time

HERE = "/api/v1/publications/"


def test_it_is_planned_moved_followed_and_settled(
    creating: Cast, written: Any, square: Square, now: Time, api: Any
) -> None:
    client, variant = api(creating.rosa), written()
    when = {"on_day": "2099-03-29", "at_time": "02:30", "zone": "Europe/Berlin"}
    made = client.post(HERE, {"variant": variant.pk, "when": when})
    assert (made.status_code, made.json()["due_at"]) == (201, "2099-03-29T01:00:00Z"), "the first moment after the gap"
    key = made.json()["id"]
    assert client.post(HERE, {"variant": variant.pk}).status_code == 409
    assert client.post(f"{HERE}{key}/replan/", {**when, "zone": "Nowhere"}).status_code == 400
    assert (
        client.post(f"{HERE}{key}/replan/", {**when, "on_day": "2099-06-01"}).json()["due_at"].startswith("2099-06-01")
    )
    assert client.post(f"{HERE}{key}/unplan/", {}).json()["state"] == "cancelled"
    again = client.post(HERE, {"variant": variant.pk}).json()
    now.pass_by(5)
    publish(now)
    row = client.get(f"{HERE}{again['id']}/").json()
    assert (row["state"], row["remote_url"]) == ("accepted", "https://square.example.org/0")
    assert [one["outcome"] for one in client.get(f"{HERE}{again['id']}/deliveries/").json()] == ["accepted"]
    assert client.post(f"{HERE}{again['id']}/settle/", {"decision": "give_up"}).status_code == 409
    assert [one["id"] for one in client.get(f"{HERE}?state=accepted").json()["results"]] == [again["id"]]
    assert client.get(f"{HERE}?state=nothing").status_code == 400
    assert client.post(f"{HERE}{again['id']}/reassign/", {"to": creating.rui.pk}).status_code == 409


def test_channels_are_read_opened_and_switched_off(creating: Cast, api: Any) -> None:
    here, client = "/api/v1/channels/", api(creating.carla)
    made = client.post(here, {"network": "own-feed", "name": "Acme news"})
    assert made.status_code == 201 and "/feeds/" in made.json()["url"]
    place = client.post(here, {"network": "by-hand", "name": "Window", "url": "https://acme.example/window"}).json()
    assert place["ways"] == ["a person posts there and says where it stands"]
    assert client.post(here, {"network": "mastodon", "name": "X"}).status_code == 400
    assert client.post(here, {"network": "by-hand", "name": "X", "url": "javascript:alert(1)"}).status_code == 400
    changed = client.patch(f"{here}{place['id']}/", {"is_active": False}).json()
    assert (changed["is_active"], changed["name"], changed["url"]) == (False, "Window", "https://acme.example/window")
    account = factories.channel()
    assert client.patch(f"{here}{account.pk}/", {"name": "X"}).status_code == 409
    found = {row["name"]: row for row in api(creating.rosa).get(here).json()["results"]}
    assert {"Acme news", "Window", account.name} <= set(found) and "publishes by itself" in found["Acme news"]["ways"]
    assert api(creating.rosa).post(here, {"network": "own-feed", "name": "X"}).status_code == 403


def test_they_are_listed_by_day_channel_campaign_and_piece(creating: Cast, api: Any) -> None:
    client, campaign = (
        api(creating.rosa),
        Campaign.objects.create(
            name="Spring", begins_on=date(2026, 3, 1), ends_on=date(2026, 6, 1), created_at=clock.now()
        ),
    )
    creating.organization.time_zone = "Europe/Berlin"
    creating.organization.save()
    late = datetime(2026, 5, 31, 22, 30, tzinfo=UTC)  # the first of June in Berlin
    one = factories.publication(factories.variant(factories.piece(campaign=campaign)), due_at=late)
    other = factories.publication(due_at=datetime(2026, 6, 30, 12, tzinfo=UTC))

    def listed(asked: str) -> list[int]:
        return [row["id"] for row in client.get(f"{HERE}?{asked}").json()["results"]]

    assert listed(f"campaign={campaign.pk}") == listed(f"piece={one.variant.piece_id}") == [one.pk]
    assert listed(f"channel={other.channel_id}&state=ready") == [other.pk]
    assert listed("from=2026-06-01&until=2026-06-01") == [one.pk] and listed("until=2026-05-31") == []
    assert set(listed("from=2026-06-01&until=2026-06-30")) == {one.pk, other.pk}
    assert listed("campaign=x") == [] and client.get(f"{HERE}?from=June").status_code == 400
