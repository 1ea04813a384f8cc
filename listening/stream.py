"""What the stream shows: pages of mentions, how many wait behind each saved filter, what came meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BigIntegerField, Count, F, JSONField, OuterRef, Q, Sum, Value
from django.db.models.functions import Coalesce, JSONObject, NullIf

from listening.filtering import StreamFilter
from listening.matching import QueryError
from listening.models import Column, Mention, MentionMatch, SavedFilter, Source, Topic, TrackingQuery
from listening.querysets import UNKNOWN_RELEVANCE, MentionQuerySet
from listening.searching.search import Search, TooWide, patience
from roles.keys import key_in
from roles.levels import ASSIGNMENTS, closed_among
from roles.models import Department, Member

PER_PAGE = 25
COUNTED_UP_TO = 99
ALL_COUNTED_UP_TO = 10_000
# Counts look no further back than this, so that they cost the same however much waits.
LOOKED_AT = 2_000
CHOICES = 300
EXCERPT = 220
BEFORE_MATCH = 60

Parts = list[tuple[str, bool]]


@dataclass(frozen=True)
class Item:
    """A mention as a line of the stream."""

    row: Mention
    parts: Parts

    @property
    def behind(self) -> int:
        """How many more of its story wait behind this line, counted up to a bound; 0 where each has a line."""
        return max(len(getattr(self.row, "waiting", ())) - 1, 0)

    @property
    def behind_in_words(self) -> str:
        """The same, with a plus where there may be more."""
        return f"{COUNTED_UP_TO}+" if self.behind >= COUNTED_UP_TO else str(self.behind)


class Page(NamedTuple):
    """Some mentions, the key from which to go on (0 at the end), and what stands against a search."""

    items: list[Item]
    before: int = 0
    trouble: str = ""
    is_cut: bool = False


def page_of(wanted: StreamFilter, *, before: int | None = None, size: int = PER_PAGE) -> Page:
    """One page of what a filter finds, after the mention with the key `before`."""
    try:
        search = wanted.search()
        rows = wanted.narrow(_in_order(wanted, before), search)
        with patience() if search else nullcontext():
            shown = list(lines(rows, folded=wanted.folds)[: size + 1])
    except (QueryError, TooWide) as problem:
        return Page([], trouble=str(problem))
    items = [Item(row, excerpt(row, search)) for row in shown[:size]]
    more = len(shown) > size
    return Page(items, shown[size - 1].pk if more else 0, is_cut=bool(search and search.is_cut and not more))


def _in_order(wanted: StreamFilter, before: int | None) -> MentionQuerySet:
    rows: MentionQuerySet = Mention.objects.all()
    if wanted.order != "relevance":
        rows = rows.newest_first()
        return rows if before is None else rows.filter(pk__lt=before)
    last = Mention.objects.filter(pk=before).only("relevance").first() if before is not None else None
    rows = rows.most_relevant_first()
    return rows if last is None else rows.less_relevant_than(last)


def lines(rows: MentionQuerySet, *, folded: bool = False) -> MentionQuerySet:
    """Mentions with everything that their lines show; `found` says which queries found them, and where.

    Where they are `folded`, `waiting` has those of the story that wait.
    """
    matches = MentionMatch.objects.filter(mention=OuterRef("pk")).order_by("pk")
    said = JSONObject(query="query_id", name="query__name", spans="spans")
    rows = rows.for_stream().annotate(found=ArraySubquery(matches.values_list(said)))
    return rows.with_waiting(COUNTED_UP_TO + 1) if folded else rows


def highlighted(mention: Any, field: str = "text", search: Search | None = None) -> Parts:
    """Cut the text (or title) of a mention of `lines` into parts, each with whether a query matched there.

    Where something is searched for, its words are marked instead.
    """
    text = mention.post.text if field == "text" else mention.post.title
    said = search.spans(mention.post) if search else ()
    spans = sorted((span.start, span.end) for span in said if span.field == field) or sorted(
        (int(start), int(end)) for match in mention.found for name, start, end in match["spans"] if name == field
    )
    parts, done_to = [], 0
    for start, end in spans:
        if end <= done_to:
            continue
        begin = max(start, done_to)
        parts += [(text[done_to:begin], False), (text[begin:end], True)]
        done_to = end
    return [part for part in [*parts, (text[done_to:], False)] if part[0]]


def excerpt(mention: Mention, search: Search | None = None) -> Parts:
    """The words around the first match, or those with which a post begins; its title before them."""
    title, text = highlighted(mention, "title", search), highlighted(mention, search=search)
    left = EXCERPT - sum(len(words) for words, _ in title)
    if left < BEFORE_MATCH:
        return _cut(title, EXCERPT)
    start = next((number for number, (_, matched) in enumerate(text) if matched), 0)
    before = "".join(words for words, _ in text[:start])
    head = (
        [(before if len(before) <= BEFORE_MATCH else f"… {before[-BEFORE_MATCH:].lstrip()}", False)] if before else []
    )
    between = [(" · ", False)] if title and text else []
    return [*title, *between, *_cut([*head, *text[start:]], left)]


def _cut(parts: Parts, length: int) -> Parts:
    kept: Parts = []
    for words, matched in parts:
        if len(words) > length:
            return [*kept, (f"{words[:length].rstrip()}…", matched)]
        kept.append((words, matched))
        length -= len(words)
    return kept


@dataclass(frozen=True)
class Listed:
    """A saved filter in the list beside the stream."""

    row: SavedFilter
    wanted: StreamFilter
    count: str = ""


@dataclass(frozen=True)
class Around:
    """What stands around the list: what the filter can name, saved filters with their counts, one's columns."""

    choices: dict[str, list[tuple[str, str]]]
    # The departments in which no level has opened assignments yet.
    closed: list[Department]
    saved: list[Listed]
    columns: list[int]
    # The key of the newest mention of all, whatever became of it: what has a greater one came later.
    newest: int


