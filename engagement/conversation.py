"""What an opened assignment shows: everything that was said, and whether it is still what a page has drawn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from engagement.models import Assignment, AssignmentNote, NoteAddressee, Reply
from listening.models import Post
from roles.models import Member

THREAD_POSTS = 60
_SEEN = ("kind", "by", "at", "text", "title", "edited_at", "withdrawn_at")


@dataclass(frozen=True)
class Thread:
    """The conversation at the network, our replies on their way, notes; in their order."""

    entries: list[dict[str, Any]]
    # The key of the newest post that is shown: who writes has read until there.
    until: int
    is_cut: bool
    unseen_notes: bool

    @property
    def digest(self) -> str:
        """Another one for whatever a reader would see differently, but for the age of things."""
        seen = [[entry[name] for name in _SEEN if name in entry] + _state(entry) for entry in self.entries]
        return sha256(repr(seen).encode()).hexdigest()[:20]


def _state(entry: dict[str, Any]) -> list[Any]:
    reply: Reply | None = entry.get("reply")
    return [reply.state, reply.problem, reply.seen_at] if reply else []


def thread(assignment: Assignment, member: Member) -> Thread:
    """Everything that was said about an assignment, of a long thread the newest."""
    about = assignment.mention.post
    posts = list(_newest(Post.objects.in_conversation(about).select_related("author")))
    replies = list(
        Reply.objects.filter(assignment__mention=assignment.mention_id)
        .exclude(state=Reply.State.CANCELLED)
        .select_related("by__user", "result")
    )
    shown = posts if any(post.pk == about.pk for post in posts) else [about, *posts]
    entries = [*_theirs(shown, about, replies), *map(_our, replies)]
    notes = list(_notes(assignment, member))
    entries += [
        {"kind": "note", "by": str(note.by), "at": note.written_at, "text": note.text, "is_new": note.is_for_me}
        for note in notes
    ]
    return Thread(
        sorted(entries, key=lambda entry: entry["at"]),
        until=max(post.pk for post in shown),
        is_cut=len(posts) == THREAD_POSTS,
        unseen_notes=any(note.is_for_me for note in notes),
    )


def _newest(posts: QuerySet[Post]) -> Iterable[Post]:
    # By when it was captured: a place that gives no time of publishing has no other order.
    return posts.order_by("-pk")[:THREAD_POSTS]


def _notes(assignment: Assignment, member: Member) -> Any:
    unseen = NoteAddressee.objects.unseen_by(member).filter(note=OuterRef("pk"))
    notes = AssignmentNote.objects.filter(assignment=assignment).select_related("by__user")
    return notes.annotate(is_for_me=Exists(unseen))


def _theirs(posts: Iterable[Post], about: Post, replies: Iterable[Reply]) -> list[dict[str, Any]]:
    ours = {reply.remote_id for reply in replies if reply.remote_id}
    return [_their(post, about) for post in posts if post.remote_id not in ours]


def _their(post: Post, about: Post) -> dict[str, Any]:
    return {
        "kind": "ours" if post.is_ours else "theirs",
        "by": str(post.author or _("Unknown author")),
        "at": post.said_at,
        "title": post.title,
        "text": post.text,
        "url": post.url,
        "language": post.language,
        "subject": post.pk == about.pk,
        "edited_at": post.edited_at,
        "withdrawn_at": post.withdrawn_at,
    }


def _our(reply: Reply) -> dict[str, Any]:
    at = reply.accepted_at or reply.written_at
    return {"kind": "ours", "by": str(reply.by), "at": at, "text": reply.text, "url": reply.remote_url, "reply": reply}


def moment_in(value: str, zone: Any) -> datetime | None:
    """The moment that a field for date and time means in a zone; None where it means none."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment
