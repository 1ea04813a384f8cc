"""The statements by which ingest writes: each takes a whole batch as one JSON document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from django.db import connection

from roles.tenancy import active_organization_id

Row = Mapping[str, Any]


class Written(NamedTuple):
    """A post that was new, and the mention that it became, if it did."""

    remote_id: str
    post_id: int
    author_id: int | None
    mention_id: int | None


def write_authors(network: str, rows: Iterable[Row], *, at: datetime) -> None:
    """Write authors that are new, and what changed about those who are known."""
    # In one order everywhere, so that two batches never wait for each other.
    ordered = sorted(rows, key=lambda row: str(row["remote_id"]))
    if ordered:
        _run(_AUTHORS, rows=ordered, network=network, at=at)


_AUTHORS = """
WITH written AS (
    INSERT INTO listening_author AS author (organization_id, network, remote_id, handle, name, url, followers,
        first_seen_at)
    SELECT %(organization)s, %(network)s, item.remote_id, item.handle, item.name, item.url, item.followers, %(at)s
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS item (remote_id text, handle text, name text, url text,
        followers bigint)
    ON CONFLICT (organization_id, network, remote_id) DO UPDATE
    SET handle = excluded.handle, name = excluded.name, url = excluded.url,
        followers = coalesce(excluded.followers, author.followers)
    WHERE (author.handle, author.name, author.url) IS DISTINCT FROM (excluded.handle, excluded.name, excluded.url)
        OR excluded.followers <> coalesce(author.followers, -1)
    RETURNING id, handle, name, url
), renamed AS (
    -- A statement sees the table as it was before it.
    SELECT written.id FROM written JOIN listening_author AS before ON before.id = written.id
    WHERE (before.handle, before.name, before.url) IS DISTINCT FROM (written.handle, written.name, written.url)
)
-- Who is called otherwise now is found by the new name, as far as people look back.
INSERT INTO listening_posttoindex (post_id)
SELECT post.id FROM renamed CROSS JOIN LATERAL (
    SELECT id FROM listening_post WHERE author_id = renamed.id ORDER BY id DESC LIMIT 500
) AS post
"""


def write_posts(network: str, posts: Sequence[Row], matches: Sequence[Row], *, at: datetime) -> list[Written]:
    """Write new posts with their mentions and matches; what somebody else wrote meanwhile is passed over."""
    return [Written(*row) for row in _run(_POSTS, rows=posts, matches=matches, network=network, at=at)]


# What the machine makes of a post.
_JUDGED = """language_found text, sentiment smallint, sentiment_score double precision, relevance double precision,
    topic_id bigint, topic_score double precision, judged_by text"""

# A topic that is being merged at this moment is waited for, and then gone.
_TOPICS = """
    SELECT id FROM listening_topic WHERE organization_id = %(organization)s AND id IN (SELECT topic_id FROM item)
    ORDER BY id FOR KEY SHARE
