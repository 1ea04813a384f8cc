"""Mails whose programs name only what they answer stand in the thread of that, in whatever order they come."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from listening.ingest import ingest
from listening.models import Post, Source
from listening.networks.mail.parse import parse
from listening.networks.protocols import RemotePost
from tests import factories
from tests.cast import Cast
from tests.listening.pages import NOW, page

# Each answers the one before; only the last says how it began, and takes it for the second.
CHAIN = [("a", "", ""), ("b", "a", ""), ("c", "b", ""), ("d", "c", "b")]


@pytest.fixture
def source(acme: Cast) -> Source:
    """A mailbox."""
    return factories.source(network="mail", place="INBOX")


def mail(own: str, answers: str, first: str = "") -> RemotePost:
    heads = [f"Message-ID: <{own}@example.org>", "From: Ada <ada@example.org>", "Subject: Leak"]
    heads += [f"In-Reply-To: <{answers}@example.org>"] if answers else []
    heads += [f"References: <{first}@example.org> <{answers}@example.org>"] if first else []
    (post,) = parse("\r\n".join([*heads, "", f"Words of {own}."]).encode(), received_at=NOW)
    return post


def threads() -> set[str]:
    return set(Post.objects.values_list("conversation", flat=True))


def test_together_and_one_by_one_in_any_order(source: Source) -> None:
    ingest(source, page(*(mail(*one) for one in CHAIN)), at=NOW)
    assert threads() == {"a@example.org"}
    for order in permutations(CHAIN):
        Post.objects.all().delete()
        for number, one in enumerate(order):
            ingest(source, page(mail(*one)), at=NOW + timedelta(minutes=number))
        assert threads() == {"a@example.org"}, f"as they came: {[own for own, *_rest in order]}"


def test_what_we_never_saw_holds_its_answers_together(source: Source) -> None:
    ingest(source, page(mail("b", "a"), mail("x", ""), mail("c", "a")), at=NOW)
    assert {post.remote_id[0]: post.conversation[0] for post in Post.objects.all()} == {"b": "a", "c": "a", "x": "x"}


def test_mails_that_answer_each_other_in_a_circle_come_in(source: Source) -> None:
    ingest(source, page(mail("a", "b"), mail("b", "a"), mail("c", "c")), at=NOW)
    ingest(source, page(mail("d", "a"), mail("d", "d")), at=NOW)
    assert Post.objects.count() == 4 and "" not in threads()


def test_many_cost_as_many_questions_as_one(source: Source) -> None:
    counts = []
    ingest(source, page(mail("first", "")), at=NOW)  # what is asked once for a process
    for begin, count in ((0, 2), (100, 52)):
        mails = [mail(f"m{begin}", ""), *(mail(f"m{begin + n}", f"m{begin + n - 1}") for n in range(1, count))]
        with CaptureQueriesContext(connection) as asked:
            ingest(source, page(*mails), at=NOW)
        counts.append(len(asked))
    assert counts[0] == counts[1] and len(threads()) == 3
