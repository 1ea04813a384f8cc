"""What is kept how long, and how it goes when its time has come.

Posts that concerned nobody are removed, and tombstones keep their ids from coming back. A mention stays as a row, so
that every figure can still be computed again from the rows; what it said, who said it and where goes, for good.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from listening import writing
from listening.models import Author, Mention, MentionMatch, Post, RetentionRule, Revision
from listening.searching.indexing import forget
from listening.stories.writing import mark_stale
from roles.audit import record
from roles.live import look_again

Kind = RetentionRule.Kind
WINDOW = 2_000
PAUSE = timedelta(days=1)
CLEANED_UP = "Cleaned up when its time had come."

DEFAULT_DAYS: dict[str, int | None] = {
    Kind.UNMATCHED: 90,
    Kind.DISMISSED: 365,
    Kind.MENTIONS: None,
    Kind.MAILS: 90,
    Kind.WEBHOOKS: 30,
}

Held = Callable[["QuerySet[Mention]"], "QuerySet[Mention]"]
_held: list[Held] = []


def hold(still_needed: Held) -> Held:
    """Name mentions that must keep their words because somebody still works on them; for the apps above."""
    _held.append(still_needed)
    return still_needed


@dataclass(frozen=True)
class Keeper:
    """Who keeps a kind that is no post: counts what is older than a moment, and removes some of it."""

    count: Callable[[datetime, int], int]
    remove: Callable[[datetime, int], int]


_keepers: dict[str, Keeper] = {}


def keep(kind: str, *, count: Callable[[datetime, int], int], remove: Callable[[datetime, int], int]) -> None:
    """Name who keeps a kind, for the apps above; both are told a moment and how many at most."""
    _keepers[kind] = Keeper(count, remove)


def retention_rules() -> list[RetentionRule]:
    """Return the rule of each kind, with the default where nobody has set one."""
    known = {rule.kind: rule for rule in RetentionRule.objects.all()}
    return [known.get(kind) or RetentionRule(kind=kind, days=DEFAULT_DAYS[kind]) for kind in Kind]


@dataclass(frozen=True, slots=True)
class Due:
    """How many posts of a kind are older than they may be, counted up to a bound."""

    count: int
    is_more: bool


def due(rule: RetentionRule, *, at: datetime, most: int = 1_000) -> Due:
    """Count what the next clean-up would take."""
    if rule.days is None:
        return Due(0, is_more=False)
    if (keeper := _keepers.get(rule.kind)) is not None:
        count = keeper.count(at - timedelta(days=rule.days), most + 1)
        return Due(min(count, most), is_more=count > most)
    rows = _candidates(rule.kind, Post.objects.filter(captured_at__lt=at - timedelta(days=rule.days)))
    count = len(rows.order_by("pk").values_list("pk", flat=True)[: most + 1])
    return Due(min(count, most), is_more=count > most)


def clean_up(*, at: datetime, windows: int = 50) -> int:
    """Clean up for the active organization, as far as a task's time goes; returns how many posts went or fell silent.

    Each window of posts is one transaction with its place in the walk, so whoever dies in it is repeated. A rule that
    another worker holds is left to that worker.
    """
    _write_defaults()
    total = 0
    for kind in Kind:
        for _window in range(windows):
            with transaction.atomic():
                rule = RetentionRule.objects.select_for_update(skip_locked=True).filter(kind=kind).first()
                if rule is None or rule.days is None or (rule.next_walk_at and rule.next_walk_at > at):
                    break
                keeper = _keepers.get(kind)
                total += _remove_some(rule, keeper, at=at) if keeper else _walk_on(rule, rule.days, at=at)
    if total:
        look_again("stream")
    return total


def _write_defaults() -> None:
    rows = [RetentionRule(kind=kind, days=DEFAULT_DAYS[kind]) for kind in Kind]
    if RetentionRule.objects.count() < len(rows):
        RetentionRule.objects.bulk_create(rows, ignore_conflicts=True)


def _remove_some(rule: RetentionRule, keeper: Keeper, *, at: datetime) -> int:
    removed = keeper.remove(at - timedelta(days=rule.days or 0), WINDOW)
    if removed:
        record("clean_up", rule, by=None, at=at, after={"removed": removed, "older_than_days": rule.days})
        rule.cleaned_at, rule.cleaned_count = at, rule.cleaned_count + removed
    rule.next_walk_at = at + PAUSE if removed < WINDOW else None
    rule.save(update_fields=["next_walk_at", "cleaned_at", "cleaned_count"])
    return removed


def _walk_on(rule: RetentionRule, days: int, *, at: datetime) -> int:
    ahead = Post.objects.filter(pk__gt=rule.walked_to).order_by("pk").values_list("pk", "captured_at")[:WINDOW]
    window, oldest_kept = list(ahead), at - timedelta(days=days)
    old = [key for key, captured_at in window if captured_at < oldest_kept]
    found = list(_candidates(rule.kind, Post.objects.filter(pk__in=old)).order_by("pk")) if old else []
    if found:
        _remove(found, at=at) if rule.kind == Kind.UNMATCHED else empty(found, at=at)
        record("clean_up", rule, by=None, at=at, after={"posts": len(found), "older_than_days": days})
        rule.cleaned_at, rule.cleaned_count = at, rule.cleaned_count + len(found)
    # Posts are captured in the order of their keys, so nothing old stands behind a window that is all young.
    is_end = len(window) < WINDOW or not old
    rule.walked_to, rule.next_walk_at = (0, at + PAUSE) if is_end else (window[-1][0], None)
    rule.save(update_fields=["walked_to", "next_walk_at", "cleaned_at", "cleaned_count"])
    return len(found)


def _candidates(kind: str, posts: QuerySet[Post]) -> QuerySet[Post]:
    if kind == Kind.UNMATCHED:
        # What a mention answers, or what answers it, is read with it and goes with it.
        talk = Mention.objects.filter(
            post__network=OuterRef("network"),
            post__conversation=OuterRef("conversation"),
            post__cleaned_at=None,
        ).exclude(post__conversation="")  # said here as well, for the index of conversations holds no others
        alone = posts.filter(mention=None, is_ours=False)
        return alone.filter(conversation="") | alone.exclude(conversation="").filter(~Exists(talk))
    rows = posts.filter(mention__isnull=False, cleaned_at=None)
    is_dismissed = {"mention__state": Mention.State.DISMISSED}
    rows = rows.filter(**is_dismissed) if kind == Kind.DISMISSED else rows.exclude(**is_dismissed)
    for held in _held:
        rows = rows.filter(~Exists(held(Mention.objects.filter(post=OuterRef("pk")))))
    return rows


def _remove(posts: Sequence[Post], *, at: datetime) -> None:
    by_network: dict[str, list[str]] = {}
    for post in posts:
        by_network.setdefault(post.network, []).append(post.remote_id)
    for network, remote_ids in by_network.items():
        writing.write_tombstones(network, remote_ids, CLEANED_UP, at=at)
    Post.objects.filter(pk__in=[post.pk for post in posts], mention=None).delete()
    _forget_authors(posts)


def empty(posts: Sequence[Post], *, at: datetime) -> None:
    """Take their words from posts for good; the rows stay, count as before and keep the posts from coming back."""
    keys = [post.pk for post in posts]
    Post.objects.filter(pk__in=keys).update(
        title="", text="", url="", media=[], problems=[], in_reply_to="", author=None, cleaned_at=at
    )
    Revision.objects.filter(post__in=keys).delete()
    MentionMatch.objects.filter(mention__post__in=keys).update(spans=[])
    mark_stale(keys)
    forget(keys)
    _forget_authors(posts)


def _forget_authors(posts: Sequence[Post]) -> None:
    authors = {post.author_id for post in posts if post.author_id}
    Author.objects.filter(pk__in=authors, posts=None).delete()
