"""The statements by which stories are read and written, a whole batch each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from roles.tenancy import active_organization_id


@dataclass(frozen=True, slots=True)
class Row:
    """A mention as it is looked at: what it says, and where it stands."""

    mention_id: int
    story_id: int | None
    captured_at: datetime
    title: str
    text: str
    url_key: str
    piece: str
    is_internal: bool
    is_withdrawn: bool
    # A person said which story it belongs to, or that it belongs to none.
    is_pinned: bool


def due(since: datetime, *, limit: int) -> list[tuple[int, datetime]]:
    """Return mentions without a fingerprint, the first captured first, and those whose fingerprint is stale."""
    return [(key, at) for key, at in _run(_DUE, since=since, limit=limit)]


# Each half walks its own index and stops at the limit.
_DUE = """
(
    SELECT mention.id, mention.captured_at FROM listening_mention mention
    WHERE mention.organization_id = %(organization)s AND mention.captured_at >= %(since)s
        AND NOT EXISTS (SELECT 1 FROM listening_fingerprint mark WHERE mark.mention_id = mention.id)
    ORDER BY mention.captured_at, mention.id LIMIT %(limit)s
) UNION ALL (
    SELECT mark.mention_id, mark.captured_at FROM listening_fingerprint mark
    WHERE mark.organization_id = %(organization)s AND mark.is_stale
    ORDER BY mark.mention_id LIMIT %(limit)s
)
"""


def held(keys: Sequence[int]) -> list[Row]:
    """Hold these mentions and what their posts say, but for those that somebody else holds; in the order of keys."""
    return [Row(*row) for row in _run(f"{_ROWS} {_HOLD}", keys=list(keys))]


def read(keys: Iterable[int]) -> list[Row]:
    """Read these mentions."""
    return [Row(*row) for row in _run(_ROWS, keys=list(keys))]


_ROWS = """
SELECT mention.id, mention.story_id, mention.captured_at, post.title, post.text, post.url_key, post.piece,
    post.is_internal,
    post.withdrawn_at IS NOT NULL,
    EXISTS (SELECT 1 FROM listening_correction said WHERE said.mention_id = mention.id AND said.kind = 'story')
FROM listening_mention mention JOIN listening_post post ON post.id = mention.post_id
WHERE mention.organization_id = %(organization)s AND mention.id = ANY (%(keys)s)
ORDER BY mention.id
"""
# An edit waits until the fingerprint of the words before it stands; then it marks it as stale.
_HOLD = "FOR SHARE OF post SKIP LOCKED FOR NO KEY UPDATE OF mention SKIP LOCKED"


def hold_story_rows(stories: Iterable[int], *, wait: bool = True) -> bool:
    """Hold these stories until the transaction ends; returns whether all are held, which is sure where one waits.

    Whoever moves or decides mentions of stories holds the stories first and the mentions after.
    """
    keys = sorted(set(stories))
    return not keys or len(_run(f"{_HOLD_STORIES} {'' if wait else 'SKIP LOCKED'}", stories=keys)) == len(keys)


_HOLD_STORIES = """
SELECT id FROM listening_story
WHERE organization_id = %(organization)s AND id = ANY (%(stories)s) ORDER BY id FOR NO KEY UPDATE
"""


def hold_stories_of(mentions: Iterable[int]) -> set[int]:
    """Hold the stories to which these mentions belong, and say which they are."""
    return {key for (key,) in _run(_HOLD_STORIES_OF, keys=list(mentions))}


_HOLD_STORIES_OF = """
SELECT id FROM listening_story
WHERE id IN (SELECT story_id FROM listening_mention WHERE organization_id = %(organization)s AND id = ANY (%(keys)s))
ORDER BY id FOR NO KEY UPDATE
"""


def candidates(keys: Mapping[int, Sequence[int]], *, since: datetime, limit: int) -> dict[int, list[tuple[int, int]]]:
    """Return for each mention those that share a key with it: (mention, story or 0), at most `limit`."""
    found: dict[int, list[tuple[int, int]]] = {}
    rows = [{"mention_id": mention, "keys": list(own)} for mention, own in keys.items() if own]
    if rows:
        _only_by_keys("off")
        for mention, other, story in _run(_CANDIDATES, rows=rows, since=since, limit=limit):
            found.setdefault(mention, []).append((other, story or 0))
        _only_by_keys("on")
    return found


def _only_by_keys(other_ways: str) -> None:
    """Have rows found by the index of keys alone: a small limit lets other ways look cheaper than they are."""
    _run(
        "SELECT set_config('enable_seqscan', %(value)s, true), set_config('enable_indexscan', %(value)s, true)",
        value=other_ways,
    )


# No order: where thousands were made from one mould, reading all of them for each would take for ever.
_CANDIDATES = """
SELECT fresh.mention_id, other.mention_id, other.story_id
FROM jsonb_to_recordset(%(rows)s::jsonb) AS fresh (mention_id bigint, keys bigint[])
CROSS JOIN LATERAL (
    SELECT mark.mention_id, mention.story_id
    FROM listening_fingerprint mark JOIN listening_mention mention ON mention.id = mark.mention_id
    WHERE mark.keys && fresh.keys AND mark.organization_id = %(organization)s AND mark.captured_at >= %(since)s
        AND mark.mention_id <> fresh.mention_id
    LIMIT %(limit)s
) other
"""


def first_of(stories: Iterable[int]) -> dict[int, int]:
    """Return the first mention of each story."""
    return dict(_run(_FIRST, stories=list(stories)))


_FIRST = """
SELECT story.id, (SELECT min(mention.id) FROM listening_mention mention WHERE mention.story_id = story.id)
FROM listening_story story WHERE story.organization_id = %(organization)s AND story.id = ANY (%(stories)s)
"""


def write_fingerprints(rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep what was looked at, with the keys under which others find it."""
    _run(_FINGERPRINTS, rows=rows)