"""

_POSTS = """
WITH item AS (
    -- Not jsonb: each value is read once, so that building a tree of them first only costs.
    SELECT * FROM json_to_recordset(%(rows)s::json) AS t (
        number int, source_id bigint, is_internal boolean, remote_id text, author text, url text, url_key text,
        piece text, title text, text text, language text, conversation text, in_reply_to text, media jsonb,
        is_ours boolean, published_at timestamptz, edited_at timestamptz, content_digest text, problems jsonb,
        is_mention boolean, is_old boolean, channel_id bigint, query_ids bigint[], {judged}
    )
), topic AS ({topics}), post AS (
    INSERT INTO listening_post (
        organization_id, network, remote_id, source_id, author_id, url, url_key, piece, title, text, language,
        conversation, in_reply_to, media, is_internal, is_ours, published_at, edited_at, captured_at, content_digest,
        revision_count, problems
    )
    SELECT %(organization)s, %(network)s, item.remote_id, item.source_id, author.id, item.url, item.url_key,
        item.piece, item.title, item.text, item.language, item.conversation, item.in_reply_to, item.media,
        item.is_internal, item.is_ours, item.published_at, item.edited_at, %(at)s, item.content_digest, 1, item.problems
    FROM item LEFT JOIN listening_author author
        ON author.organization_id = %(organization)s AND author.network = %(network)s AND author.remote_id = item.author
    ORDER BY item.number
    ON CONFLICT DO NOTHING
    RETURNING id, remote_id, author_id
), unread AS (
    INSERT INTO listening_posttoindex (post_id) SELECT id FROM post
), mention AS (
    INSERT INTO listening_mention (
        organization_id, post_id, network, source_id, channel_id, query_ids, state, captured_at, triage_reason, is_old,
        language, sentiment, sentiment_score, relevance, topic_id, topic_score, judged_by, followers
    )
    SELECT %(organization)s, post.id, %(network)s, item.source_id, item.channel_id, item.query_ids, 'untriaged',
        %(at)s, '', item.is_old, item.language_found, item.sentiment, item.sentiment_score, item.relevance, topic.id,
        CASE WHEN topic.id IS NOT NULL THEN item.topic_score END, item.judged_by, author.followers
    FROM post JOIN item USING (remote_id) LEFT JOIN topic ON topic.id = item.topic_id
        LEFT JOIN listening_author author ON author.id = post.author_id
    WHERE item.is_mention
    ORDER BY item.number
    RETURNING id, post_id
), hit AS (
    -- A query that is being removed at this moment is waited for, and then gone.
    INSERT INTO listening_mentionmatch (organization_id, mention_id, query_id, spans)
    SELECT %(organization)s, mention.id, query.id, t.spans
    FROM jsonb_to_recordset(%(matches)s::jsonb) AS t (remote_id text, query_id bigint, spans jsonb)
    JOIN post USING (remote_id)
    JOIN mention ON mention.post_id = post.id
    JOIN listening_trackingquery query ON query.id = t.query_id
    FOR KEY SHARE OF query
)
SELECT post.remote_id, post.id, post.author_id, mention.id
FROM post LEFT JOIN mention ON mention.post_id = post.id
ORDER BY post.id
""".replace("{judged}", _JUDGED).replace("{topics}", _TOPICS)


def revise_posts(rows: Sequence[Row], *, at: datetime) -> list[int]:
    """Write new versions of known posts, the earlier ones into their revisions; returns the posts' keys."""
    return [key for (key,) in _run(_REVISE, rows=rows, at=at)]


_REVISE = """
WITH item AS (
    SELECT * FROM jsonb_to_recordset(%(rows)s::jsonb) AS t (
        id bigint, known_digest text, remote_id text, url text, url_key text, piece text, title text, text text,
        language text, media jsonb, edited_at timestamptz, content_digest text, problems jsonb
    )
), before AS (
    SELECT post.id, post.title, post.text, post.revision_count, post.captured_at
    FROM listening_post post JOIN item USING (id)
    WHERE post.organization_id = %(organization)s
        AND post.content_digest = item.known_digest AND post.withdrawn_at IS NULL
    ORDER BY post.id
    FOR UPDATE OF post
), kept AS (
    INSERT INTO listening_revision (organization_id, post_id, number, title, text, seen_at)
    SELECT %(organization)s, before.id, 1, before.title, before.text, before.captured_at
    FROM before WHERE before.revision_count = 1
    UNION ALL
    SELECT %(organization)s, before.id, before.revision_count + 1, item.title, item.text, %(at)s
    FROM before JOIN item USING (id)
), unread AS (
    INSERT INTO listening_posttoindex (post_id) SELECT id FROM before
)
UPDATE listening_post post
SET remote_id = item.remote_id, url = item.url, url_key = item.url_key, piece = item.piece, title = item.title,
    text = item.text, language = item.language, media = item.media, problems = item.problems,
    content_digest = item.content_digest, edited_at = COALESCE(item.edited_at, %(at)s),
    revision_count = before.revision_count + 1
FROM before JOIN item USING (id)
WHERE post.id = before.id
RETURNING post.id
"""


def rename_posts(rows: Sequence[Row]) -> None:
    """Give posts the new ids under which their place lists them now."""
    if rows:
        _run(_RENAME, rows=rows)


_RENAME = """
UPDATE listening_post post SET remote_id = item.remote_id
FROM jsonb_to_recordset(%(rows)s::jsonb) AS item (id bigint, remote_id text)
WHERE post.id = item.id AND post.organization_id = %(organization)s
"""


