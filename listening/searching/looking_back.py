"""Let a query find what was captured before it was written; as old mentions, which wait in the stream and flood nobody.

A look back is a row with the place that it has reached. Each part of it is one transaction, in which its finds and that
place are stored: whoever dies on the way is repeated, and what is there already stays as it is.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from listening.matching import Query, QueryError, Span, parse
from listening.matching.tree import spans
from listening.models import LookBack, Mention, Post, PostWords
from listening.searching.compiling import clause
from listening.searching.documents import document_of
from listening.signals import mentions_captured
from roles.live import look_again
from roles.tenancy import active_organization_id

PART = 500


def look_on(*, at: datetime, parts: int = 20) -> int:
    """Go on with the look-backs of the active organization, a bounded number of parts; returns how many posts."""
    asked = 0
    for key in LookBack.objects.filter(state=LookBack.State.RUNNING).order_by("pk").values_list("pk", flat=True):
        for _part in range(parts):
            done = _look_at_part(key, at=at)
            asked += done
            if done < PART:
                break
    return asked


@transaction.atomic
def _look_at_part(key: int, *, at: datetime) -> int:
    rows = LookBack.objects.select_for_update(of=("self",), skip_locked=True).select_related("query")
    look = rows.filter(pk=key, state=LookBack.State.RUNNING).first()
    if look is None:
        return 0
    query = _still_asked(look)
    if query is None:
        _finish(look, LookBack.State.STOPPED, at=at)
        return 0
    window = PostWords.objects.filter(
        captured_at__gte=look.since, post__gt=look.reached_post, post__lte=look.until_post
    )
    keys = list(window.that(clause(query.rule)).order_by("post").values_list("post", flat=True)[:PART])
    posts = Post.objects.filter(pk__in=keys, is_ours=False, withdrawn_at=None, cleaned_at=None)
    found = [
        (post, spans(query.rule, document_of(post).folded))
        for post in posts.select_related("author", "source", "mention").order_by("pk")
        if query.rule.holds(document_of(post).folded)
    ]
    look.found += _write(look, found, at=at)
    look.reached_post = keys[-1] if len(keys) == PART else look.until_post
    look.save(update_fields=["found", "reached_post"])
    if len(keys) < PART:
        _finish(look, LookBack.State.DONE, at=at)
    look_again("sources", "stream")
    return len(keys)


def _still_asked(look: LookBack) -> Query | None:
    if not look.query.is_active or look.query.expression != look.expression:
        return None
    try:
        return parse(look.expression)
    except QueryError:
        return None


def _finish(look: LookBack, state: str, *, at: datetime) -> None:
    look.state, look.finished_at = state, at
    look.save(update_fields=["state", "finished_at"])


def _write(look: LookBack, found: Sequence[tuple[Post, tuple[Span, ...]]], *, at: datetime) -> int:
    """Write mentions and matches that are not there yet; returns how many matches are new."""
    if not found:
        return 0
    values: dict[str, Any] = {
        "organization": active_organization_id(),
        "query": look.query_id,
        "rows": json.dumps([{"post_id": post.pk, "spans": spans} for post, spans in found]),
    }
    with connection.cursor() as cursor:
        cursor.execute(_MENTION, values)
        new = {key for (key,) in cursor.fetchall()}
        cursor.execute(_MATCH, values)
        matched = [key for (key,) in cursor.fetchall()]
        cursor.execute(_NAME, values | {"mentions": matched})
    mentions = list(Mention.objects.filter(pk__in=new).with_posts().order_by("pk"))
    for mention in mentions:
        mention.is_old = True
    if mentions:
        mentions_captured.send(Mention, mentions=mentions, at=at)
    return len(matched)


# They count in the hours in which their posts came in, not as a sudden wave of today.
_MENTION = """
INSERT INTO listening_mention (
    organization_id, post_id, network, source_id, query_ids, state, captured_at, triage_reason
)
SELECT %(organization)s, post.id, post.network, post.source_id, ARRAY[%(query)s]::bigint[], 'untriaged',
    post.captured_at, ''
FROM jsonb_to_recordset(%(rows)s::jsonb) AS item (post_id bigint)
JOIN listening_post post ON post.id = item.post_id AND post.organization_id = %(organization)s
ORDER BY post.id
ON CONFLICT (post_id) DO NOTHING
RETURNING id
"""
_MATCH = """
INSERT INTO listening_mentionmatch (organization_id, mention_id, query_id, spans)
SELECT %(organization)s, mention.id, %(query)s, item.spans
FROM jsonb_to_recordset(%(rows)s::jsonb) AS item (post_id bigint, spans jsonb)
JOIN listening_mention mention ON mention.post_id = item.post_id
ON CONFLICT (mention_id, query_id) DO NOTHING
RETURNING mention_id
"""
_NAME = """
UPDATE listening_mention SET query_ids = query_ids || %(query)s::bigint
WHERE id = ANY (%(mentions)s::bigint[]) AND organization_id = %(organization)s AND %(query)s <> ALL (query_ids)
"""
