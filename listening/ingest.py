"""The one way in: what networks gave becomes posts, revisions and mentions, each exactly once.

Polls, imports and benchmarks call `ingest`, or `ingest_all` with what several sources gave at once. Posts are taken in
batches of at most 500, each in one transaction: what is known is asked first, only what is new or edited is judged, and
that before anything is written. A source's cursor is stored with the last of its posts, so that whoever dies on the way
is repeated and nothing is doubled or lost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from django.db import transaction

from listening import writing
from listening.capturing import capture
from listening.identity import Entry, content_digest, storable, storable_id, url_key
from listening.joining_threads import gather, with_threads
from listening.judging import Judge, Judgement
from listening.models import Mention, Post, Source, Tombstone
from listening.networks import get
from listening.networks.protocols import Network, Page
from listening.own_posts import own_among
from listening.querysets import Known
from listening.revising import Edit, revise, withdraw
from listening.revisits.planning import plan as plan_revisits
from listening.signals import mentions_captured, posts_captured, threads_grown
from listening.threads import topics_of
from roles.live import look_again

BATCH = 500
LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Ingested:
    """What became of a page: posts that were new, edited and withdrawn, and how many mentions were captured."""

    new: int = 0
    revised: int = 0
    withdrawn: int = 0
    mentions: int = 0


@dataclass(slots=True)
class Arrival:
    """A page that a source gave, and what became of it."""

    source: Source
    page: Page
    ingested: Ingested = field(default_factory=Ingested)


Conclude = Callable[[Sequence[Arrival]], None]


@dataclass(slots=True)
class Plan:
    """What has to be done about one batch."""

    new: list[tuple[Entry, Judgement]] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)
    gone: list[tuple[Entry, int]] = field(default_factory=list)
    buried: list[str] = field(default_factory=list)
    renamed: list[writing.Row] = field(default_factory=list)
    adopted: list[writing.Row] = field(default_factory=list)


def ingest(source: Source, page: Page, *, at: datetime) -> Ingested:
    """Take a page in and store its cursor."""
    arrival = Arrival(source, page)
    ingest_all([arrival], at=at)
    return arrival.ingested


def _keep_cursors(arrivals: Sequence[Arrival]) -> None:
    for arrival in arrivals:
        arrival.source.cursor = dict(arrival.page.cursor)
    Source.objects.bulk_update([arrival.source for arrival in arrivals], ["cursor"])


def ingest_all(arrivals: Sequence[Arrival], *, at: datetime, conclude: Conclude = _keep_cursors) -> None:
    """Take in what different sources of one network and organization gave: all, or whole batches of it.

    `conclude` is called inside the transaction that completes some of the arrivals, with those.
    """
    if not arrivals:
        return
    network = get(arrivals[0].source.network)
    wholes = [_Whole(network, arrival) for arrival in arrivals]
    for batch, completed in _batches(wholes):
        plan = _plan(network, batch)
        with transaction.atomic():
            _write(network, plan, {whole.arrival.source.pk: whole.arrival for whole in wholes}, at=at)
            if completed:
                conclude(completed)


class _Whole:
    """A page as a whole: its entries, oldest first and each once, and what only the whole can tell."""

    def __init__(self, network: Network, arrival: Arrival) -> None:
        self.arrival, source = arrival, arrival.source
        found: dict[str, Entry] = {}
        for post in map(storable, arrival.page.posts):
            post_id = storable_id(network, source, post.id)
            # What comes twice counts as it was said last.
            found[post_id] = Entry(source, post_id, url_key(post.url), content_digest(post.title, post.text), post)
        self.ids = frozenset(found)
        self.url_counts = Counter(entry.url_key for entry in found.values())
        for post_id, entry in found.items():
            if self.url_counts[entry.url_key] > 1:
                found[post_id] = replace(entry, is_alone=False)
        self.entries = sorted(found.values(), key=lambda entry: (entry.post.published_at or LONG_AGO, entry.remote_id))


_Part = tuple[_Whole, Sequence[Entry]]


def _batches(wholes: Iterable[_Whole]) -> Iterable[tuple[list[_Part], list[Arrival]]]:
    """Cut pages into batches of bounded size, each with the arrivals that it completes."""
    batch: list[_Part] = []
    completed: list[Arrival] = []
    room = BATCH
    for whole in wholes:
        start = 0
        while len(whole.entries) - start > room:
            batch.append((whole, whole.entries[start : start + room]))
            start += room
            yield batch, completed
            batch, completed, room = [], [], BATCH
        batch.append((whole, whole.entries[start:]))
        completed.append(whole.arrival)
        room -= len(whole.entries) - start
    yield batch, completed


def _plan(network: Network, batch: Sequence[_Part]) -> Plan:
    """Find out what is new, edited or gone; reads and judges, and writes nothing."""
    entries = {entry.remote_id: entry for _whole, part in batch for entry in part}
    plan = Plan()
    if not entries:
        return plan
    known = {row.remote_id: row for row in Post.objects.known(network.name, entries)}
    buried = _buried(network.name, entries.keys() - known.keys())
    if network.ids_within == "source":
        moved = _under_another_id(batch, known.keys() | buried)
        plan.renamed = [{"id": row.pk, "remote_id": remote_id} for remote_id, row in moved.items()]
        known |= moved
    entries = {entry.remote_id: entry for entry in with_threads(network, entries.values(), known=known)}
    unjudged: list[tuple[Entry, Known | None]] = []
    is_final = getattr(network, "is_final", False)
    for entry in entries.values():
        row = known.get(entry.remote_id)
        if entry.remote_id in buried or (row is not None and (row.withdrawn_at or row.cleaned_at)):
            continue
        if row is not None and row.source_id is None:
            plan.adopted.append({"id": row.pk, "source_id": entry.source.pk})
        if entry.post.deleted:
            plan.buried.append(entry.remote_id)
            if row is not None:
                plan.gone.append((entry, row.pk))
        elif row is None or (row.content_digest != entry.digest and not is_final):
            unjudged.append((entry, row))
    if unjudged:
        _judge(network.name, unjudged, plan)
    return plan


def _judge(network: str, unjudged: Sequence[tuple[Entry, Known | None]], plan: Plan) -> None:
    judge, ours = Judge(network), own_among(network, [entry for entry, _row in unjudged])
    for entry, row in unjudged:
        judgement = judge.judge(entry.source, entry.post, is_ours=entry.remote_id in ours)
        if row is None:
            plan.new.append((entry, judgement))
        else:
            plan.edits.append(Edit(row, entry, judgement))
    # What is edited may be a mention already, whatever it says now.
    edited = [(edit.entry, edit.judgement) for edit in plan.edits if not edit.judgement.is_ours]
    new = [(entry, judgement) for entry, judgement in plan.new if judgement.is_mention]
    judge.appraise((entry.source, entry.post, judgement) for entry, judgement in new + edited)


def _buried(network: str, unseen: Iterable[str]) -> set[str]:
    ids = list(unseen)
    if not ids:
        return set()
    rows = Tombstone.objects.filter(network=network, remote_id__in=ids)
    return set(rows.values_list("remote_id", flat=True))


def _under_another_id(batch: Sequence[_Part], seen: set[str]) -> dict[str, Known]:
    """Find entries that are a known post under a new id: at the address of one post which the page lists no more."""
    wanted = {
        (whole.arrival.source.pk, entry.url_key): (whole, entry)
        for whole, part in batch
        for entry in part
        if entry.url_key and whole.url_counts[entry.url_key] == 1 and entry.remote_id not in seen
    }
    if not wanted:
        return {}
    there: dict[tuple[int | None, str], list[Known]] = {}
    for row in Post.objects.at_addresses({source for source, _key in wanted}, {key for _s, key in wanted}):
        there.setdefault((row.source_id, row.url_key), []).append(row)
    found = {}
    for key, (whole, entry) in wanted.items():
        rows = there.get(key, [])
        if len(rows) == 1 and rows[0].remote_id not in whole.ids:
            found[entry.remote_id] = rows[0]
    return found


def _write(there: Network, plan: Plan, arrivals: dict[int, Arrival], *, at: datetime) -> None:
    network = there.name
    writing.rename_posts(plan.renamed)
    writing.adopt_posts(plan.adopted)
    captured, new, said = capture(network, plan.new, at=at)
    gather(there, new)
    concerning, revised = revise(network, plan.edits, at=at)
    withdraw(network, [key for _entry, key in plan.gone], plan.buried, at=at)
    captured += concerning
    if captured:
        plan_revisits(network, captured, at=at)
        mentions_captured.send(Mention, mentions=captured, at=at)
        look_again("stream")
    # What was said into a thread; who begins one has no reader yet.
    if grown := sorted({entry.post.conversation for entry in new if entry.post.in_reply_to} - {""}):
        threads_grown.send(Post, network=network, conversations=grown, at=at)
        look_again(*topics_of((network, conversation) for conversation in grown))
    if said:
        posts_captured.send(Post, posts=said, at=at)
    for entry in new:
        arrivals[entry.source.pk].ingested.new += 1
    for entry in revised:
        arrivals[entry.source.pk].ingested.revised += 1
    for entry, _key in plan.gone:
        arrivals[entry.source.pk].ingested.withdrawn += 1
    for mention in captured:
        assert mention.source is not None
        arrivals[mention.source.pk].ingested.mentions += 1
