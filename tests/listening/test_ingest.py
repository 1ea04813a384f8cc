"""What a network gave becomes posts and mentions, each exactly once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from listening.ingest import BATCH, Arrival, ingest, ingest_all
from listening.models import Author, Mention, MentionMatch, Post, Revision, Source, Tombstone
from listening.networks.protocols import RemoteAuthor
from listening.signals import mentions_captured, posts_revised, posts_withdrawn
from tests import factories
from tests.cast import Cast
from tests.listening.pages import KIM, NOW, page, remote

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def news() -> Iterator[list[tuple[str, list[Any]]]]:
    """What was announced, in order; the rest of the house hears it too."""
    heard: list[tuple[str, list[Any]]] = []
    receivers = {
        mentions_captured: lambda sender, mentions, **_rest: heard.append(("captured", list(mentions))),
        posts_revised: lambda sender, posts, **_rest: heard.append(("revised", list(posts))),
        posts_withdrawn: lambda sender, posts, **_rest: heard.append(("withdrawn", list(posts))),
    }
    for signal, receiver in receivers.items():
        signal.connect(receiver)
    yield heard
    for signal, receiver in receivers.items():
        signal.disconnect(receiver)


def test_every_entry_becomes_one_post_with_its_author(acme: Cast) -> None:
    source = factories.source()
    result = ingest(source, page(remote(1, title="Down", url="https://a.example/1"), remote(2, "Nothing")), at=NOW)
    assert (result.new, result.revised, result.mentions) == (2, 0, 0)
    post = Post.objects.get(remote_id__endswith=":1")
    assert (post.title, post.text, post.url, post.source) == ("Down", "Is Acme down?", "https://a.example/1", source)
    assert post.author is not None
    assert (post.author.name, post.author.handle) == ("Kim", "kim")
    assert post.published_at == NOW - timedelta(minutes=5)
    assert Author.objects.count() == 1


def test_the_same_page_again_changes_nothing(acme: Cast) -> None:
    source, wanted = factories.source(), page(remote(1), remote(2))
    factories.query("acme")
    ingest(source, wanted, at=NOW)
    before = list(Post.objects.order_by("pk").values())
    result = ingest(source, wanted, at=LATER)
    assert (result.new, result.revised, result.mentions) == (0, 0, 0)
    assert list(Post.objects.order_by("pk").values()) == before
    assert Mention.objects.count() == 2


def test_what_a_query_matches_is_a_mention_with_the_places(acme: Cast, news: list[tuple[str, list[Any]]]) -> None:
    source, asked, silent = factories.source(), factories.query("acme"), factories.query("zebra")
    factories.query("acme", is_active=False)
    result = ingest(source, page(remote(1, "Is Acme down?"), remote(2, "Nothing here")), at=NOW)
    assert result.mentions == 1
    mention = Mention.objects.get()
    assert mention.query_ids == [asked.pk]
    assert mention.state == Mention.State.UNTRIAGED
    assert (mention.source, mention.network, mention.captured_at) == (source, "feed", NOW)
    match = MentionMatch.objects.get()
    assert (match.query, match.spans) == (asked, [["text", 3, 7]])
    assert silent.pk not in mention.query_ids
    [(kind, [heard])] = news
    assert kind == "captured"
    assert (heard.pk, heard.post.pk, heard.query_ids) == (mention.pk, mention.post_id, [asked.pk])
    with CaptureQueriesContext(connection) as asked_again:
        assert heard.post.author.name == "Kim"
        assert heard.source == source
        assert heard.channel is None
    assert len(asked_again) == 0


def test_what_is_addressed_to_a_channel_is_a_mention(acme: Cast) -> None:
    source = factories.source(network="practice", place="everything")
    channel = factories.channel(account_id="77", handle="Acme")
    factories.channel(account_id="78", handle="closed", is_active=False)
    posts = (
        remote(1, "hello", addressed_to=("@acme",)),
        remote(2, "hi", addressed_to=("77",)),
        remote(3, "hey", addressed_to=("closed", "somebody")),
    )
    assert ingest(source, page(*posts), at=NOW).mentions == 2
    assert set(Mention.objects.values_list("channel", "post__remote_id")) == {(channel.pk, "1"), (channel.pk, "2")}


@pytest.mark.parametrize(
    "author", [RemoteAuthor(id="77"), RemoteAuthor(handle="@ACME"), RemoteAuthor(id="9", handle="acme")]
)
def test_what_we_say_ourselves_is_never_a_mention(acme: Cast, author: RemoteAuthor) -> None:
    source = factories.source(network="practice", place="everything")
    factories.channel(account_id="77", handle="acme", is_active=False)
    factories.query("acme")
    result = ingest(source, page(remote(1, "Acme is back", author=author, addressed_to=("acme",))), at=NOW)
    assert (result.new, result.mentions) == (1, 0)
    assert Post.objects.get().is_ours


def test_another_persons_handle_that_looks_like_our_id_is_not_ours(acme: Cast) -> None:
    source = factories.source(network="practice", place="everything")
    factories.channel(account_id="77", handle="acme")
    ingest(source, page(remote(1, author=RemoteAuthor(id="5", handle="77"))), at=NOW)
    assert not Post.objects.get().is_ours


def test_an_edit_makes_a_revision_and_no_item(acme: Cast, news: list[tuple[str, list[Any]]]) -> None:
    source = factories.source()
    ingest(source, page(remote(1, "First")), at=NOW)
    for number, text in enumerate(("Second", "Third"), start=1):
        result = ingest(source, page(remote(1, text)), at=NOW + timedelta(hours=number))
        assert (result.new, result.revised) == (0, 1)
    post = Post.objects.get()
    assert (post.text, post.revision_count, post.edited_at) == ("Third", 3, NOW + timedelta(hours=2))
    assert list(Revision.objects.order_by("number").values_list("number", "text", "seen_at")) == [
        (1, "First", NOW),
        (2, "Second", NOW + timedelta(hours=1)),
        (3, "Third", NOW + timedelta(hours=2)),
    ]
    assert [(kind, [row.text for row in rows]) for kind, rows in news] == [
        ("revised", ["Second"]),
        ("revised", ["Third"]),
    ]


def test_only_spaces_are_no_edit(acme: Cast) -> None:
    source = factories.source()
    ingest(source, page(remote(1, "One  two\nthree")), at=NOW)
    assert ingest(source, page(remote(1, "One two three ")), at=LATER).revised == 0


def test_an_edit_may_make_a_mention(acme: Cast, news: list[tuple[str, list[Any]]]) -> None:
    source, asked = factories.source(), factories.query("acme")
    ingest(source, page(remote(1, "Something is down")), at=NOW)
    assert ingest(source, page(remote(1, "Acme is down")), at=LATER).mentions == 1
    mention = Mention.objects.get()
    assert (mention.captured_at, mention.query_ids) == (LATER, [asked.pk])
    assert MentionMatch.objects.get().spans == [["text", 0, 4]]
    kinds = [kind for kind, _rows in news]
    assert sorted(kinds) == ["captured", "revised"]


def test_an_edit_of_a_mention_moves_its_marks_and_makes_no_second_one(acme: Cast) -> None:
    source, first, second = factories.source(), factories.query("acme"), factories.query("down")
    ingest(source, page(remote(1, "Acme is up")), at=NOW)
    assert ingest(source, page(remote(1, "It is down")), at=LATER).mentions == 0
    mention = Mention.objects.get()
    assert mention.query_ids == [first.pk, second.pk]
    assert dict(MentionMatch.objects.values_list("query", "spans")) == {first.pk: [], second.pk: [["text", 6, 10]]}


def test_a_changed_query_applies_from_now_on(acme: Cast) -> None:
    source, asked = factories.source(), factories.query("acme")
    ingest(source, page(remote(1, "zebra")), at=NOW)
    asked.expression = "zebra"
    asked.changed_at = NOW - timedelta(days=9)  # committed late, dated early
    asked.save()
    assert ingest(source, page(remote(1, "zebra"), remote(2, "zebra too")), at=LATER).mentions == 1


def test_a_query_that_can_no_longer_be_read_leaves_the_others_alone(acme: Cast) -> None:
    factories.query("acme AND (")
    good = factories.query("acme")
    ingest(factories.source(), page(remote(1)), at=NOW)
    assert Mention.objects.get().query_ids == [good.pk]


def test_a_post_taken_down_loses_its_words_and_does_not_return(acme: Cast, news: list[tuple[str, list[Any]]]) -> None:
    source = factories.source(network="practice", place="everything")
    factories.query("acme")
    ingest(source, page(remote(1, "Acme one")), at=NOW)
    ingest(source, page(remote(1, "Acme two")), at=NOW)
    result = ingest(source, page(remote(1, "Acme two", deleted=True), remote(2, deleted=True)), at=LATER)
    assert (result.new, result.withdrawn) == (0, 1)
    post = Post.objects.get()
    assert (post.text, post.title, post.withdrawn_at) == ("", "", LATER)
    assert not Revision.objects.exists()
    assert MentionMatch.objects.get().spans == []
    assert Mention.objects.count() == 1
    assert news[-1] == ("withdrawn", [post])
    assert set(Tombstone.objects.values_list("remote_id", flat=True)) == {"1", "2"}
    assert ingest(source, page(remote(1, "Acme three"), remote(2)), at=LATER).new == 0
    assert Post.objects.get().text == ""


def test_what_was_cleaned_up_does_not_return(acme: Cast) -> None:
    source = factories.source(network="practice", place="everything")
    Tombstone.objects.create(network="practice", remote_id="1", reason="cleaned up", at=NOW)
    assert ingest(source, page(remote(1), remote(2)), at=NOW).new == 1


def test_two_feeds_that_count_alike_do_not_touch_each_other(acme: Cast) -> None:
    first, second = factories.source(), factories.source()
    ingest(first, page(remote(1, "Mine")), at=NOW)
    result = ingest(second, page(remote(1, "Theirs")), at=NOW)
    assert (result.new, result.revised) == (1, 0)
    assert set(Post.objects.values_list("text", flat=True)) == {"Mine", "Theirs"}


def test_two_sources_of_one_network_give_one_post(acme: Cast) -> None:
    first, second = (factories.source(network="practice", place=place) for place in ("one", "two"))
    ingest(first, page(remote(1)), at=NOW)
    assert ingest(second, page(remote(1)), at=NOW).new == 0
    assert Post.objects.get().source == first


def test_organizations_have_posts_of_their_own(acme: Cast) -> None:
    from roles.tenancy import acting_for

    ingest(factories.source(network="practice", place="everything"), page(remote(1)), at=NOW)
    with acting_for(acme.elsewhere):
        assert ingest(factories.source(network="practice", place="everything"), page(remote(1)), at=NOW).new == 1


def test_authors_without_an_id_are_told_apart_by_name(acme: Cast) -> None:
    names = ("Kim", "kim ", "Lee", "")
    posts = [remote(number, author=RemoteAuthor(name=name)) for number, name in enumerate(names)]
    ingest(factories.source(), page(*posts), at=NOW)
    assert Author.objects.count() == 2
    assert Post.objects.get(remote_id__endswith=":3").author is None


def test_an_author_who_took_another_name_stays_one_author(acme: Cast) -> None:
    source = factories.source(network="practice", place="everything")
    ingest(source, page(remote(1)), at=NOW)
    ingest(source, page(remote(2, author=RemoteAuthor(id="kim", handle="kim", name="Kim B."))), at=NOW)
    assert Author.objects.get().name == "Kim B."


def test_the_first_poll_marks_what_is_long_past(acme: Cast, news: list[tuple[str, list[Any]]]) -> None:
    source = factories.source()
    factories.query("acme")
    old = remote("old", published_at=NOW - timedelta(days=8))
    ingest(source, page(old, remote("undated", published_at=None), remote("new")), at=NOW)
    [(_kind, mentions)] = news
    assert {mention.post.remote_id.split(":")[1]: mention.is_old for mention in mentions} == {
        "old": True,
        "undated": False,
        "new": False,
    }
    assert set(Mention.objects.filter(is_old=True)) == {mention for mention in mentions if mention.is_old}


def test_later_polls_mute_nothing(acme: Cast, news: list[tuple[str, list[Any]]]) -> None:
    source = factories.source(last_success_at=NOW - timedelta(days=9))
    factories.query("acme")
    ingest(source, page(remote("late", published_at=NOW - timedelta(days=8))), at=NOW)
    [(_kind, [mention])] = news
    assert not mention.is_old


def test_what_an_internal_source_says_is_internal(acme: Cast) -> None:
    ingest(factories.source(is_internal=True), page(remote(1)), at=NOW)
    assert Post.objects.get().is_internal


def test_older_posts_get_the_lower_keys(acme: Cast) -> None:
    posts = [remote(number, published_at=NOW - timedelta(minutes=number)) for number in (1, 3, 2)]
    ingest(factories.source(), page(*posts), at=NOW)
    assert [post.remote_id[-1] for post in Post.objects.order_by("pk")] == ["3", "2", "1"]


def test_a_page_that_cannot_be_concluded_is_not_taken_in(acme: Cast) -> None:
    """The cursor is kept in the transaction of what it says was read, or neither is."""

    def fail(_arrivals: Any) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        ingest_all([Arrival(factories.source(), page(remote(1)))], at=NOW, conclude=fail)
    assert not Post.objects.exists()


def test_the_cursor_is_stored_with_the_last_batch_only(acme: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    source = factories.source()
    whole = page(*(remote(number, published_at=NOW - timedelta(seconds=number)) for number in range(BATCH + 5)))
    factories.query("acme")
    batches: list[int] = []

    def stop(sender: Any, mentions: list[Any], **_rest: Any) -> None:
        batches.append(len(mentions))
        if len(batches) == 2:
            assert Source.objects.get(pk=source.pk).cursor == {}
            raise KeyboardInterrupt

    mentions_captured.connect(stop)
    try:
        with pytest.raises(KeyboardInterrupt), transaction.atomic():
            ingest(source, whole, at=NOW)
    finally:
        mentions_captured.disconnect(stop)
    source.refresh_from_db()
    assert source.cursor == {}
    assert batches == [BATCH, 5]
    ingest(source, whole, at=NOW)
    source.refresh_from_db()
    assert source.cursor == {"etag": '"1"'}
    assert (Post.objects.count(), Mention.objects.count()) == (BATCH + 5, BATCH + 5)


def test_what_several_sources_gave_is_taken_in_batches_across_them(
    acme: Cast, news: list[tuple[str, list[Any]]]
) -> None:
    factories.query("acme")
    sizes = (BATCH - 200, 400, 0, BATCH + 50, 1)
    arrivals = [
        Arrival(factories.source(is_internal=size == 1), page(*(remote(number) for number in range(size))))
        for size in sizes
    ]
    concluded: list[list[tuple[int, int]]] = []

    def conclude(done: Any) -> None:
        concluded.append([(arrivals.index(arrival), arrival.ingested.new) for arrival in done])

    ingest_all(arrivals, at=NOW, conclude=conclude)
    assert concluded == [[(0, BATCH - 200)], [(1, 400), (2, 0)], [(3, BATCH + 50), (4, 1)]]
    assert [len(rows) for _kind, rows in news] == [BATCH, BATCH, sum(sizes) - 2 * BATCH]
    assert [arrival.ingested.mentions for arrival in arrivals] == list(sizes)
    for arrival, size in zip(arrivals, sizes, strict=True):
        assert Post.objects.filter(source=arrival.source, is_internal=size == 1).count() == size
        assert Mention.objects.filter(source=arrival.source).count() == size


def test_a_receiver_that_fails_takes_the_posts_with_it(acme: Cast) -> None:
    source = factories.source()
    factories.query("acme")

    def fail(sender: Any, **_rest: Any) -> None:
        raise RuntimeError("no")

    mentions_captured.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            ingest(source, page(remote(1)), at=NOW)
    finally:
        mentions_captured.disconnect(fail)
    assert not Post.objects.exists()
    assert Source.objects.get(pk=source.pk).cursor == {}


def test_the_number_of_statements_does_not_grow_with_the_page(acme: Cast) -> None:
    source = factories.source()
    factories.query("acme")
    counts = []
    for start, size in ((0, 1), (100, 200)):
        with CaptureQueriesContext(connection) as asked:
            ingest(source, page(*(remote(start + number) for number in range(size))), at=NOW)
        counts.append(len([query for query in asked if "listening_" in query["sql"]]))
    # The first time, the queries are compiled: one more.
    assert counts[1] <= counts[0]


def test_an_author_is_named_once_in_a_batch(acme: Cast) -> None:
    source = factories.source(network="practice", place="everything")
    ingest(source, page(remote(1, author=KIM), remote(2, author=RemoteAuthor(id="kim", name="Kim C."))), at=NOW)
    assert Author.objects.count() == 1
