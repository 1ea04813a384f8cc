"""What an author says again in a conversation that is still ours to go on with.

It needs no assignment of its own: whoever answered reads it in the thread, and the clock of the next response runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from engagement.changes import told
from engagement.models import Assignment
from engagement.promises import wrote_again
from engagement.querysets import place_mentions
from listening.models import Mention, Post
from listening.signals import NewPost


def take_what_continues(mentions: Sequence[Mention]) -> list[Mention]:
    """Place mentions that belong to an answered, unresolved assignment where that is; returns the others."""
    rows = Assignment.objects.answered_about([NewPost.of(mention.post) for mention in mentions])
    departments = {_of(row.mention.post): row.department_id for row in rows.select_related("mention__post")}
    found = {mention: departments[key] for mention in mentions if (key := _of(mention.post)) in departments}
    if found:
        place_mentions({mention.pk: department for mention, department in found.items()})
        for mention, department in found.items():
            mention.state, mention.department_id = Mention.State.ROUTED, department
    return [mention for mention in mentions if mention not in found]


def go_on(posts: Sequence[NewPost], *, at: datetime) -> list[Assignment]:
    """Start the next response wherever an author has written again after our answer; returns those assignments."""
    said = {_of(post) for post in posts if not post.is_ours}
    rows = Assignment.objects.answered_about(posts).select_related("mention__post", "target").order_by("pk")
    found = [row for row in rows.select_for_update(no_key=True, of=("self",)) if _of(row.mention.post) in said]
    for row in found:
        fields = wrote_again(row, at=at)
        for name, value in fields.items():
            setattr(row, name, value)
        row.version += 1
        row.save(update_fields=[*fields, "version"])
    told(found, at=at, counts=False)
    return found


def _of(post: Post | NewPost) -> tuple[str, str, int | None]:
    """Who says it, in which conversation."""
    return post.network, post.conversation, post.author_id