def adopt_posts(rows: Sequence[Row]) -> None:
    """Give posts whose source was removed to the source that lists them now, and their mentions with them."""
    if rows:
        _run(_ADOPT, rows=rows)


_ADOPT = """
WITH post AS (
    UPDATE listening_post post SET source_id = item.source_id
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS item (id bigint, source_id bigint)
    WHERE post.id = item.id AND post.source_id IS NULL AND post.organization_id = %(organization)s
    RETURNING post.id, post.source_id
), unread AS (
    INSERT INTO listening_posttoindex (post_id) SELECT id FROM post
)
UPDATE listening_mention mention SET source_id = post.source_id
FROM post WHERE mention.post_id = post.id AND mention.source_id IS NULL
"""


def match_again(mentions: Sequence[Row], matches: Sequence[Row]) -> None:
    """Add queries that match an edited post, and move the marks to where the words are now."""
    _run(_MARKS_GONE, rows=mentions)
    _run(_MATCH_AGAIN, rows=mentions, matches=matches)


_MARKS_GONE = """
UPDATE listening_mentionmatch hit SET spans = '[]'
FROM jsonb_to_recordset(%(rows)s::jsonb) AS item (id bigint)
WHERE hit.mention_id = item.id AND hit.organization_id = %(organization)s
"""

_MATCH_AGAIN = """
WITH mention AS (
    UPDATE listening_mention mention
    SET query_ids = mention.query_ids || ARRAY(
            SELECT fresh FROM unnest(item.query_ids) AS fresh WHERE fresh <> ALL (mention.query_ids) ORDER BY fresh
        ),
        channel_id = COALESCE(mention.channel_id, item.channel_id)
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS item (id bigint, query_ids bigint[], channel_id bigint)
    WHERE mention.id = item.id AND mention.organization_id = %(organization)s
    RETURNING mention.id
)
INSERT INTO listening_mentionmatch AS hit (organization_id, mention_id, query_id, spans)
SELECT %(organization)s, mention.id, query.id, t.spans
FROM jsonb_to_recordset(%(matches)s::jsonb) AS t (mention_id bigint, query_id bigint, spans jsonb)
JOIN mention ON mention.id = t.mention_id
JOIN listening_trackingquery query ON query.id = t.query_id
FOR KEY SHARE OF query
ON CONFLICT (mention_id, query_id) DO UPDATE SET spans = excluded.spans
"""


def mention_posts(network: str, rows: Sequence[Row], *, at: datetime) -> dict[int, int]:
    """Make mentions of known posts that concern us since their edit; returns mentions' keys by posts' keys."""
    found = _run(_MENTION, rows=rows, network=network, at=at)
    return {post: mention for mention, post in found}


_MENTION = """
WITH item AS (
    SELECT * FROM jsonb_to_recordset(%(rows)s::jsonb)
        AS t (post_id bigint, source_id bigint, channel_id bigint, query_ids bigint[], {judged})
), topic AS ({topics})
INSERT INTO listening_mention (
    organization_id, post_id, network, source_id, channel_id, query_ids, state, captured_at, triage_reason,
    language, sentiment, sentiment_score, relevance, topic_id, topic_score, judged_by, followers
)
SELECT %(organization)s, item.post_id, %(network)s, item.source_id, item.channel_id, item.query_ids, 'untriaged',
    %(at)s, '', item.language_found, item.sentiment, item.sentiment_score, item.relevance, topic.id,
    CASE WHEN topic.id IS NOT NULL THEN item.topic_score END, item.judged_by, author.followers
FROM item LEFT JOIN topic ON topic.id = item.topic_id
    JOIN listening_post post ON post.id = item.post_id LEFT JOIN listening_author author ON author.id = post.author_id
ORDER BY item.post_id
ON CONFLICT (post_id) DO NOTHING
RETURNING id, post_id
""".replace("{judged}", _JUDGED).replace("{topics}", _TOPICS)


