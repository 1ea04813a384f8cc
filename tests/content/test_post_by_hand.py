"""What a person posts by hand: words with links that count, media to download, and what stays once it is posted."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test.utils import CaptureQueriesContext

from content.actions.links import set_link_template
from content.actions.publications import replan, settle_publication
from content.actions.variants import edit_variant
from content.by_hand import to_post
from content.link_querysets import count_click
from content.models import Publication, TrackedLink
from content.tracking import short_address
from roles.models import Mail
from tests import factories
from tests.cast import Cast
from tests.content.publishing import look_after, publish
from tests.engagement.writing import Time

LISTS = "/o/acme/content/publications/"
SHOP = "https://acme.example/wheels"


@pytest.fixture
def due(creating: Cast, planned: Callable[..., Publication], now: Time) -> Publication:
    """A post for the window, with everything that can belong to one, whose time has come."""
    set_link_template(creating.organization, is_on=True, by=creating.carla, at=now())
    now.pass_by(60)
    row = planned(
        f"We true wheels on Saturdays. See {SHOP}.", title="Wheels & more", link="https://acme.example/map",
        tags=["wheels", "Saturdays"], channel=factories.channel(network="by-hand", name="The window"),
    )  # fmt: skip
    row.variant.media_rows.create(media=factories.media(name="wheel.png"), alt="A wheel <that> wobbles.")
    publish(now)
    row.refresh_from_db()
    assert row.state == "by_hand"
    return row


def shorts(row: Publication) -> dict[str, str]:
    return {link.address: short_address(link.key) for link in TrackedLink.objects.filter(publication=row)}


def words(row: Publication) -> str:
    return to_post([Publication.objects.with_everything().get(pk=row.pk)])[row.pk].words


def test_words_are_copied_with_links_that_count(due: Publication, creating: Cast, sign_in: Any) -> None:
    short = shorts(due)
    assert set(short) == {SHOP, "https://acme.example/map"}
    whole = (
        f"Wheels & more\n\nWe true wheels on Saturdays. See {short[SHOP]}.\n\n{short['https://acme.example/map']}"
        "\n\n#wheels #Saturdays"
    )
    page = unescape(sign_in(creating.rosa).get(f"{LISTS}{due.pk}/").content.decode())
    assert f">{whole}</textarea>" in page and words(due) == whole
    mail = Mail.objects.get(kind="publication")
    assert short[SHOP] in mail.text and SHOP not in mail.text and "can be downloaded" in mail.text


def test_media_are_downloaded_and_what_is_said_of_them_is_copied(
    due: Publication, creating: Cast, sign_in: Any
) -> None:
    client, [used] = sign_in(creating.rosa), due.variant.media_rows.all()
    page = client.get(f"{LISTS}{due.pk}/").content.decode()
    assert "A wheel &lt;that&gt; wobbles." in page and "<that>" not in page
    address = f"/o/acme/content/media/{used.media_id}/file/?download=yes"
    assert f'href="{address}" download' in page
    file = client.get(address)
    assert b"".join(file.streaming_content) == used.media.file.read()
    assert file.headers["Content-Disposition"] == 'attachment; filename="wheel.png"'


def test_links_and_media_stay_once_the_address_is_pasted(
    due: Publication, creating: Cast, now: Time, sign_in: Any
) -> None:
    client, short = sign_in(creating.rosa), shorts(due)
    where = "https://window.example/7"
    client.post(f"{LISTS}{due.pk}/settle/", {"decision": "mark_as_sent", "url": where})
    due.refresh_from_db()
    assert (due.state, due.remote_url, shorts(due)) == ("accepted", where, short)
    link = TrackedLink.objects.get(publication=due, address=SHOP)
    count_click(organization_id=due.organization_id, link_id=link.pk, at=now(), is_bot=False, network="")
    page = client.get(f"{LISTS}{due.pk}/").content.decode()
    assert "What was posted by hand" in page and short[SHOP] in page and "wheel.png" in page
    assert "links followed: 1 by people" in page and "It was edited since" not in page
    edit_variant(due.variant, text="We true wheels on Sundays.", by=creating.rosa, at=now())
    assert "It was edited since" in client.get(f"{LISTS}{due.pk}/").content.decode()


def test_what_is_edited_before_it_is_posted_has_links_of_its_own(due: Publication, creating: Cast, now: Time) -> None:
    before, other = shorts(due), "https://acme.example/spokes"
    edit_variant(due.variant, text=f"See {SHOP} and {other}", by=creating.rosa, at=now())
    due.refresh_from_db()
    after = shorts(due)
    assert due.state == "by_hand" and after.items() >= before.items()
    assert f"See {after[SHOP]} and {after[other]}" in words(due)
    settle_publication(due, decision="mark_as_sent", by=creating.rosa, at=now())
    found = to_post([Publication.objects.with_everything().get(pk=due.pk)])[due.pk]
    assert not found.is_edited and other not in found.words


def test_moved_to_another_day_it_is_the_same_links(due: Publication, creating: Cast, now: Time) -> None:
    before = shorts(due)
    now.pass_by(60)
    later = now.at.replace(hour=23, minute=59)
    replan(due, on_day=later.date(), at_time=later.time(), zone="UTC", by=creating.rosa, at=now())
    due.refresh_from_db()
    assert (due.state, to_post([due])) == ("ready", {})
    now.at = later
    publish(now)
    due.refresh_from_db()
    assert due.state == "by_hand" and shorts(due) == before


def test_what_nobody_posts_in_time_stays_before_a_person(due: Publication, now: Time) -> None:
    now.pass_by(due.grace_minutes * 60 + 60)
    look_after(now)
    due.refresh_from_db()
    assert due.state == "by_hand" and due.put_before_person_at, "a person has it in hand"


def test_where_links_are_not_counted_they_stay_as_they_are(
    creating: Cast, planned: Callable[..., Publication], now: Time
) -> None:
    row = planned(f"See {SHOP}", link=SHOP, channel=factories.channel(network="by-hand"))
    publish(now)
    assert words(row) == f"See {SHOP}" and not TrackedLink.objects.exists()


def test_programs_read_what_is_to_be_posted(
    due: Publication, creating: Cast, api: Any, planned: Callable[..., Publication]
) -> None:
    client = api(creating.rosa)
    said = client.get(f"/api/v1/publications/{due.pk}/to-post/").json()
    [used] = due.variant.media_rows.all()
    assert said == {
        "words": words(due), "first_comment": "", "is_edited": False,
        "media": [
            {"media": used.media_id, "name": "wheel.png", "content_type": "image/png", "alt": "A wheel <that> wobbles."}
        ],
    }  # fmt: skip
    assert client.get(f"/api/v1/publications/{planned().pk}/to-post/").status_code == 404


def test_many_by_hand_are_asked_for_as_one(creating: Cast, sign_in: Any, now: Time) -> None:
    from django.db import connection

    client, costs = sign_in(creating.rosa), []
    for number in (1, 6):
        for _each in range(number):
            variant = factories.variant(channel=factories.channel(network="by-hand"))
            variant.media_rows.create(media=factories.media())
            row = factories.publication(variant, state="by_hand", put_before_person_at=now(), owner=creating.rosa)
            TrackedLink.objects.create(key=f"k{row.pk}", address=SHOP, target=SHOP, publication=row, made_at=now())
        client.get(LISTS)
        with CaptureQueriesContext(connection) as found:
            assert client.get(LISTS).content.decode().count("to be copied") == len(Publication.objects.all())
        costs.append(len(found))
    assert costs[0] == costs[1]