_FINGERPRINTS = """
INSERT INTO listening_fingerprint AS mark (organization_id, mention_id, keys, captured_at, is_stale)
SELECT %(organization)s, item.mention_id, item.keys, item.captured_at, false
FROM jsonb_to_recordset(%(rows)s::jsonb) AS item (mention_id bigint, keys bigint[], captured_at timestamptz)
ON CONFLICT (mention_id) DO UPDATE SET keys = excluded.keys, is_stale = false
"""


def mark_stale(posts: Iterable[int]) -> None:
    """Have the mentions of these posts looked at again, for they say something else or nothing now."""
    _run(_STALE, posts=list(posts))


_STALE = """
INSERT INTO listening_fingerprint AS mark (organization_id, mention_id, keys, captured_at, is_stale)
SELECT %(organization)s, mention.id, '{}', mention.captured_at, true
FROM listening_mention mention WHERE mention.organization_id = %(organization)s AND mention.post_id = ANY (%(posts)s)
ORDER BY mention.id
ON CONFLICT (mention_id) DO UPDATE SET is_stale = true
"""


def place(stories: Mapping[int, int | None]) -> None:
    """Put mentions into stories, or out of any."""
    rows = [{"mention_id": mention, "story_id": stories[mention]} for mention in sorted(stories)]
    if rows:
        _run(_PLACE, rows=rows)


_PLACE = """
UPDATE listening_mention mention SET story_id = item.story_id
FROM jsonb_to_recordset(%(rows)s::jsonb) AS item (mention_id bigint, story_id bigint)
WHERE mention.id = item.mention_id AND mention.organization_id = %(organization)s
"""


def count_again(stories: Iterable[int]) -> None:
    """Say anew how large stories are, when they were told and what they are called; withdrawn posts count no more."""
    keys = sorted(set(stories))
    if keys:
        _run(_COUNT, stories=keys)


_COUNT = """
WITH told AS (
    SELECT mention.story_id, count(*) AS size, min(mention.id) AS lead,
        min(LEAST(COALESCE(post.published_at, post.captured_at), post.captured_at)) AS first_at,
        max(LEAST(COALESCE(post.published_at, post.captured_at), post.captured_at)) AS last_at
    FROM listening_mention mention JOIN listening_post post ON post.id = mention.post_id
    WHERE mention.story_id = ANY (%(stories)s) AND mention.organization_id = %(organization)s
        AND post.withdrawn_at IS NULL
    GROUP BY mention.story_id
), named AS (
    SELECT told.*, left(COALESCE(NULLIF(btrim(post.title), ''), btrim(post.text)), 300) AS headline
    FROM told JOIN listening_mention mention ON mention.id = told.lead
        JOIN listening_post post ON post.id = mention.post_id
)
UPDATE listening_story story
SET size = COALESCE(named.size, 0), headline = COALESCE(named.headline, ''),
    first_at = COALESCE(named.first_at, story.first_at), last_at = COALESCE(named.last_at, story.last_at)
FROM unnest(%(stories)s::bigint[]) AS wanted (id) LEFT JOIN named ON named.story_id = wanted.id
WHERE story.id = wanted.id AND story.organization_id = %(organization)s
"""


def miscounted() -> list[int]:
    """Return stories whose size is not that of their mentions: some were cleaned up meanwhile."""
    return [key for (key,) in _run(_MISCOUNTED)]


_MISCOUNTED = """
SELECT story.id FROM listening_story story LEFT JOIN (
    SELECT mention.story_id, count(*) AS size
    FROM listening_mention mention JOIN listening_post post ON post.id = mention.post_id
    WHERE mention.story_id IS NOT NULL AND mention.organization_id = %(organization)s AND post.withdrawn_at IS NULL
    GROUP BY mention.story_id
) told ON told.story_id = story.id
WHERE story.organization_id = %(organization)s AND story.size <> COALESCE(told.size, 0)
"""


def _run(statement: str, **values: Any) -> list[tuple[Any, ...]]:
    if "rows" in values:
        values["rows"] = json.dumps(list(values["rows"]), default=_plain)
    with connection.cursor() as cursor:
        cursor.execute(statement, {"organization": active_organization_id(), **values})
        return cursor.fetchall() if cursor.description else []


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be written.")