def judge_mentions(rows: Sequence[Row]) -> None:
    """Write what the machine makes of mentions now, unless their posts say something else by now.

    What a person said stands. Topics are held first and then the mentions, as by those who correct; only then is it
    looked up what people said, so that a correction of this very moment is found.
    """
    if not rows:
        return
    _run(_HOLD_TOPICS, rows=rows)
    _run(_HOLD_MENTIONS, rows=rows)
    _run(_JUDGE, rows=rows)


_HOLD_TOPICS = """
WITH item AS (SELECT topic_id FROM jsonb_to_recordset(%(rows)s::jsonb) AS t (topic_id bigint))
{topics}
""".replace("{topics}", _TOPICS)

_HOLD_MENTIONS = """
SELECT id FROM listening_mention
WHERE organization_id = %(organization)s
    AND id IN (SELECT id FROM jsonb_to_recordset(%(rows)s::jsonb) AS t (id bigint))
ORDER BY id FOR NO KEY UPDATE
"""

_JUDGE = """
WITH item AS (
    SELECT * FROM jsonb_to_recordset(%(rows)s::jsonb) AS t (id bigint, digest text, {judged})
), said AS (
    SELECT mention_id AS id, array_agg(kind) AS kinds FROM listening_correction
    WHERE organization_id = %(organization)s AND mention_id IN (SELECT id FROM item)
    GROUP BY mention_id
), judged AS (
    SELECT item.id, item.digest, item.language_found, item.sentiment, item.sentiment_score, item.relevance,
        topic.id AS topic_id, CASE WHEN topic.id IS NOT NULL THEN item.topic_score END AS topic_score,
        item.judged_by, COALESCE(said.kinds, '{}') AS kinds
    FROM item LEFT JOIN said ON said.id = item.id LEFT JOIN listening_topic topic ON topic.id = item.topic_id
)
UPDATE listening_mention mention
SET language = CASE WHEN 'language' = ANY (kinds) THEN mention.language ELSE language_found END,
    sentiment = CASE WHEN 'sentiment' = ANY (kinds) THEN mention.sentiment ELSE judged.sentiment END,
    sentiment_score = CASE WHEN 'sentiment' = ANY (kinds) THEN mention.sentiment_score
        ELSE judged.sentiment_score END,
    topic_id = CASE WHEN 'topic' = ANY (kinds) THEN mention.topic_id ELSE judged.topic_id END,
    topic_score = CASE WHEN 'topic' = ANY (kinds) THEN mention.topic_score ELSE judged.topic_score END,
    relevance = judged.relevance,
    -- Who judged in another language than a person has just said must judge again.
    judged_by = CASE WHEN 'language' = ANY (kinds) AND mention.language <> language_found THEN ''
        ELSE judged.judged_by END
FROM judged, listening_post post
WHERE mention.id = judged.id AND mention.organization_id = %(organization)s
    AND post.id = mention.post_id AND post.content_digest = judged.digest
""".replace("{judged}", _JUDGED)


def write_tombstones(network: str, remote_ids: Iterable[str], reason: str, *, at: datetime) -> None:
    """Mark ids that must not return."""
    rows = [{"remote_id": remote_id} for remote_id in sorted(remote_ids)]
    if rows:
        _run(_TOMBSTONES, rows=rows, network=network, reason=reason, at=at)


_TOMBSTONES = """
INSERT INTO listening_tombstone (organization_id, network, remote_id, reason, at)
SELECT %(organization)s, %(network)s, item.remote_id, %(reason)s, %(at)s
FROM jsonb_to_recordset(%(rows)s::jsonb) AS item (remote_id text)
ON CONFLICT (organization_id, network, remote_id) DO NOTHING
"""


def _run(statement: str, *, rows: Any, **values: Any) -> list[tuple[Any, ...]]:
    for name in ("rows", "matches"):
        if name in values or name == "rows":
            values[name] = orjson.dumps(rows if name == "rows" else values[name], default=_plain).decode()
    with connection.cursor() as cursor:
        cursor.execute(statement, {"organization": active_organization_id(), **values})
        return cursor.fetchall() if cursor.description else []


def _plain(value: object) -> list[Any]:
    if isinstance(value, tuple):  # a span
        return list(value)
    raise TypeError(f"{type(value).__name__} cannot be written.")
