"""Search over the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from listening.models import PostToIndex
from listening.searching.housekeeping import index_due
from tests import factories
from tests.cast import Cast


def test_lists_can_be_searched_page_after_page(acme: Cast, api: Callable[[Any], Any]) -> None:
    rows = [
        factories.assignment(department=acme.care, member=acme.rosa, text="acme cup" if n % 2 else "acme one two cup")
        for n in range(10)
    ]
    PostToIndex.objects.bulk_create(PostToIndex(post_id=row.mention.post_id) for row in rows)
    index_due()
    client = api(acme.gita)
    for name in ("posts", "mentions", "assignments"):
        for search in ("acme -one", "acme NEAR/1 cup"):
            found: list[int] = []
            address = f"/api/v1/{name}/?page_size=2&search={search.replace(' ', '+')}"
            while address:
                answer = client.get(address).json()
                found += [row["id"] for row in answer["results"]]
                address = answer["next"]
            assert len(found) == 5, (name, search)
            assert found == sorted(set(found), reverse=True)


def test_a_search_that_cannot_be_read_says_where(acme: Cast, api: Callable[[Any], Any]) -> None:
    for name in ("posts", "mentions", "assignments"):
        answer = api(acme.gita).get(f"/api/v1/{name}/?search=acme+(")
        assert (answer.status_code, answer.json()["position"]) == (400, 5)
    assert api(acme.gita).get("/api/v1/posts/?search=" + "a" * 1001).status_code == 400


def test_what_is_too_wide_is_refused_with_a_reason(
    acme: Cast, api: Callable[[Any], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("listening.searching.search.ASKED_AT_MOST", 2)
    for _n in range(4):
        PostToIndex.objects.create(post_id=factories.mention("acme one two cup").post_id)
    index_due()
    answer = api(acme.gita).get("/api/v1/mentions/?search=acme+NEAR/1+cup")
    assert answer.status_code == 409
    assert "narrow it" in answer.json()["detail"]
