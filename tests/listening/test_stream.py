"""The stream's page: filters in the address, constant costs, news without jumping."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from listening.actions.filters import arrange_columns, save_filter
from listening.filtering import StreamFilter
from listening.models import Mention, MentionMatch, PostToIndex, SavedFilter, Story, Topic
from listening.searching.housekeeping import index_due
from listening.stream import around, excerpt, lines, newer, page_of, waiting
from roles import clock
from tests import factories
from tests.cast import Cast

SignIn = Callable[[Any], Client]
PAGE_AT_MOST = 8
PART = {"HX-Request": "true"}


def asked(client: Client, address: str, **more: Any) -> int:
    """How many statements an answer takes, once everything that is kept between answers is warm."""
    client.get(address, **more)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address, **more).status_code == 200
    return len(queries)


@pytest.fixture
def fill(acme: Cast) -> Callable[[int], list[Mention]]:
    """Mentions of several authors, each found by two queries."""
    queries = [factories.query(), factories.query()]
    topic, story = Topic.objects.create(name="Bikes"), Story.objects.create(first_at=clock.now(), last_at=clock.now())

    def make(number: int) -> list[Mention]:
        rows = [
            factories.mention(f"Number {n} of Acme", source=factories.source(), topic=topic, story=story)
            for n in range(number)
        ]
        for row in rows:
            for query in queries:
                MentionMatch.objects.create(mention=row, query=query, spans=[["text", 0, 6]])
        return rows

    return make


def saved(acme: Cast, number: int) -> list[SavedFilter]:
    """Saved filters of Gita's."""
    return [
        save_filter(f"Filter {n}", wanted=StreamFilter(sentiment="-1"), by=acme.gita, at=clock.now())
        for n in range(number)
    ]


@pytest.mark.parametrize("address", ["/o/acme/stream/", "/o/acme/stream/?order=relevance"])
def test_the_list_costs_the_same_for_one_and_for_twenty(
    acme: Cast, sign_in: SignIn, fill: Callable[[int], list[Mention]], address: str
) -> None:
    client = sign_in(acme.gita)
    fill(1)
    saved(acme, 1)
    one = asked(client, address)
    fill(19)
    saved(acme, 9)
    assert asked(client, address) == one <= PAGE_AT_MOST


def test_the_board_costs_the_same_for_one_and_for_many(
    acme: Cast, sign_in: SignIn, fill: Callable[[int], list[Mention]]
) -> None:
    client = sign_in(acme.gita)
    fill(1)
    rows = [
        save_filter(f"F{n}", wanted=StreamFilter(network="practice"), by=acme.gita, at=clock.now()) for n in range(6)
    ]
    arrange_columns(acme.gita, filters=rows[:1], by=acme.gita, at=clock.now())
    one = asked(client, "/o/acme/stream/columns/")
    fill(19)
    arrange_columns(acme.gita, filters=rows, by=acme.gita, at=clock.now())
    assert asked(client, "/o/acme/stream/columns/") == one <= PAGE_AT_MOST + 1


def test_every_filter_stands_in_the_address(acme: Cast) -> None:
    topic = Topic.objects.create(name="Bikes")
    wanted = factories.mention("La bici", topic=topic, language="it", sentiment=-1, source=factories.source())
    factories.mention("Something else", language="en", sentiment=1)
    query = factories.query()
    MentionMatch.objects.create(mention=wanted, query=query)
    for said in (
        {"topic": str(topic.pk)}, {"language": "it"}, {"sentiment": "-1"}, {"source": str(wanted.source_id)},
        {"query": str(query.pk)},
    ):  # fmt: skip
        found = page_of(StreamFilter.of(said))
        assert [item.row for item in found.items] == [wanted], said
        assert StreamFilter.read(str(StreamFilter.of(said))) == StreamFilter.of(said)


@pytest.mark.parametrize(
    "said",
    [
        {"query": "x"}, {"topic": "9" * 40}, {"since": "9999-12-31"}, {"until": "0001-01-01"}, {"sentiment": "5"},
        {"state": "gone"}, {"network": "'; DROP"}, {"order": "up"}, {"language": "x" * 100}, {"story": "-1"},
    ],
)  # fmt: skip
def test_what_makes_no_sense_says_nothing(said: dict[str, str]) -> None:
    assert StreamFilter.of(said) == StreamFilter()


def test_a_search_that_cannot_be_read_is_explained_and_shows_nothing(acme: Cast, sign_in: SignIn) -> None:
    factories.mention("Acme (again")
    answer = sign_in(acme.gita).get("/o/acme/stream/", {"q": "(acme"})
    assert answer.status_code == 200
    assert b"This search cannot be read" in answer.content
    assert b"Acme (again" not in answer.content


