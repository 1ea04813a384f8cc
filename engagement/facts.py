"""What routing knows of a mention: everything that conditions may ask for, read for a whole batch beforehand.

Only what some rule asks for is read, so a batch costs the same few statements however many mentions and rules it has.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

from engagement.models import Contact
from listening.matching import Document, Matcher, QueryError, compile, parse
from listening.models import EarlyWarning, Mention, Post, Source, Story
from roles.tenancy import active_organization

LINK = re.compile(r"https?://", re.IGNORECASE)
ALONE = 1


@dataclass(frozen=True)
class Running:
    """A warning about a query or topic, and when it ran."""

    query_id: int | None
    topic_id: int | None
    began_at: datetime
    ended_at: datetime | None

    def was_on(self, at: datetime) -> bool:
        """Whether it was running then."""
        return self.began_at <= at and (self.ended_at is None or self.ended_at >= at)


@dataclass(frozen=True)
class Beforehand:
    """What was read for a batch."""

    zone: ZoneInfo
    words: Words
    sources: Mapping[int, str] = field(default_factory=dict)
    # Since when we speak with an author.
    contacts: Mapping[int, datetime] = field(default_factory=dict)
    story_sizes: Mapping[int, int] = field(default_factory=dict)
    warnings: Sequence[Running] = ()


class Words:
    """All expressions that some rules ask for, compiled together."""

    def __init__(self, expressions: Sequence[str]) -> None:
        self.numbers = {expression: number for number, expression in enumerate(expressions)}
        self.matcher: Matcher = _matcher(tuple(expressions)) if expressions else compile({})


@lru_cache(maxsize=64)
def _matcher(expressions: tuple[str, ...]) -> Matcher:
    return compile({number: parse(expression) for number, expression in enumerate(expressions)})


def can_be_read(expression: str) -> bool:
    """Whether words are in the query language as it is today."""
    try:
        parse(expression)
    except QueryError:
        return False
    return True


class MentionFacts:
    """The facts of one mention; what takes work is worked out when a condition asks for it."""

    def __init__(self, mention: Mention, before: Beforehand) -> None:
        self.mention, self.before = mention, before
        self.query_ids: frozenset[int] = frozenset(mention.query_ids)
        # A rule that goes on may say what it is about; later rules then ask for that.
        self.topic_id: int | None = mention.topic_id
        self.source_id: int | None = mention.source_id
        self.channel_id: int | None = mention.channel_id
        self.network: str = mention.network
        self.language: str = mention.language
        self.sentiment: int | None = mention.sentiment
        self.sentiment_score: float | None = mention.sentiment_score
        self.relevance: float | None = mention.relevance

    @property
    def post(self) -> Post:
        """The mention's post."""
        return self.mention.post

    @property
    def handle(self) -> str:
        """The author's handle, or nothing."""
        return self.post.author.handle if self.post.author else ""

    @property
    def author_name(self) -> str:
        """The author's name, or nothing."""
        return self.post.author.name if self.post.author else ""

    @property
    def followers(self) -> int | None:
        """How many follow the author; None where the network never said."""
        return self.post.author.followers if self.post.author else None

    @property
    def spoke_before(self) -> bool:
        """Whether we had answered this author before the mention came."""
        since = self.before.contacts.get(self.post.author_id or 0)
        return since is not None and since < self.mention.captured_at

    @property
    def is_internal(self) -> bool:
        """Whether it was said internally."""
        return self.post.is_internal

    @property
    def is_reply(self) -> bool:
        """Whether it answers another post."""
        return bool(self.post.in_reply_to)

    @property
    def has_media(self) -> bool:
        """Whether something is attached."""
        return bool(self.post.media)

    @property
    def has_link(self) -> bool:
        """Whether its words hold an address."""
        return LINK.search(self.post.text) is not None

    @cached_property
    def _local(self) -> datetime:
        return self.mention.captured_at.astimezone(self.before.zone)

    @property
    def hour(self) -> int:
        """The hour of the capture by the organization's clock."""
        return self._local.hour

    @property
    def weekday(self) -> int:
        """The day of the capture by the organization's clock, Monday being 1."""
        return self._local.isoweekday()

    @property
    def story_size(self) -> int:
        """How often it was told, as far as is known."""
        return self.before.story_sizes.get(self.mention.story_id or 0, ALONE)

    @property
    def has_warning(self) -> bool:
        """Whether a warning ran for one of its queries or its topic when it came."""
        at = self.mention.captured_at
        return any(
            warning.was_on(at) and (warning.query_id in self.query_ids or (warning.topic_id or 0) == self.topic_id)
            for warning in self.before.warnings
        )

    @cached_property
    def _said(self) -> set[int]:
        return self.before.words.matcher.which(document_of(self.mention, self.before.sources))

    def says(self, words: str) -> bool:
        """Whether an expression that was compiled beforehand holds of the post."""
        return self.before.words.numbers[words] in self._said


def document_of(mention: Mention, sources: Mapping[int, str]) -> Document:
    """Return the mention's post as the query language sees it."""
    post: Post = mention.post
    return Document(
        text=post.text,
        title=post.title,
        author=post.author.name if post.author else "",
        handle=post.author.handle if post.author else "",
        network=post.network,
        source=sources.get(mention.source_id or 0, ""),
        language=post.language or mention.language,
        url=post.url,
        has_media=bool(post.media),
        is_reply=bool(post.in_reply_to),
    )


def read_beforehand(mentions: Sequence[Mention], *, asked: Collection[str], words: Words) -> Beforehand:
    """Read for a batch what conditions on the `asked` fields need; inside the organization."""
    contacts: dict[int, datetime] = {}
    sizes: dict[int, int] = {}
    warnings: list[Running] = []
    if "spoke_before" in asked:
        authors = {mention.post.author_id for mention in mentions} - {None}
        contacts = dict(Contact.objects.filter(author__in=authors).values_list("author_id", "first_at"))
    if "story_size" in asked and (stories := {mention.story_id for mention in mentions if mention.story_id}):
        sizes = dict(Story.objects.filter(pk__in=stories).values_list("pk", "size"))
    if "warning" in asked and mentions:
        warnings = _warnings(min(mention.captured_at for mention in mentions))
    # Only words can ask for a source by its name.
    sources = {source.pk: str(source) for source in Source.objects.all()} if words.numbers else {}
    return Beforehand(active_organization().zone, words, sources, contacts, sizes, warnings)


def _warnings(since: datetime) -> list[Running]:
    found = EarlyWarning.objects.running_since(since).values_list(
        "series__query_id", "series__topic_id", "began_at", "ended_at", "closed_at"
    )
    return [
        Running(query, topic, began, min(filter(None, (ended, closed)), default=None))
        for query, topic, began, ended, closed in found
        if query or topic
    ]
