"""A person who is signed in is shown so many pages in a minute; programs have a limit of their own."""

from __future__ import annotations

from typing import Any

import pytest
import redis
from django.core.cache import cache, caches

from roles import cache as caching
from roles.models import Department
from tests.cast import Cast


@pytest.fixture(autouse=True)
def _three_in_a_minute(settings: Any) -> Any:
    settings.PAGES_PER_MINUTE = 3
    cache.clear()
    yield
    cache.clear()


def test_beyond_the_limit_nothing_is_shown_or_done_and_nothing_typed_is_lost(acme: Cast, sign_in: Any) -> None:
    olga, rosa = sign_in(acme.olga), sign_in(acme.rosa)
    assert [olga.get("/o/acme/team/").status_code for _page in range(4)] == [200, 200, 200, 429]
    answer = olga.post(
        "/o/acme/departments/add/",
        {"name": "A desk for whoever comes by on Saturdays"},
        headers={"origin": "http://testserver"},
    )
    assert answer.status_code == 429 and answer.headers["Retry-After"] == "60"
    assert "A desk for whoever comes by" in answer.content.decode() and not Department.objects.filter(
        name__startswith="A"
    )
    part = olga.get("/o/acme/team/", headers={"hx-request": "true"})
    assert (
        part.status_code == 429 and part.headers["HX-Retarget"] == "#flash" and "Wait a minute" in part.content.decode()
    )
    assert rosa.get("/o/acme/team/").status_code == 200, "each person counts alone"
    assert olga.get("/health/").status_code == 200


def test_it_costs_no_query_and_can_be_put_off(
    acme: Cast, sign_in: Any, settings: Any, django_assert_num_queries: Any
) -> None:
    olga = sign_in(acme.olga)
    for _page in range(3):
        olga.get("/o/acme/team/")
    with django_assert_num_queries(2):  # the session and the user: whose page it is is not even asked
        assert olga.get("/o/acme/team/").status_code == 429
    settings.PAGES_PER_MINUTE = 0
    assert olga.get("/o/acme/team/").status_code == 200


def test_while_the_shared_cache_is_away_it_is_not_asked_again_at_once(
    acme: Cast, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, now = [], [100.0]

    def away(*_args: Any, **_rest: Any) -> None:
        asked.append(1)
        raise redis.TimeoutError("away")

    monkeypatch.setattr(caching, "monotonic", lambda: now[0])
    monkeypatch.setattr(caching.SharedCache, "count", away)
    olga = sign_in(acme.olga)
    assert [olga.get("/o/acme/team/").status_code for _page in range(4)] == [200, 200, 200, 429], "counted here"
    assert len(asked) == 1
    now[0] += caching.PAUSE_SECONDS
    olga.get("/o/acme/team/")
    assert len(asked) == 2


def test_what_is_counted_is_forgotten_after_its_time_however_often_it_was_counted() -> None:
    counting: Any = caches["default"]
    assert [counting.count("limit:made-up", seconds=60) for _time in range(3)] == [1, 2, 3]
    shared = counting._cache.get_client()
    assert 0 < shared.ttl(counting.make_key("limit:made-up")) <= 60
    counting.delete("limit:made-up")
    assert counting.count("limit:made-up", seconds=60) == 1


def test_what_ends_while_it_is_counted_here_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    own: Any = caching._Own("made-up", {})
    assert own.count("limit:made-up", seconds=60) == 1
    add = own.add

    def ends_at_once(key: str, *args: Any, **rest: Any) -> None:
        add(key, *args, **rest)
        own.delete(key)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(own, "add", ends_at_once)
        assert own.count("limit:made-up", seconds=60) == 1
    assert own.count("limit:made-up", seconds=60) == 2
    own.clear()
