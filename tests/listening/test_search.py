"""Search finds what the query language says, whatever of it the database can say."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from listening.ingest import ingest
from listening.matching import QueryError
from listening.models import Author, Mention, Post, PostToIndex, PostWords
from listening.retention import empty
from listening.searching.housekeeping import index_due
from listening.searching.search import Search, TooWide, patience
from roles import clock
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast
from tests.listening.matching.test_matcher_equals_plain_evaluation import sources, texts
from tests.listening.pages import NOW, page, remote


def index(*posts: Post) -> None:
    PostToIndex.objects.bulk_create(PostToIndex(post_id=post.pk) for post in posts)
    index_due()


def found(text: str) -> set[int]:
    return set(Post.objects.order_by("-pk").search(Search(text)).values_list("pk", flat=True))


AUTHORS = (("", ""), ("Anna Smith", "anna@example.org"), ("Ann A", "@Anna.Smith"), ("ACME Cup", "acme cup"))
posts = st.fixed_dictionaries(
    {
        "text": st.one_of(texts, texts, st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))),
        "title": st.one_of(st.just(""), texts),
        "author": st.sampled_from(AUTHORS),
        "source": st.sampled_from([None, "Daily News", "acme daily"]),
        "network": st.sampled_from(["feed", "mastodon"]),
        "language": st.sampled_from(["", "en", "en-GB", "en_US", "de"]),
        "url": st.sampled_from(["", "https://www.news.acme.example/cup/1", "https://[broken", "acme.example"]),
        "media": st.sampled_from([[], ["https://acme.example/1.png"]]),
        "in_reply_to": st.sampled_from(["", "p1"]),
    }
)
more = st.sampled_from(
    ["@anna", "@Anna", "#cup", "a", "C++", "author:@anna.smith", "author:smith", "source:daily", "lang:en-us", "ac*",
     "author:\"acme cup\"", "link:acme", "site:example", "has:link", "acme -cup", "-lang:en acme", "acme NEAR/2 cup",
     "acme -\"acme cup\"", "https://acme.example/cup", "-network:feed has:media", "100%", "_", "\\", "'acme'"]
)  # fmt: skip


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(posts, min_size=1, max_size=6), st.lists(st.one_of(sources, more), min_size=1, max_size=6))
def test_search_finds_what_the_query_says_of_each_post(acme: Cast, written: list[Any], asked: list[str]) -> None:
    Post.objects.all().delete()
    rows = []
    for number, fields in enumerate(written):
        name, handle = fields["author"]
        author, _new = Author.objects.get_or_create(
            network="x", remote_id=name, defaults={"name": name, "handle": handle}
        )
        source = factories.source(name=fields["source"]) if fields["source"] else None
        row = factories.post(**fields | {"author": author, "source": source, "remote_id": f"r{number}"})
        if number % 2:
            factories.mention(post=row, language="en" if number % 4 == 1 else "")
        rows.append(row)
    index(*rows)
    assert PostWords.objects.count() == len(rows)
    for text in asked:
        try:
            search = Search(text)
        except QueryError:
            continue
        stored = Post.objects.select_related("author", "source", "mention")
        expected = {row.pk for row in stored if search.matches(row)}
        event("found" if expected else "nothing")
        event("exact" if search.clause.exact else "asked again")
        assert set(Post.objects.search(search).values_list("pk", flat=True)) == expected, (text, search.clause.where())


def test_a_post_whose_language_nobody_could_tell_is_in_none(acme: Cast) -> None:
    post = factories.post(text="hello, what is this and where are you from", language="")
    index(post)
    assert not Search("lang:en").matches(post) and not found("lang:en")
    factories.mention(post=post, language="en")
    assert Search("lang:en").matches(Post.objects.get()) and found("lang:en") == {post.pk}


def test_what_comes_is_found_once_it_is_indexed(acme: Cast) -> None:
    factories.query("acme")
    source = factories.source()
    ingest(source, page(remote(1, "Acme zebra"), remote(2, "nothing of ours")), at=NOW)
    assert not found("zebra")
    assert index_due() == 2
    assert index_due() == 0
    [post] = Post.objects.filter(text__contains="zebra")
    assert found("zebra") == {post.pk}
    assert len(found("ours")) == 1
    assert not Mention.objects.search(Search("ours"))
    assert [row.post_id for row in Mention.objects.search(Search("zebra"))] == [post.pk]


def test_an_edit_is_found_and_what_it_replaced_is_not(acme: Cast) -> None:
    source = factories.source()
    ingest(source, page(remote(1, "zebra")), at=NOW)
    index_due()
    ingest(source, page(remote(1, "giraffe")), at=NOW + timedelta(minutes=5))
    index_due()
    assert not found("zebra")
    assert len(found("giraffe")) == 1


def test_what_was_taken_down_is_gone_from_search_at_once(acme: Cast) -> None:
    source = factories.source()
    ingest(source, page(remote(1, "zebra")), at=NOW)
    index_due()
    ingest(source, page(remote(1, "zebra", deleted=True)), at=NOW + timedelta(minutes=5))
    assert not PostWords.objects.exists()
    index_due()
    assert not PostWords.objects.exists()


def test_the_words_of_a_removed_post_go_with_it(acme: Cast) -> None:
    from django.db import connection

    post = factories.post("zebra")
    index(post)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM listening_post WHERE id = %s", [post.pk])
    assert not PostWords.objects.exists()


def test_a_post_that_was_emptied_is_not_found(acme: Cast) -> None:
    post = factories.mention("zebra").post
    index(post)
    empty([post], at=NOW)
    assert not found("zebra")
    index_due()
    assert not PostWords.objects.exists()


def test_another_organization_finds_nothing(acme: Cast) -> None:
    post = factories.post("zebra")
    index(post)
    with acting_for(acme.elsewhere):
        assert not found("zebra")


def test_people_are_found_by_name_and_handle(acme: Cast) -> None:
    author = Author.objects.create(network="x", remote_id="1", name="Anna Smith", handle="anna@example.org")
    post = factories.post("nothing to see", author=author)
    index(post)
    for text in ("smith", '"anna smith"', "anna", "@anna", "nothing anna"):
        assert found(text) == {post.pk}, text
    assert not found("nothing -anna")


def test_a_new_name_of_an_author_is_found(acme: Cast) -> None:
    from listening import writing

    author = Author.objects.create(network="feed", remote_id="1", name="Anna Smith")
    post = factories.post("hello", author=author)
    index(post)
    named = {"remote_id": "1", "handle": "", "url": "", "name": "Anna Jones"}
    writing.write_authors("feed", [named], at=NOW)
    index_due()
    assert found("jones") == {post.pk}
    assert not found("smith")


def test_the_index_is_not_read_for_a_word_that_nearly_every_post_has(acme: Cast) -> None:
    from django.db import connection

    index(*(factories.post(f"The delivery is late again, number {number}.") for number in range(60)))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE listening_postwords")
    assert Search("delivery")._few() is None
    assert len(Search("59")._few() or ()) == 1
    assert len(found("delivery")) == 60


def test_a_search_that_takes_too_long_says_so(acme: Cast) -> None:
    from django.db import connection

    with pytest.raises(TooWide), patience(0.05), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(1)")


def test_who_searches_within_patience_keeps_it(acme: Cast) -> None:
    from django.db import connection

    with pytest.raises(TooWide), patience(0.2), connection.cursor() as cursor:  # noqa: PT012
        list(Search("acme cup").narrow(Post.objects.all(), post="pk"))
        cursor.execute("SELECT pg_sleep(1)")


def test_what_the_stored_words_rule_out_is_not_read(acme: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    index(
        factories.post("acme one two three cup"),
        factories.post("the cup", title="acme"),
        factories.post("cup, says acme", remote_id="close"),
    )
    assert len(found("acme NEAR/2 cup")) == 1
    monkeypatch.setattr(Search, "matches", lambda *_: pytest.fail("a post was read"))
    assert not found("acme ONEAR/2 cup")
    assert not found("(acme OR akme) NEAR/1 cup*")


def test_who_asks_on_and_on_is_told_that_there_may_be_more(acme: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("listening.searching.search.ASKED_AT_MOST", 3)
    index(*(factories.post("acme one two three cup", at=clock.now()) for _ in range(5)))
    search = Search("acme NEAR/1 cup")
    assert not Post.objects.newest_first().search(search)
    assert search.is_cut