def around(member: Member) -> Around:
    """Read everything that stands around the list, in one question for what there is and one for the counts."""
    own = JSONObject(query="query", owner="owner_id", department="department_id", position="position")
    nothing = Value({}, output_field=JSONField())
    place = Coalesce(NullIf("name", Value("")), "place")
    shown = JSONObject(position="position")
    kinds = {
        "filter": SavedFilter.objects.visible_to(member).values_list(Value("filter"), "pk", "name", own),
        "column": Column.objects.filter(member=member).values_list(
            Value("column"), "saved_filter_id", Value(""), shown
        ),
        "query": TrackingQuery.objects.values_list(Value("query"), "pk", "name", nothing),
        "source": Source.objects.values_list(Value("source"), "pk", place, nothing),
        "topic": Topic.objects.filter(is_active=True).values_list(Value("topic"), "pk", "name", nothing),
        "department": Department.objects.values_list(
            Value("department"), "pk", "name", JSONObject(level="level", name="name")
        ),
    }
    newest = Mention.objects.newest_first().values_list(Value("newest"), "pk", Value(""), nothing)[:1]
    parts = [*(rows.order_by("pk")[:CHOICES] for rows in kinds.values()), newest]
    found: dict[str, list[tuple[int, str, dict[str, Any]]]] = {kind: [] for kind in (*kinds, "newest")}
    for kind, key, name, more in parts[0].union(*parts[1:], all=True):
        found[kind].append((key, name, more))
    rows = [_saved(*one) for one in sorted(found.pop("filter"), key=_filter_place)]
    columns = [key for key, _, more in sorted(found.pop("column"), key=lambda one: one[2]["position"])]
    wanted = [StreamFilter.read(row.query) for row in rows]
    numbers = waiting(wanted)
    last = max((key for key, _, _ in found.pop("newest")), default=0)
    choices = {
        kind: sorted(((str(key), name) for key, name, _ in named), key=lambda pair: pair[1].casefold())
        for kind, named in found.items()
    }
    departments = [Department(pk=key, **more) for key, _, more in found["department"]]
    keys = closed_among(ASSIGNMENTS, departments)
    closed = [row for row in departments if row.pk in keys]
    return Around(choices, closed, [Listed(*one) for one in zip(rows, wanted, numbers, strict=True)], columns, last)


def _filter_place(one: tuple[int, str, dict[str, Any]]) -> tuple[bool, int, int]:
    """Shared ones first, then one's own, each as they were put."""
    key, _name, more = one
    return more["owner"] is not None, more["position"], key


def _saved(key: int, name: str, more: dict[str, Any]) -> SavedFilter:
    return SavedFilter(pk=key, name=name, query=more["query"], owner_id=more["owner"], department_id=more["department"])


