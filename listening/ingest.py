"""The one way in: what a network gave becomes posts, revisions and mentions, each exactly once.

Polls, imports and benchmarks call `ingest`. A page is taken in batches of at most 500 posts, each in one transaction:
what is known is asked first, only what is new or edited is judged, and that before anything is written. The source's
cursor is stored with the last batch, so that whoever dies on the way is repeated and nothing is doubled or lost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from django.db import transaction

from listening import writing
from listening.capturing import capture
from listening.identity import Entry, content_digest, storable, storable_id, url_key
from listening.judging import Judge, Judgement
from listening.models import Mention, Post, Source, Tombstone
from listening.networks import get
from listening.networks.protocols import Network, Page, RemotePost
from listening.querysets import Known
from listening.revising import Edit, revise, withdraw
from listening.signals import mentions_captured
from roles.live import look_again

BATCH = 500
LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of a page: posts that were new, edited and withdrawn, and how many mentions were captured."""

    new: int = 0
    revised: int = 0
    withdrawn: int = 0
    mentions: int = 0

    def __add__(self, other: Ingested) -> Ingested:
        return Ingested(
            self.new + other.new,
            self.revised + other.revised,
            self.withdrawn + other.withdrawn,
            self.mentions + other.mentions,
        )


@dataclass(slots=True)
class Plan:
    """What has to be done about one batch."""

    new: list[tuple[Entry, Judgement]] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)
    renamed: list[dict[str, Any]] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    buried: list[str] = field(default_factory=list)
    adopted: list[int] = field(default_factory=list)


def ingest(source: Source, page: Page, *, at: datetime, conclude: Callable[[Ingested], None] | None = None) -> Ingested:
    """Take a page in, all or, after an interruption, a part that the next call completes.

    `conclude` is called inside the last transaction; without it the page's cursor is stored there.
    """
    network = get(source.network)
    whole = _Whole(network, source, page.posts)
    batches = [whole.entries[start : start + BATCH] for start in range(0, len(whole.entries), BATCH)] or [[]]
    total = Ingested()
    for batch in batches:
        plan = _plan(source, batch, whole)
        with transaction.atomic():
            total += _write(source, plan, at=at)
            if batch is batches[-1]:
                (conclude or partial(_keep_cursor, source, page))(total)
    return total


def _keep_cursor(source: Source, page: Page, _total: Ingested) -> None:
    Source.objects.filter(pk=source.pk).update(cursor=dict(page.cursor))


class _Whole:
    """The page as a whole: its entries, oldest first and each once, and what only the whole can tell."""

    def __init__(self, network: Network, source: Source, posts: Iterable[RemotePost]) -> None:
        found: dict[str, Entry] = {}
        for post in map(storable, posts):
            post_id = storable_id(network, source, post.id)
            # What comes twice counts as it was said last.
            found[post_id] = Entry(post_id, url_key(post.url), content_digest(post.title, post.text), post)
        self.network = network
        self.ids = frozenset(found)
        self.url_counts = Counter(entry.url_key for entry in found.values())
        self.entries = sorted(found.values(), key=lambda entry: (entry.post.published_at or LONG_AGO, entry.remote_id))


def _plan(source: Source, batch: Sequence[Entry], whole: _Whole) -> Plan:
    """Find out what is new, edited or gone; reads and judges, and writes nothing."""
    ids = [entry.remote_id for entry in batch]
    if not ids:
        return Plan()
    known = {row.remote_id: row for row in Post.objects.known(source.network, ids).compared()}
    unseen = [entry for entry in batch if entry.remote_id not in known]
    buried = _buried(source, unseen)
    unseen = [entry for entry in unseen if entry.remote_id not in buried]
    moved = _same_under_another_id(source, unseen, whole)
    plan = Plan(renamed=[{"id": row.pk, "remote_id": remote_id} for remote_id, row in moved.items()])
    known |= moved
    judge: Judge | None = None
    for entry in batch:
        row = known.get(entry.remote_id)
        if entry.remote_id in buried or (row is not None and row.withdrawn_at):
            continue
        if row is not None and row.source_id is None:
            plan.adopted.append(row.pk)
        if entry.post.deleted:
            plan.buried.append(entry.remote_id)
            if row is not None:
                plan.gone.append(row.pk)
        elif row is None or row.content_digest != entry.digest:
            judge = judge or Judge(source)
            judgement = judge.judge(entry.post)
            if row is None:
                plan.new.append((entry, judgement))
            else:
                plan.edits.append(Edit(row, entry, judgement))
    return plan


def _buried(source: Source, unseen: list[Entry]) -> set[str]:
    if not unseen:
        return set()
    rows = Tombstone.objects.filter(network=source.network, remote_id__in=[entry.remote_id for entry in unseen])
    return set(rows.values_list("remote_id", flat=True))


def _same_under_another_id(source: Source, unseen: list[Entry], whole: _Whole) -> dict[str, Known]:
    """Find entries that are a known post under a new id: at the address of one post which the page lists no more."""
    if whole.network.ids_within != "source":
        return {}
    by_key = {entry.url_key: entry for entry in unseen if entry.url_key and whole.url_counts[entry.url_key] == 1}
    there: dict[str, list[Known]] = {}
    if by_key:
        for row in Post.objects.at_addresses(source.pk, by_key).compared():
            there.setdefault(row.url_key, []).append(row)
    return {
        by_key[key].remote_id: rows[0]
        for key, rows in there.items()
        if len(rows) == 1 and rows[0].remote_id not in whole.ids
    }


def _write(source: Source, plan: Plan, *, at: datetime) -> Ingested:
    writing.rename_posts(plan.renamed)
    if plan.adopted:
        Post.objects.filter(pk__in=plan.adopted, source=None).update(source=source)
        Mention.objects.filter(post__in=plan.adopted, source=None).update(source=source)
    captured, new = capture(source, plan.new, at=at)
    revised, concerning = revise(source, plan.edits, at=at)
    withdrawn = withdraw(source, plan.gone, plan.buried, at=at)
    captured += concerning
    if captured:
        mentions_captured.send(Mention, mentions=captured, at=at)
        look_again("stream")
    return Ingested(new, revised, withdrawn, len(captured))
