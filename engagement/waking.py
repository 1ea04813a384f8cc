"""What happens outside and brings snoozed assignments back, or tells of a content author."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Q, QuerySet

from engagement.actions.assignments import wake
from engagement.actions.outcomes import note_satisfaction
from engagement.models import Assignment, Satisfaction
from engagement.refusals import Refusal
from listening.models import Mention, Post

WakesOn = Assignment.WakesOn
# Words of thanks; a question or an objection beside them is no sign of being content.
_THANKS = re.compile(
    r"\b(thanks|thank you|thx|cheers|danke|dankeschön|vielen dank|merci|gracias|obrigad[oa]|grazie|bedankt|dank je|"
    r"dzięki|dziękuję|tack|takk|kiitos|teşekkürler|děkuji|спасибо|дякую)\b",
    re.IGNORECASE,
)
_BUT = re.compile(r"[?¿؟？]|\b(but|aber|mais|pero|mas|ma|maar|ale|no thanks|for nothing|für nichts)\b", re.IGNORECASE)
LONGEST_THANKS = 200


def happened(event: str, rows: QuerySet[Assignment], *, at: datetime) -> int:
    """Wake those of the assignments that wait for this event; returns how many. Inside the event's transaction."""
    woken = 0
    for row in rows.filter(state=Assignment.State.SNOOZED, wakes_on=event).order_by("pk")[:200]:
        try:
            wake(row, by=None, at=at, why=event)
        except Refusal:  # somebody woke or resolved it meanwhile
            continue
        woken += 1
    return woken


def author_wrote(mentions: Sequence[Mention], *, at: datetime) -> None:
    """Wake what waits for the authors of these mentions, and see whether they thank us for an answer."""
    posts = [mention.post for mention in mentions if mention.post.author_id]
    waiting = Assignment.objects.waiting_for(WakesOn.AUTHOR_WRITES)
    happened(WakesOn.AUTHOR_WRITES, waiting.filter(mention__post__author__in={post.author_id for post in posts}), at=at)
    for post in posts:
        if post.conversation and says_thanks(post.text):
            _note_thanks(post, at=at)


def thread_grew(network: str, conversations: Iterable[str], *, since: datetime, at: datetime) -> None:
    """Wake what waits for an author who has written into the thread again, though no query found it."""
    waiting = Assignment.objects.waiting_for(WakesOn.AUTHOR_WRITES)
    there = waiting.filter(network=network, mention__post__conversation__in=list(conversations))
    for row in there.select_related("mention__post"):
        about = row.mention.post
        newer = Post.objects.in_conversation(about).filter(author=about.author_id, captured_at__gte=since)
        if newer.exclude(pk=about.pk).exists():
            happened(WakesOn.AUTHOR_WRITES, Assignment.objects.filter(pk=row.pk), at=at)


def posts_edited(posts: Sequence[Post], *, at: datetime) -> None:
    """Wake what waits for an edit of these posts."""
    waiting = Assignment.objects.waiting_for(WakesOn.POST_EDITED)
    happened(WakesOn.POST_EDITED, waiting.filter(mention__post__in=[post.pk for post in posts]), at=at)


def says_thanks(text: str) -> bool:
    """Whether a text is short and thanks, without a question or an objection."""
    return len(text) <= LONGEST_THANKS and bool(_THANKS.search(text)) and not _BUT.search(text)


def _note_thanks(post: Post, *, at: datetime) -> None:
    """Keep that the author thanked us, where we had answered them in this thread."""
    about = Q(mention__post__conversation=post.conversation, network=post.network)
    answered = Assignment.objects.filter(about, mention__post__author=post.author_id, satisfaction=None)
    row = answered.filter(replies__state="accepted").exclude(mention__post=post.pk).order_by("-pk").first()
    if row is not None:
        note_satisfaction(row, value=Satisfaction.Value.SATISFIED, by=None, at=at, post=post)
