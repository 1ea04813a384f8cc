"""Which thread an answer belongs to, where its network tells only what it answers."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from django.db.models import Case, F, Value, When

from listening.identity import Entry
from listening.models import Post
from listening.networks.protocols import Network


def with_threads(network: Network, entries: Iterable[Entry], *, known: Collection[str]) -> list[Entry]:
    """Return the entries with the thread of what they answer; those that are `known` already stay in theirs."""
    entries = list(entries)
    if not _is_woven_here(network):
        return entries
    wanted = {entry.remote_id: _claimed(entry) for entry in entries if entry.remote_id not in known}
    rows = Post.objects.filter(network=network.name, remote_id__in=set(wanted.values()) - {""}).exclude(conversation="")
    threads = dict(rows.values_list("remote_id", "conversation"))
    # What came together may answer each other: in whatever order it stands here, and in a circle if somebody wants.
    found = {remote_id: _root_of(remote_id, wanted, threads) for remote_id in wanted}
    return [
        replace(entry, post=replace(entry.post, conversation=found[entry.remote_id]))
        if found.get(entry.remote_id)
        else entry
        for entry in entries
    ]


def gather(network: Network, entries: Iterable[Entry]) -> None:
    """Move what was taken for the beginning of a thread, as its own beginning had not come, to where that belongs."""
    moved = {
        entry.remote_id: entry.post.conversation
        for entry in entries
        if entry.post.conversation not in {"", entry.remote_id}
    }
    if not moved or not _is_woven_here(network):
        return
    waiting = Post.objects.filter(network=network.name, conversation__in=moved)
    thread = Case(
        *(When(conversation=own, then=Value(there)) for own, there in moved.items()), default=F("conversation")
    )
    waiting.update(conversation=thread)


def _is_woven_here(network: Network) -> bool:
    return bool(getattr(network, "threads_by_answers", False))


def _claimed(entry: Entry) -> str:
    """The post that its network says it belongs to: where the thread began, else what is answered."""
    return entry.post.conversation or entry.post.in_reply_to


def _root_of(remote_id: str, wanted: dict[str, str], threads: dict[str, str]) -> str:
    seen = {remote_id}
    here = wanted[remote_id]
    while here not in threads and wanted.get(here) and wanted[here] not in seen and here not in seen:
        seen.add(here)
        here = wanted[here]
    return threads.get(here, here)
