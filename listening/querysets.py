"""Reads of listening that have a name. Raw SQL that writes batches stands in `writing.py` and `housekeeping.py`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import Count, DecimalField, OuterRef, Q, Subquery, Sum, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from roles.tenancy import OwnedQuerySet, active_organization_id

# Where a mention stands that nobody can say more about: between what matters and what does not.
UNKNOWN_RELEVANCE = Value(0.5)

STORY_ORDERS = {"newest": _("Newest"), "largest": _("Largest"), "growing": _("Fastest growing")}

if TYPE_CHECKING:
    from listening.models import EarlyWarning, Mention, Poll, Post, Source, Story, TrackingQuery  # noqa: F401
    from listening.searching.search import Search


class Known(NamedTuple):
    """What ingest needs to know of a post in order to tell whether it changed."""

    pk: int
    remote_id: str
    content_digest: str
    url_key: str
    source_id: int | None
    withdrawn_at: datetime | None
    cleaned_at: datetime | None


class PollQuerySet(OwnedQuerySet["Poll"]):
    """Polls of the active organization."""


class TrackingQueryQuerySet(OwnedQuerySet["TrackingQuery"]):
    """Tracking queries of the active organization."""

    def active(self) -> Self:
        """Those that are listened for."""
        return self.filter(is_active=True)

    def with_last_match(self) -> Self:
        """With `last_match_at`, when what they found last was captured."""
        from listening.models import MentionMatch

        last = MentionMatch.objects.filter(query=OuterRef("pk")).order_by("-mention")
        return self.annotate(last_match_at=Subquery(last.values("mention__captured_at")[:1]))

    def stamp(self) -> tuple[object, ...]:
        """What changes whenever one of them is added, changed or removed, by whomever and in whatever order.

        Every committed change makes a new version of its row, wherever the clock of whoever changed it stood.
        """
        version = RawSQL("hashtextextended(id || ' ' || xmin || ' ' || ctid::text, 0)::numeric", [])
        found = self.aggregate(count=Count("pk"), versions=Sum(version, output_field=DecimalField()))
        return tuple(found.values())


class PostQuerySet(OwnedQuerySet["Post"]):
    """Posts of the active organization."""

    def known(self, network: str, remote_ids: Iterable[str]) -> list[Known]:
        """Those of a network that have one of these ids, as ingest compares them."""
        return _compared("network = %s AND remote_id = ANY(%s)", [network, list(remote_ids)])

    def at_addresses(self, source_ids: Iterable[int], url_keys: Iterable[str]) -> list[Known]:
        """Those of some sources that stand at one of these addresses, not withdrawn, as ingest compares them."""
        where = "source_id = ANY(%s) AND url_key = ANY(%s) AND url_key <> '' AND withdrawn_at IS NULL"
        return _compared(where, [list(source_ids), list(url_keys)])

    def same_piece(self, post: Post) -> Self:
        """The other tellings of the post's piece, in whatever source and format, the first captured first."""
        rows = self.filter(piece=post.piece, withdrawn_at=None).exclude(piece="").exclude(pk=post.pk)
        return rows.order_by("pk")

    def search(self, search: Search) -> Self:
        """Those that a search finds; it says whether there may be more (`is_cut`). Run it within `patience`."""
        return search.narrow(self, post="pk")

    def in_conversation(self, post: Post) -> Self:
        """All posts of the post's conversation, the oldest first."""
        if not post.conversation:
            return self.filter(pk=post.pk)
        rows = self.filter(network=post.network, conversation=post.conversation)
        return rows.order_by("published_at", "pk")


def _compared(where: str, params: list[Any]) -> list[Known]:
    # By hand: the ORM takes as long for a list of 500 ids as the database does.
    columns = ", ".join(("id", *Known._fields[1:]))
    # The names are those above, values go as parameters.
    statement = f"SELECT {columns} FROM listening_post WHERE organization_id = %s AND {where}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, [active_organization_id(), *params])
        return [Known(*row) for row in cursor.fetchall()]


