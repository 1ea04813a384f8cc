"""The queue costs the same number of queries however much there is in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from listening.models import PostToIndex
from listening.searching.housekeeping import index_due
from roles import clock
from roles.models import Member
from tests import factories
from tests.cast import Cast

LIST_AT_MOST = 8
CONVERSATION_AT_MOST = 16
PART = {"HX-Request": "true"}


def asked(client: Client, address: str, **more: Any) -> list[str]:
    """The statements of an answer, once everything that is kept between answers is warm."""
    client.get(address, **more)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address, **more).status_code == 200
    return [query["sql"] for query in queries.captured_queries]


@pytest.fixture
def fill(acme: Cast) -> Callable[..., list[Any]]:
    """Give assignments of several departments and authors to Rosa, or to nobody."""

    def make(number: int, member: Member | None, **fields: Any) -> list[Any]:
        return [
            factories.assignment(department=(acme.care, acme.press)[n % 2], member=member, text=f"Number {n}", **fields)
            for n in range(number)
        ]

    return make


@pytest.mark.parametrize("tab", ["mine", "waiting", "snoozed", "resolved", "everyone"])
@pytest.mark.parametrize("headers", [{}, PART], ids=["page", "part"])
def test_the_list_costs_the_same_for_one_and_for_twenty(
    acme: Cast, sign_in: Callable[[Any], Client], fill: Callable[..., list[Any]], tab: str, headers: dict[str, str]
) -> None:
    member = {"waiting": None, "everyone": acme.rui}.get(tab, acme.rosa)
    fields: dict[str, Any] = {"snoozed": {"state": "snoozed"}}.get(tab, {})
    at = clock.now()
    if tab == "snoozed":
        fields["snoozed_until"] = at
    if tab == "resolved":
        fields |= {"state": "resolved", "resolved_at": at, "outcome": "answered", "first_answered_at": at}
    client = sign_in(acme.carla if tab in {"waiting", "everyone"} else acme.rosa)
    address = f"/o/acme/queue/?tab={tab}"
    fill(1, member, **fields)
    one = asked(client, address, headers=headers)
    fill(19, member, **fields)
    assert client.get(address, headers=headers).content.count(b'class="ticket"') == 20
    twenty = asked(client, address, headers=headers)
    assert len(twenty) == len(one), twenty
    assert len(twenty) <= LIST_AT_MOST, twenty


def test_a_conversation_costs_the_same_however_much_was_said_and_waits(
    acme: Cast, sign_in: Callable[[Any], Client], fill: Callable[..., list[Any]]
) -> None:
    client = sign_in(acme.rosa)
    row = fill(1, acme.rosa)[0]
    address = f"/o/acme/queue/{row.pk}/"
    quiet = asked(client, address)
    post = row.mention.post
    post.conversation = "talk"
    post.save()
    for n in range(10):
        factories.post(f"And {n}", conversation="talk", network=post.network)
        factories.post(f"Earlier {n}", author=post.author)
    fill(15, acme.rosa)
    assert len(loud := asked(client, address)) <= len(quiet), loud
    assert len(quiet) <= CONVERSATION_AT_MOST, quiet


def test_a_part_reads_nothing_that_only_the_page_shows(
    acme: Cast, sign_in: Callable[[Any], Client], fill: Callable[..., list[Any]]
) -> None:
    client = sign_in(acme.rosa)
    row = fill(2, acme.rosa)[0]
    for address in ("/o/acme/queue/", f"/o/acme/queue/{row.pk}/"):
        assert len(asked(client, address, headers=PART)) < len(asked(client, address)), address


def test_a_search_is_one_query_more_however_many_it_finds(
    acme: Cast, sign_in: Callable[[Any], Client], fill: Callable[..., list[Any]]
) -> None:
    client = sign_in(acme.rosa)
    rows = fill(20, acme.rosa)
    PostToIndex.objects.bulk_create(PostToIndex(post_id=row.mention.post_id) for row in rows)
    index_due()
    assert client.get("/o/acme/queue/?search=number").content.count(b'class="ticket"') == 20
    for word in ("number", "zeppelin"):
        # How long the database may take is said, and how common the word is asked, in statements that read nothing.
        reads = [sql for sql in asked(client, f"/o/acme/queue/?search={word}") if "SAVEPOINT" not in sql]
        reads = [sql for sql in reads if not sql.startswith(("SET LOCAL", "EXPLAIN"))]
        assert len(reads) <= len(asked(client, "/o/acme/queue/")) + 1, reads
