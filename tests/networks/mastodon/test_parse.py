"""From what servers say to posts: nothing lost, nothing made up, nothing that breaks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listening.networks.mastodon.parse import Home, narrower, post_of

ACME = "<p>Is <span class='h-card'><a href='https://example.org/@acme'>@<span>acme</span></a></span> down?</p>"
HOME = Home(host="social.example", domain="example.org")


def status(**fields: Any) -> dict[str, Any]:
    account = {
        "id": "7",
        "acct": "Ada",
        "display_name": "Ada 🦋",
        "url": "https://example.org/@Ada",
        "followers_count": 12,
    }
    return {
        "id": "01HZX",
        "created_at": "2026-04-10T10:00:00.123Z",
        "content": ACME,
        "account": account,
        "url": "https://example.org/@Ada/01HZX",
        "visibility": "public",
        "language": "en",
        "mentions": [{"acct": "acme"}, {"acct": "Ben@elsewhere.example"}],
        **fields,
    }


def test_a_status_becomes_a_post() -> None:
    post = post_of(status(), HOME)
    assert post is not None
    assert (post.id, post.conversation, post.in_reply_to) == ("social.example/01HZX", "social.example/01HZX", "")
    assert (post.text, post.title, post.language) == ("Is @acme down?", "", "en")
    assert (post.author.id, post.author.handle, post.author.followers) == ("ada@example.org", "Ada@example.org", 12)
    assert post.addressed_to == ("acme@example.org", "ben@elsewhere.example")
    assert post.published_at == datetime(2026, 4, 10, 10, 0, 0, 123_000, tzinfo=UTC)


def test_an_answer_stands_in_the_thread_of_its_root() -> None:
    post = post_of(status(in_reply_to_id="01A"), HOME, root="019")
    assert post is not None
    assert (post.in_reply_to, post.conversation) == ("social.example/01A", "social.example/019")
    alone = post_of(status(in_reply_to_id="01A"), HOME)
    assert alone is not None and alone.conversation == "social.example/01A"


def test_what_hides_shows_and_asks_is_not_lost() -> None:
    post = post_of(
        status(
            spoiler_text="Food",
            edited_at="2026-04-10T11:00:00Z",
            media_attachments=[{"url": "https://cdn.example/1.png", "description": "A cold\nsoup"}, {"url": None}],
            poll={"options": [{"title": "Yes"}, {"title": "No"}]},
            quote={"quoted_status": {"id": "1", "url": "https://example.org/@ben/1"}},
        ),
        HOME,
    )
    assert post is not None
    assert post.title == "Food"
    assert post.text.split("\n\n") == ["Is @acme down?", "– Yes\n– No", "[A cold soup]", "“https://example.org/@ben/1”"]
    assert post.media == ("https://cdn.example/1.png",)
    assert post.updated_at == datetime(2026, 4, 10, 11, tzinfo=UTC)


def test_what_only_we_can_see_says_so() -> None:
    post = post_of(status(visibility="direct"), HOME)
    assert post is not None and post.title == "Direct message"


def test_links_that_are_shortened_for_the_eye_are_whole() -> None:
    link = (
        '<a href="https://a.example/long/way"><span class="invisible">https://</span>'
        '<span class="ellipsis">a.example/lo</span><span class="invisible">ng/way</span></a>'
    )
    post = post_of(status(content=f"<p>See {link}</p>"), HOME)
    assert post is not None and post.text == "See https://a.example/long/way"


def test_what_is_passed_on_is_the_post_itself() -> None:
    post = post_of({"id": "9", "account": {"acct": "ben"}, "content": "", "reblog": status()}, HOME)
    assert post is not None and (post.id, post.author.id) == ("social.example/01HZX", "ada@example.org")


def test_no_date_is_made_up() -> None:
    post = post_of(status(created_at="soon"), HOME)
    assert post is not None and post.published_at is None and len(post.problems) == 1


def test_what_has_no_id_is_nothing() -> None:
    assert post_of(status(id=None), HOME) is None
    assert post_of({}, HOME) is None


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
KEYS = sorted(
    {*status(), "in_reply_to_id", "media_attachments", "poll", "quote", "reblog", "spoiler_text", "edited_at"}
)


@settings(max_examples=40)
@given(st.dictionaries(st.sampled_from(KEYS), ANYTHING, max_size=4))
def test_nothing_that_a_server_says_breaks_it(odd: dict[str, Any]) -> None:
    post = post_of(status(**odd), HOME)
    assert post is None or post.id.startswith("social.example/")


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ("public", "public", "public"), ("public", "unlisted", "unlisted"), ("private", "public", "private"),
        ("public", "direct", "direct"), ("public", "local", "direct"), ("unlisted", "private", "private"),
    ],
)  # fmt: skip
def test_the_narrower_of_two_visibilities(one: str, other: str, found: str) -> None:
    assert narrower(one, other) == found
