"""A filter of the stream: everything it says stands in the address, so that it can be kept, shared and gone back to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from listening.matching import QueryError
from listening.models import Mention, MentionMatch
from listening.querysets import MentionQuerySet
from listening.searching.search import Search
from roles.keys import key_in

STATES = {*Mention.State.values, "all"}
NONE = "none"
LONGEST_SEARCH = 1000


def _key(text: str) -> str:
    return "" if key_in(text) is None else text


def _key_or_none(text: str) -> str:
    return text if text == NONE else _key(text)


def _one_of(*words: str) -> Callable[[str], str]:
    return lambda text: text if text in words else ""


def _word(text: str) -> str:
    return text if len(text) <= 40 and text.replace("-", "").replace("_", "").isalnum() else ""


def _day(text: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return ""
    return day.isoformat() if 1970 <= day.year < 2200 else ""


_CLEAN: dict[str, Callable[[str], str]] = {
    "state": _one_of(*STATES),
    "q": lambda text: text.strip()[:LONGEST_SEARCH],
    "network": _word,
    "query": _key,
    "source": _key,
    "topic": _key_or_none,
    "department": _key,
    "story": _key,
    "language": _word,
    "sentiment": _one_of("-1", "0", "1"),
    "internal": _one_of("yes", "no"),
    "since": _day,
    "until": _day,
    "order": _one_of("relevance"),
    "fold": _one_of("no"),
}


@dataclass(frozen=True)
class StreamFilter:
    """What of the stream to show; what makes no sense says nothing."""

    state: str = ""
    q: str = ""
    network: str = ""
    query: str = ""
    source: str = ""
    topic: str = ""
    department: str = ""
    story: str = ""
    language: str = ""
    sentiment: str = ""
    internal: str = ""
    since: str = ""
    until: str = ""
    order: str = ""
    fold: str = ""

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Self:
        """Read a filter from an address or form."""
        return cls(**{name: clean(str(said.get(name, ""))) for name, clean in _CLEAN.items()})

    @classmethod
    def read(cls, query: str) -> Self:
        """Read a filter as it is kept."""
        try:
            return cls.of(dict(parse_qsl(query.lstrip("?"))))
        except ValueError:  # more fields than anyone means
            return cls()

    def as_query(self) -> dict[str, str]:
        """What the filter says, by the names in the address."""
        return {field.name: value for field in fields(self) if (value := getattr(self, field.name))}

    def __str__(self) -> str:
        return urlencode(self.as_query())

    def without(self, name: str) -> Self:
        """The filter without one of its conditions."""
        return replace(self, **{name: ""})

    @property
    def is_narrowing(self) -> bool:
        """Whether anything but the waiting mentions of everywhere is asked for."""
        return bool(replace(self, order="").as_query())

    @property
    def folds(self) -> bool:
        """Whether a story is one line: of those that wait, unless each place is asked for; a search shows them all."""
        return not (self.fold or self.story or self.q) and self.shows == Mention.State.UNTRIAGED

    @property
    def shows(self) -> str:
        """The state whose mentions are shown, or “all”."""
        return self.state or Mention.State.UNTRIAGED.value

    def search(self) -> Search | None:
        """What is searched for; raises QueryError where it cannot be read."""
        return Search(self.q) if self.q else None

    @property
    def trouble(self) -> QueryError | None:
        """What is wrong with the search, if anything is."""
        try:
            self.search()
        except QueryError as problem:
            return problem
        return None

    def narrow(self, rows: MentionQuerySet, search: Search | None = None) -> MentionQuerySet:
        """Keep the mentions that the filter asks for; a search is asked last, in the order that the rows have."""
        rows = rows.filter(self.lines())
        return rows.search(search) if search else rows

    def lines(self, *, matches: bool = True) -> Q:
        """What the list shows: of a story that is folded, the first of its mentions that are asked for.

        So a story stays where it is while later ones arrive behind it.
        """
        found = self.condition(matches=matches)
        if not self.folds:
            return found
        if not replace(self, state="").is_narrowing:
            return found & Q(is_folded=False)
        earlier = Mention.objects.filter(found, story=OuterRef("story"), pk__lt=OuterRef("pk"))
        return found & (Q(is_folded=False) | Q(~Exists(earlier)))

    def condition(self, *, matches: bool = True) -> Q:
        """Everything but search and folding; without `matches` a query is asked of the mention alone."""
        found = Q() if self.shows == "all" else Q(state=self.shows)
        if self.network:
            found &= Q(network=self.network)
        if self.query and matches:
            found &= Q(Exists(MentionMatch.objects.filter(mention=OuterRef("pk"), query_id=int(self.query))))
        elif self.query:
            found &= Q(query_ids__contains=[int(self.query)])
        for name in ("source", "department", "story"):
            if value := getattr(self, name):
                found &= Q(**{name: value})
        if self.topic:
            found &= Q(topic=None) if self.topic == NONE else Q(topic=self.topic)
        if self.language:
            found &= Q(language=self.language)
        if self.sentiment:
            found &= Q(sentiment=int(self.sentiment))
        if self.internal:
            found &= Q(post__is_internal=self.internal == "yes")
        return found & self._captured()

    def _captured(self) -> Q:
        found = Q()
        if self.since:
            found &= Q(captured_at__gte=_midnight(self.since))
        if self.until:
            found &= Q(captured_at__lt=_midnight(self.until) + timedelta(days=1))
        return found


def _midnight(day: str) -> datetime:
    """When a day begins for the organization."""
    return timezone.make_aware(datetime.combine(date.fromisoformat(day), time.min))