def waiting(wanted: Sequence[StreamFilter]) -> list[str]:
    """How many mentions wait behind each filter, up to 99+, in one question for all of them.

    Looked at are the newest that wait, so many that it costs the same however many there are; “12+” says that there
    may be more beyond. A filter for what was decided, or with a search, has no number.
    """
    counted = [one.shows == Mention.State.UNTRIAGED and not one.q for one in wanted]
    looked_at = Mention.objects.untriaged().newest_first().values("pk")[:LOOKED_AT]
    asked = [one for one, is_counted in zip(wanted, counted, strict=True) if is_counted]
    found = _count_each(Mention.objects.filter(pk__in=looked_at), asked)
    all_seen = found["all"] < LOOKED_AT
    numbers = iter([_in_words(found[f"n{number}"], all_seen) for number in range(len(asked))])
    return [next(numbers) if is_counted else "" for is_counted in counted]


def _in_words(number: int, all_seen: bool) -> str:
    if number > COUNTED_UP_TO:
        return f"{COUNTED_UP_TO}+"
    return str(number) if all_seen else f"{number}+"


def _count_each(rows: MentionQuerySet, wanted: Sequence[StreamFilter]) -> dict[str, int]:
    """Count the lines that each filter shows of these: a story once where it is folded."""
    one_line = Coalesce("story", -F("pk"), output_field=BigIntegerField())
    counts = {f"n{number}": Count("pk", filter=one.condition(matches=False)) for number, one in enumerate(wanted)}
    by_line = rows.order_by().values(line=one_line).annotate(number=Count("pk"), **counts)
    lines_of = {
        f"lines{number}": Count("line", filter=Q(**{f"n{number}__gt": 0})) if one.folds else Sum(f"n{number}")
        for number, one in enumerate(wanted)
    }
    found = by_line.aggregate(all=Sum("number"), **lines_of)
    return {name.replace("lines", "n"): number or 0 for name, number in found.items()}


def count_of(wanted: StreamFilter) -> int:
    """How many mentions a filter finds, each place of a story, counted up to a bound."""
    try:
        search = wanted.search()
        with patience():
            return replace(wanted, fold="no").narrow(Mention.objects.newest_first(), search)[:ALL_COUNTED_UP_TO].count()
    except (QueryError, TooWide):
        return 0


def newer(wanted: Sequence[StreamFilter], since: str) -> list[int]:
    """How many lines came behind each filter since the mention with this key; of at most a hundred mentions.

    What was folded into a line that was there before is no line of its own. What rules have placed is not among the
    hundred where only what waits is asked for.
    """
    key = key_in(since)
    if key is None:
        return [0 for _ in wanted]
    rows = Mention.objects.filter(pk__gt=key)
    if "all" not in (states := {one.shows for one in wanted}):
        rows = rows.filter(state__in=states)
    later = rows.order_by("pk").values("pk")[: COUNTED_UP_TO + 1]
    counts = {f"n{number}": Count("pk", filter=one.lines(matches=False)) for number, one in enumerate(wanted)}
    found = Mention.objects.filter(pk__in=later).aggregate(**counts)
    return [0 if one.q else found[f"n{number}"] for number, one in enumerate(wanted)]


def other_places(mention: Mention) -> list[Mention]:
    """Where else the story of a mention was told, a handful of the newest."""
    if mention.story_id is None:
        return []
    rows = Mention.objects.filter(story=mention.story_id).exclude(pk=mention.pk).with_posts().newest_first()
    return list(rows[:8])


def columns_of(filters: Sequence[Listed], *, size: int) -> list[Page]:
    """The first page of each column: those without a search are asked for together, however many there are."""
    plain = {number: one.wanted for number, one in enumerate(filters) if not one.wanted.q}
    parts = [
        wanted.narrow(_in_order(wanted, None)).values_list(Value(number), "pk")[: size + 1]
        for number, wanted in plain.items()
    ]
    found = list(parts[0].union(*parts[1:], all=True)) if parts else []
    rows = {row.pk: row for row in lines(Mention.objects.filter(pk__in={key for _, key in found}), folded=True)}
    pages = []
    for number, one in enumerate(filters):
        if number not in plain:
            pages.append(page_of(one.wanted, size=size))
            continue
        shown = sorted((rows[key] for place, key in found if place == number and key in rows), key=_place(one.wanted))
        items = [Item(row, excerpt(row)) for row in shown[:size]]
        pages.append(Page(items, items[-1].row.pk if len(shown) > size else 0))
    return pages


def _place(wanted: StreamFilter) -> Callable[[Mention], tuple[float, int]]:
    if wanted.order == "relevance":
        return lambda row: (-(UNKNOWN_RELEVANCE.value if row.relevance is None else row.relevance), -row.pk)
    return lambda row: (0, -row.pk)
