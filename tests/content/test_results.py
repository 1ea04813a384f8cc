"""What came of publications: asked for ever more seldom, shown with its age beside the clicks, and measured."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from content import results
from content.link_querysets import count_click
from content.models import LinkHour, Publication, PublicationResult, Variant
from content.tracking import link_of
from listening.models import PracticeAccount
from listening.networks.practice import PracticeField
from listening.networks.protocols import Results, Unreachable
from measurement.measuring import values_of
from measurement.opening import rows_url
from measurement.selecting import Selection
from measurement.windows import Window
from roles import clock
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast


def published(of: Variant | None = None, **fields: Any) -> Publication:
    at = clock.now() - timedelta(hours=2)
    said = {"state": "accepted", "accepted_at": at, "remote_id": "p1", "due_at": at, **fields}
    return factories.publication(of, **said)


def test_networks_are_asked_about_what_they_took_and_it_is_shown(
    acme: Cast, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, by_hand = published(), published(remote_id="")
    asked: list[list[str]] = []

    def tell(_self: Any, _access: Any, ids: Any) -> Any:
        asked.append(list(ids))
        return {"p1": Results(likes=3, answers=1)}

    monkeypatch.setattr(PracticeField, "results_of", tell)
    with acting_for(None):
        assert results.begin_looks(at=clock.now()) == 1 and results.begin_looks(at=clock.now()) == 0
        assert results.publication_results.look(now=clock.now) == 1
        assert results.publication_results.look(now=clock.now) == 0
    told = PublicationResult.objects.get()
    assert (told.publication, told.likes, told.answers, told.reposts) == (row, 3, 1, None) and asked == [["p1"]]
    assert told.next_look_at == row.accepted_at + timedelta(hours=6)  # type: ignore[operator]
    link = link_of("https://example.org/", "https://example.org/", publication=row, by=None, at=clock.now())
    for is_bot in (False, False, True):
        count_click(organization_id=acme.organization.pk, link_id=link.pk, at=clock.now(), is_bot=is_bot, network="")
    [came, nothing] = results.came_of([row, by_hand])
    assert (came.likes, came.people, came.programs) == (3, 2, 1) and (nothing.likes, nothing.people) == (None, None)
    page = sign_in(acme.rosa).get(f"/o/acme/content/pieces/{row.variant.piece_id}/").content.decode()
    assert "3 likes" in page and "reposts: not available" in page and "2 by people" in page


def test_a_network_that_is_away_is_asked_again_later(acme: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_said: Any) -> Any:
        raise Unreachable("away")

    published()
    monkeypatch.setattr(PracticeField, "results_of", fail)
    with acting_for(None):
        results.begin_looks(at=clock.now())
        assert results.publication_results.look(now=clock.now) == 1
    told = PublicationResult.objects.get()
    assert told.failures == 1 and told.next_look_at and told.next_look_at > clock.now() + timedelta(minutes=10)


def test_many_are_read_as_one_is(acme: Cast) -> None:
    rows = [published() for _number in range(6)]
    with CaptureQueriesContext(connection) as one:
        results.came_of(rows[:1])
    with CaptureQueriesContext(connection) as many:
        results.came_of(rows)
    assert len(many) == len(one)


def test_what_was_published_is_measured_and_opens_its_rows(acme: Cast, sign_in: Any) -> None:
    account = PracticeAccount.objects.create(handle="x", name="X", is_ours=True)
    mastodon = factories.channel(network="mastodon", account_id=str(account.pk))
    about_us = factories.variant(factories.piece(step="promote", department=acme.press), channel=mastodon)
    ours, other = published(of=about_us), published(of=factories.variant(channel=mastodon))
    published(of=factories.variant(channel=mastodon), state="refused", accepted_at=None)
    published()  # on the practice field, which is told apart
    PublicationResult.objects.create(publication=ours, likes=4)
    PublicationResult.objects.create(publication=other, likes=5, answers=0)
    link = link_of("https://example.org/", "https://example.org/", publication=ours, by=None, at=clock.now())
    for is_bot, clicks in ((False, 7), (True, 90)):
        LinkHour.objects.create(link=link, hour=clock.now() - timedelta(hours=1), is_bot=is_bot, clicks=clicks)
    days = Selection(Window.up_to(clock.now(), days=3, zone=ZoneInfo("UTC")))
    keys = {
        "publications",
        "self_promotion",
        "link_clicks",
        *(f"publication_{one}" for one in ("likes", "answers", "reposts")),
    }
    assert values_of(days, at=clock.now(), only=keys) == {
        "publications": 2, "self_promotion": 0.5, "link_clicks": 7, "publication_likes": 9, "publication_answers": 0,
        "publication_reposts": None,
    }  # fmt: skip
    press = Selection(days.window, department=acme.press.pk)
    told = values_of(press, at=clock.now(), only=keys)
    assert (told["publications"], told["self_promotion"], told["link_clicks"], told["publication_likes"]) == (
        1,
        1,
        7,
        4,
    )
    client = sign_in(acme.carla)
    for key, count in (
        ("publications", 2),
        ("self_promotion", 1),
        ("publication_likes", 2),
        ("publication_answers", 1),
    ):
        page = client.get(f"/o/acme{rows_url(key, days)}")
        assert page.status_code == 200 and f'data-total="{count}"' in page.content.decode(), key
    file = client.get(f"/o/acme{rows_url('publications', days)}&as=csv")
    assert len(file.content.decode("utf-8-sig").splitlines()) == 3
