"""What we said ourselves and hear again: apps above say which posts those are, before anything is made of them.

A post by an account of ours is told by its author (`listening.judging`). What comes back by another way, as a page in
a feed or a copy on another server, is told by its id and its address; whoever publishes registers here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from django.db import transaction

from listening.actions.mentions import apply, hold
from listening.identity import Entry, bare_id, is_its_own_page, page_key
from listening.models import Mention, Post
from listening.networks import get, is_installed
from listening.triage import Triage

Knows = Callable[[str, set[str], set[str]], tuple[set[str], set[str]]]
_knows: list[Knows] = []
# What nobody has decided about, or a rule has given away.
_UNDECIDED = (Mention.State.UNTRIAGED, Mention.State.ROUTED)


def knows_own_posts(knows: Knows) -> Knows:
    """Have a function asked, of a network, ids and keys of pages, which of both are what we said; once for a batch."""
    _knows.append(knows)
    return knows


def own_among(network: str, entries: Iterable[Entry]) -> set[str]:
    """Return the ids of those among the entries of a network that are what we said ourselves."""
    pages = {entry.remote_id: key for entry in entries if (key := _page_of(entry)) is not None}
    if not pages or not _knows:
        return set()
    found: set[str] = set()
    for knows in _knows:
        ids, keys = knows(network, set(pages), set(pages.values()) - {""})
        found |= ids & pages.keys() | {remote_id for remote_id, key in pages.items() if key in keys}
    return found


def _page_of(entry: Entry) -> str | None:
    """The key of the page that an entry is; empty where it is another's word about one, None where it is an answer."""
    post = entry.post
    if post.in_reply_to or post.deleted:
        return None
    return page_key(post.url) if entry.is_alone and is_its_own_page(post.url, post.id) else ""


@transaction.atomic
def recognise(network: str, *, remote_id: str, page: str, at: datetime) -> int:
    """Say of what was heard before we knew where ours stands that it is ours; returns how many posts it was.

    What nobody has begun with leaves the stream and the queue, as said by ourselves.
    """
    found = {post.pk: post for post in _heard(network, remote_id, page) if not post.in_reply_to}
    if not found:
        return 0
    Post.objects.filter(pk__in=found).update(is_ours=True)
    waiting = Mention.objects.filter(post__in=found, state__in=_UNDECIDED)
    if keys := list(waiting.order_by("pk").values_list("pk", flat=True)):
        undecided = [row for row in hold(keys) if row.state in _UNDECIDED]
        apply(undecided, Triage("dismiss", code=Mention.WhyNot.OURS), by=None, at=at)
    return len(found)


def _heard(network: str, remote_id: str, page: str) -> Sequence[Post]:
    """The posts that are ours and do not say so yet."""
    unknown = Post.objects.filter(is_ours=False, withdrawn_at=None)
    found = list(unknown.filter(network=network, remote_id=remote_id)) if remote_id else []
    if page:
        found += [post for post in unknown.filter(piece=page) if is_its_own_page(post.url, _id_of(post))]
    return found


def _id_of(post: Post) -> str:
    return bare_id(get(post.network), post.remote_id) if is_installed(post.network) else post.remote_id
