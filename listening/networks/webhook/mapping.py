"""From the JSON that a program sends to posts, by expressions that say where each thing stands in it (JMESPath)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from listening.networks.feed.dates import read_date
from listening.networks.feed.text import plain_text, plain_title
from listening.networks.protocols import RemoteAuthor, RemotePost
from listening.networks.words import _

# What can be taken from a body, and where it mostly stands. `posts` is the list; empty: the body is one post.
FIELDS: Mapping[str, str] = {
    "posts": "",
    "id": "id",
    "text": "text || content || body || message",
    "title": "title || subject",
    "url": "url || link || permalink",
    "author_id": "author.id || author.url || author.handle",
    "author_handle": "author.handle || author.username",
    "author_name": "author.name || author",
    "published_at": "published_at || created_at || date || timestamp",
    "language": "language || lang",
    "in_reply_to": "in_reply_to",
    "conversation": "conversation || thread_id",
    "deleted": "deleted",
}
MOST_POSTS = 500
LONGEST_EXPRESSION = 300


class Unmapped(ValueError):
    """The body cannot be mapped; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """What a body gives: its posts, and what in it was left out, in sentences."""

    posts: tuple[RemotePost, ...]
    problems: tuple[str, ...] = ()


def check_expression(expression: str) -> str:
    """Return an expression as it is kept; raises Unmapped with what is wrong about it."""
    text = expression.strip()
    if len(text) > LONGEST_EXPRESSION:
        raise Unmapped(_("An expression has at most %(longest)s characters.", longest=LONGEST_EXPRESSION))
    if text:
        try:
            tree = jmespath.compile(text).parsed
        except (JMESPathError, RecursionError) as problem:
            raise Unmapped(
                _("“%(text)s” cannot be read: %(problem)s", text=text, problem=str(problem).splitlines()[0])
            ) from problem
        if bad := _kinds_in(tree) - _KINDS:
            made = ", ".join(sorted(bad))
            raise Unmapped(
                _("“%(text)s” makes something new (%(made)s); say only where a thing stands.", text=text, made=made)
            )
    return text


# What finds something. What builds lists and objects anew, or calls functions, can double what it is given.
_KINDS = frozenset({
    "and_expression", "comparator", "current", "field", "filter_projection", "flatten", "identity", "index",
    "index_expression", "literal", "not_expression", "or_expression", "pipe", "projection", "slice", "subexpression",
    "value_projection",
})  # fmt: skip


def _kinds_in(tree: Any) -> set[str]:
    return {tree["type"]}.union(*(_kinds_in(below) for below in tree["children"] if isinstance(below, dict)))


def read_body(body: bytes) -> Any:
    """Return the JSON of a body; raises Unmapped."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as problem:
        raise Unmapped(_("The body is not JSON.")) from problem


def map_body(body: bytes, mapping: Mapping[str, str]) -> Mapped:
    """Read the posts of a body; raises Unmapped where there is none in it."""
    said = read_body(body)
    where = mapping.get("posts", "")
    found = _search(where, said) if where else said
    items = found if isinstance(found, list) else [found]
    if where and found is None:
        raise Unmapped(_("There is nothing at “%(where)s” in the body.", where=where))
    posts, problems = [], []
    for place, item in enumerate(items[:MOST_POSTS], start=1):
        try:
            posts.append(_post(item, mapping))
        except Unmapped as problem:
            problems.append(
                _("Entry %(place)s: %(problem)s", place=place, problem=problem) if len(items) > 1 else str(problem)
            )
    if len(items) > MOST_POSTS:
        problems.append(_("Only the first %(most)s of %(all)s entries were taken.", most=MOST_POSTS, all=len(items)))
    if not posts:
        raise Unmapped(problems[0] if problems else _("There is no entry in the body."))
    return Mapped(tuple(posts), tuple(problems))


def _post(item: Any, mapping: Mapping[str, str]) -> RemotePost:
    if not isinstance(item, dict):
        raise Unmapped(_("It is no object with names and values."))

    def value(name: str) -> Any:
        expression = mapping.get(name, FIELDS[name])
        return _search(expression, item) if expression else None

    text, title = plain_text(_word(value("text"))), plain_title(_word(value("title")))
    own_id, is_deleted = _word(value("id")), value("deleted") in (True, "true")
    if not text and not title and not (is_deleted and own_id):
        where = " ".join(f"“{mapping.get(name, FIELDS[name]) or '–'}”" for name in ("text", "title"))
        raise Unmapped(_("It has neither a text nor a title where the mapping looks for them: %(where)s.", where=where))
    moment, problems = _moment(value("published_at"))
    if not own_id:
        own_id = sha256(json.dumps(item, sort_keys=True).encode()).hexdigest()
        problems.append(_("It has no id, so one was made from its content."))
    url = _word(value("url"))
    return RemotePost(
        id=own_id[:900],
        text=text,
        title=title,
        url=url[:4000] if url.startswith(("https://", "http://")) else "",
        author=RemoteAuthor(
            id=_word(value("author_id"))[:500] or _word(value("author_handle"))[:300],
            handle=_word(value("author_handle"))[:300],
            name=_word(value("author_name"))[:300],
        ),
        published_at=moment,
        language=_word(value("language"))[:10].lower(),
        in_reply_to=_word(value("in_reply_to"))[:900],
        conversation=_word(value("conversation"))[:900],
        deleted=is_deleted,
        problems=tuple(problems),
    )


def _search(expression: str, said: Any) -> Any:
    try:
        return jmespath.search(expression, said)
    except (JMESPathError, RecursionError) as problem:
        raise Unmapped(
            _("“%(expression)s” does not fit: %(problem)s", expression=expression, problem=str(problem).splitlines()[0])
        ) from problem


def _word(value: Any) -> str:
    """A value as text; what is no single value is nothing."""
    if value is None or isinstance(value, (dict, list, bool)):
        return ""
    return str(value).strip()


def _moment(value: Any) -> tuple[datetime | None, list[str]]:
    said = _word(value)
    if not said:
        return None, []
    try:
        number = float(said)
    except ValueError:
        moment, doubt = read_date(said)
        return moment, [doubt] if doubt else []
    # Seconds or milliseconds since 1970: the latter are a thousand times as many.
    seconds = number / 1000 if abs(number) > 1e11 else number
    try:
        return datetime.fromtimestamp(seconds, UTC), []
    except (ValueError, OverflowError, OSError):
        return None, [_("Its time cannot be read.")]