class MentionQuerySet(OwnedQuerySet["Mention"]):
    """Mentions of the active organization."""

    def untriaged(self) -> Self:
        """The stream: what nobody and no rule has placed yet."""
        return self.filter(state="untriaged")

    def found_relevant(self) -> Self:
        """Those that a person kept or gave to a department: what relevance is learned from."""
        return self.filter(Q(state="kept") | Q(state="routed", triaged_by__isnull=False))

    def found_not_relevant(self) -> Self:
        """Those that a person dismissed for what they say; one that was seen already says nothing of itself."""
        return self.filter(state="dismissed", triaged_by__isnull=False).exclude(triage_code="duplicate")

    def most_relevant_first(self) -> Self:
        """In the order of relevance, the newest first where it is the same; what is not known stands in the middle."""
        return self.alias(weight=Coalesce("relevance", UNKNOWN_RELEVANCE)).order_by("-weight", "-pk")

    def less_relevant_than(self, mention: Mention) -> Self:
        """Those that come after this one in the order of relevance."""
        weight = UNKNOWN_RELEVANCE.value if mention.relevance is None else mention.relevance
        rows = self.alias(weight=Coalesce("relevance", UNKNOWN_RELEVANCE))
        return rows.filter(Q(weight__lt=weight) | Q(weight=weight, pk__lt=mention.pk), weight__lte=weight)

    def in_language(self, language: str) -> Self:
        """Written in this language."""
        return self.filter(language=language)

    def about(self, topic_id: int) -> Self:
        """About this topic, whether a person gave it or a machine suggests it."""
        return self.filter(topic=topic_id)

    def unjudged(self) -> Self:
        """Those that wait for a judgement: of language, sentiment, relevance and topic."""
        return self.filter(judged_by="")

    def search(self, search: Search) -> Self:
        """Those whose post a search finds, asked in their order, the last of all filters. Run it within `patience`."""
        return search.narrow(self)

    def with_posts(self) -> Self:
        """With post, author and source read along."""
        return self.select_related("post__author", "source", "channel", "department", "topic")

    def for_stream(self) -> Self:
        """With everything that a line of the stream shows."""
        return self.with_posts().select_related("story")

    def of_story(self, story: Story) -> Self:
        """The tellings of a story, the first captured first."""
        return self.filter(story=story).order_by("pk")

    def with_waiting(self, most: int) -> Self:
        """With `waiting`, the keys of those of its story that wait, itself among them, at most so many."""
        behind = self.model.objects.filter(story=OuterRef("story"), state="untriaged").order_by("pk").values("pk")
        return self.annotate(waiting=ArraySubquery(behind[:most]))


class StoryQuerySet(OwnedQuerySet["Story"]):
    """Stories of the active organization."""

    def told(self) -> Self:
        """Those that stand at more than one place."""
        return self.filter(size__gt=1)

    def since(self, at: datetime) -> Self:
        """Those that were told at this moment or later."""
        return self.filter(last_at__gte=at)

    def in_order(self, order: str, *, since: datetime) -> Self:
        """The newest, the largest, or those that grew most since a moment first."""
        if order == "largest":
            return self.order_by("-size", "-pk")
        if order == "growing":
            recent = Count("mentions", filter=Q(mentions__captured_at__gte=since))
            return self.since(since).annotate(recent=recent).order_by("-recent", "-pk")
        return self.order_by("-last_at", "-pk")

    def after(self, story: Story, order: str) -> Self:
        """Those that come after this one where the newest or the largest stand first."""
        column = "size" if order == "largest" else "last_at"
        value = getattr(story, column)
        return self.filter(Q(**{f"{column}__lt": value}) | Q(**{column: value, "pk__lt": story.pk}))


class EarlyWarningQuerySet(OwnedQuerySet["EarlyWarning"]):
    """Warnings of the active organization."""

    def open(self) -> Self:
        """Those that nobody has closed."""
        return self.exclude(state="closed")

    def closed(self) -> Self:
        """Those of which is noted how they ended."""
        return self.filter(state="closed")

    def with_everything(self) -> Self:
        """With story, event and people read along."""
        return self.select_related(
            "story", "series", "known_event", "acknowledged_by__user", "closed_by__user", "raised_by__user"
        )

    def running_since(self, at: datetime) -> Self:
        """Those of a watched series that are running, or ran after this moment."""
        return self.filter(series__isnull=False).exclude(ended_at__lt=at).exclude(closed_at__lt=at)