def test_pages_go_on_where_they_ended_whatever_comes_meanwhile(acme: Cast) -> None:
    rows = [factories.mention(f"Number {n}") for n in range(5)]
    first = page_of(StreamFilter(), size=2)
    factories.mention("New")
    second = page_of(StreamFilter(), before=first.before, size=2)
    last = page_of(StreamFilter(), before=second.before, size=2)
    assert [item.row for part in (first, second, last) for item in part.items] == rows[::-1]
    assert last.before == 0


def test_the_most_relevant_stand_first_page_by_page(acme: Cast) -> None:
    low, unknown, high = (factories.mention(relevance=value) for value in (0.1, None, 0.9))
    wanted = StreamFilter(order="relevance")
    first = page_of(wanted, size=2)
    assert [item.row for item in first.items] == [high, unknown]
    assert [item.row for item in page_of(wanted, before=first.before, size=2).items] == [low]


def test_counts_are_bounded_and_say_so(acme: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(4):
        factories.mention(sentiment=-1 if n % 2 else 1)
    filters = [StreamFilter(sentiment="-1"), StreamFilter(), StreamFilter(state="dismissed"), StreamFilter(q="acme")]
    assert waiting(filters) == ["2", "4", "", ""]
    monkeypatch.setattr("listening.stream.LOOKED_AT", 3)
    assert waiting(filters) == ["2+", "3+", "", ""]
    monkeypatch.setattr("listening.stream.COUNTED_UP_TO", 1)
    assert waiting(filters) == ["1+", "1+", "", ""]


def test_what_came_meanwhile_is_said_and_nothing_moves(acme: Cast, sign_in: SignIn) -> None:
    client = sign_in(acme.gita)
    factories.mention("Old")
    row = save_filter("Angry", wanted=StreamFilter(sentiment="-1"), by=acme.gita, at=clock.now())
    newest = around(acme.gita).newest
    factories.mention("New", sentiment=-1)
    said = client.get("/o/acme/stream/news/", {"after": newest}, headers=PART).content.decode()
    assert "1 new" in said
    assert f'id="filter_{row.pk}_count" hx-swap-oob="innerHTML">1<' in said
    quiet = client.get("/o/acme/stream/news/", {"after": newest, "sentiment": "1"}, headers=PART).content.decode()
    assert "newer__button" in said and "newer__button" not in quiet
    assert 'id="stream_newer" hx-swap-oob' in client.get("/o/acme/stream/", headers=PART).content.decode()


def test_what_came_is_said_behind_whatever_rules_have_placed(acme: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("listening.stream.COUNTED_UP_TO", 2)
    for _ in range(4):
        factories.mention(state="routed")
    since = str(around(acme.gita).newest)
    for _ in range(4):
        factories.mention(state="routed")
    factories.mention("Nobody's yet")
    assert newer([StreamFilter()], since) == [1]
    assert newer([StreamFilter(), StreamFilter(state="kept")], since) == [1, 0]
    assert newer([StreamFilter(state="all")], since) == [3]
    assert newer([StreamFilter(), StreamFilter(state="all")], str(around(acme.gita).newest)) == [0, 0]


def test_an_excerpt_shows_where_it_matched(acme: Cast) -> None:
    text = "word " * 100 + "Acme is down " + "tail " * 100
    row = factories.mention(text)
    MentionMatch.objects.create(mention=row, query=factories.query(), spans=[["text", 500, 504]])
    parts = excerpt(lines(Mention.objects.all()).get())
    assert ("Acme", True) in parts
    assert parts[0][0].startswith("… ")
    assert sum(len(words) for words, _ in parts) < 300


def test_one_mention_has_an_address_beside_the_list_and_by_itself(acme: Cast, sign_in: SignIn) -> None:
    client, row = sign_in(acme.elif_), factories.mention("Acme <b>bold</b>")
    for address in (f"/o/acme/stream/{row.pk}/", f"/o/acme/stream/{row.pk}/?state=all", f"/o/acme/mentions/{row.pk}/"):
        answer = client.get(address).content.decode()
        assert "Acme &lt;b&gt;bold&lt;/b&gt;" in answer
    part = client.get(f"/o/acme/stream/{row.pk}/", headers=PART).content.decode()
    assert "<html" not in part and 'data-opened="' in part


def test_what_is_searched_for_is_marked(acme: Cast, sign_in: SignIn) -> None:
    row = factories.mention("The zebra of Acme is late again")
    MentionMatch.objects.create(mention=row, query=factories.query(), spans=[["text", 13, 17]])
    PostToIndex.objects.create(post_id=row.post_id)
    index_due()
    client = sign_in(acme.gita)
    assert "<mark>Acme</mark>" in client.get("/o/acme/stream/").content.decode()
    found = client.get("/o/acme/stream/", {"q": "zebra late"}).content.decode()
    assert "The <mark>zebra</mark> of Acme is <mark>late</mark> again" in found
    assert "<mark>zebra</mark>" in client.get(f"/o/acme/stream/{row.pk}/", {"q": "zebra"}).content.decode()
