"""News from listening, for the apps above.

`mentions_captured` and `posts_revised` are sent inside the transaction of the ingest, so that what they cause is
committed with the rows or not at all: `mentions` and `posts` are lists of saved rows, `at` is the moment.
`threads_grown` brings the `conversations` of one `network` into which something new was said, mention or not.
`mentions_triaged` brings what was given to a department. Before such mentions go back into the stream,
`mentions_taken_back` asks: whoever hears it clears away what came of them, and returns the keys of mentions that must
stay because somebody has begun.
`stories_grown` brings the keys of `stories` that are told more often than before, inside the transaction that counted.
`posts_captured` is sent inside the transaction too, after `mentions_captured`: `posts` are all new posts that belong to
a conversation, mentions or not, each as a `NewPost`.
`connection_mended` is sent inside the transaction in which a `connection` began to work again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Self

from django.dispatch import Signal

if TYPE_CHECKING:
    from listening.models import Post


class NewPost(NamedTuple):
    """What a new post says of itself to those who follow a conversation."""

    post_id: int
    network: str
    conversation: str
    author_id: int | None
    is_ours: bool

    @classmethod
    def of(cls, post: Post) -> Self:
        """The same of a stored post."""
        return cls(post.pk, post.network, post.conversation, post.author_id, post.is_ours)


connection_mended = Signal()
mentions_captured = Signal()
mentions_taken_back = Signal()
mentions_triaged = Signal()
posts_captured = Signal()
posts_revised = Signal()
posts_withdrawn = Signal()
stories_grown = Signal()
threads_grown = Signal()
