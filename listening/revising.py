"""What happens to posts that are known: edits make revisions, and what was taken down is gone here too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from listening import writing
from listening.capturing import content_row, mention_of, mention_row
from listening.identity import Entry
from listening.judging import Judgement
from listening.models import Mention, MentionMatch, Post, Revision
from listening.querysets import Known
from listening.searching.indexing import forget
from listening.signals import posts_revised, posts_withdrawn
from listening.stories.writing import mark_stale
from roles.live import look_again

WITHDRAWN = "Taken down at the network."


@dataclass(frozen=True, slots=True)
class Edit:
    """A known post that says something else now."""

    known: Known
    entry: Entry
    judgement: Judgement


def revise(network: str, edits: list[Edit], *, at: datetime) -> tuple[list[Mention], list[Entry]]:
    """Keep what edited posts said before; returns what became a mention by its edit, and what was edited."""
    if not edits:
        return [], []
    rows = [
        content_row(edit.entry) | {"id": edit.known.pk, "known_digest": edit.known.content_digest} for edit in edits
    ]
    revised = set(writing.revise_posts(rows, at=at))
    edits = [edit for edit in edits if edit.known.pk in revised]
    posts = {post.pk: post for post in Post.objects.filter(pk__in=revised).select_related("author")}
    mentioned = dict(Mention.objects.filter(post__in=revised).values_list("post_id", "pk"))
    _match_again([edit for edit in edits if edit.known.pk in mentioned], mentioned)
    unmentioned = [edit for edit in edits if edit.known.pk not in mentioned and edit.judgement.is_mention]
    captured = _mention(network, unmentioned, posts, at=at)
    mark_stale(revised)
    posts_revised.send(Post, posts=list(posts.values()), at=at)
    if mentioned:
        look_again("stream")
    return captured, [edit.entry for edit in edits]


def _match_again(edits: list[Edit], mentioned: dict[int, int]) -> None:
    if edits:
        keyed = [(mentioned[edit.known.pk], edit.judgement) for edit in edits]
        writing.judge_mentions(
            [
                {"id": mentioned[edit.known.pk], "digest": edit.entry.digest, **edit.judgement.appraisal.row()}
                for edit in edits
            ]
        )
        writing.match_again([mention_row(judgement) | {"id": key} for key, judgement in keyed], _hits(keyed))


def _mention(network: str, edits: list[Edit], posts: dict[int, Post], *, at: datetime) -> list[Mention]:
    if not edits:
        return []
    rows = [
        mention_row(edit.judgement) | {"post_id": edit.known.pk, "source_id": edit.entry.source.pk} for edit in edits
    ]
    keys = writing.mention_posts(network, rows, at=at)
    edits = [edit for edit in edits if edit.known.pk in keys]
    keyed = [(keys[edit.known.pk], edit.judgement) for edit in edits]
    writing.match_again([mention_row(judgement) | {"id": key} for key, judgement in keyed], _hits(keyed))
    return [
        mention_of(edit.entry.source, keys[edit.known.pk], posts[edit.known.pk], edit.judgement, at=at)
        for edit in edits
    ]


def _hits(keyed: list[tuple[int, Judgement]]) -> list[dict[str, Any]]:
    return [
        {"mention_id": key, "query_id": query, "spans": spans}
        for key, judgement in keyed
        for query, spans in judgement.matches.items()
    ]


def withdraw(network: str, gone: list[int], remote_ids: list[str], *, at: datetime) -> None:
    """Honour that posts were taken down: their words go, their ids never return."""
    writing.write_tombstones(network, remote_ids, WITHDRAWN, at=at)
    if not gone:
        return
    Post.objects.filter(pk__in=gone, withdrawn_at=None).update(
        withdrawn_at=at, title="", text="", media=[], problems=[]
    )
    Revision.objects.filter(post__in=gone).delete()
    MentionMatch.objects.filter(mention__post__in=gone).update(spans=[])
    mark_stale(gone)
    forget(gone)
    posts = list(Post.objects.filter(pk__in=gone).select_related("author"))
    posts_withdrawn.send(Post, posts=posts, at=at)
    look_again("stream")
