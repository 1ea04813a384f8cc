"""A saved reply where it is used: filled for an assignment, ranked by what was asked, recognised when it goes out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log

from engagement.models import Assignment, Reply, SavedReply
from engagement.variables import Filled, TemplateError, fill
from listening.matching.folding import SYMBOLS
from listening.matching.folding import fold as folded
from listening.models import Channel
from roles.models import Member
from roles.tenancy import active_organization

MOST_WORDS = 200
MOST_COMPARED = 300
LONGEST_WORD = 40
# A reply with less of the saved words left is the writer's own.
LEAST_LEFT = 0.3
# What a common topic weighs beside common words.
SAME_TOPIC = 1.0
LEARNED_FROM = 50


@dataclass(frozen=True)
class Suggestion:
    """A saved reply filled for an assignment; `score` is how much it fits, `by_rule` that a routing rule names it."""

    saved: SavedReply
    filled: Filled
    score: float = 0.0
    by_rule: bool = False


def words_of(*texts: str) -> list[str]:
    """The different words of texts in one spelling, the first of very many."""
    found = dict.fromkeys(word for text in texts for word in folded(text[:4000]).split() if word not in SYMBOLS)
    return [word[:LONGEST_WORD] for word in found if len(word) > 2 or not word.isascii()][:MOST_WORDS]


def values_for(assignment: Assignment, by: Member, *, channel: Channel | None = None) -> dict[str, str]:
    """What fills the gaps for this assignment and writer."""
    mention, author = assignment.mention, assignment.mention.post.author
    handle = author.handle.lstrip("@") if author else ""
    account = channel or mention.channel
    return {
        "author": (author.name or handle) if author else "",
        "handle": f"@{handle}" if handle else "",
        "me": by.user.name,
        "account": (account.name or account.handle) if account else "",
        "organization": str(active_organization()),
        "department": str(assignment.department),
        "topic": str(mention.topic) if mention.topic_id else "",
        "link": mention.post.url,
    }


def filled_for(saved: SavedReply, assignment: Assignment, by: Member) -> Filled:
    """Fill the saved reply; one whose text cannot be read any more is shown as it stands."""
    try:
        return fill(saved.text, values_for(assignment, by))
    except TemplateError:
        return Filled(saved.text)


def suggestions(assignment: Assignment, by: Member, *, most: int) -> list[Suggestion]:
    """Return the saved replies that fit, the most likely first: the rule's own, then by common words and topic."""
    post, topic = assignment.mention.post, assignment.mention.topic_id
    author = post.author_id
    named = assignment.saved_reply_id
    # What a rule names is offered whatever it is meant for.
    fitting = SavedReply.objects.for_assignment(assignment) | SavedReply.objects.in_use().filter(pk=named or 0)
    rows = list(fitting.with_uses(author).by_title()[:MOST_COMPARED])
    scores = likeness(rows, words_of(post.title, post.text))
    ranked = sorted(
        rows,
        key=lambda row: (row.pk != named, -(scores[row.pk] + (SAME_TOPIC if topic and row.topic_id == topic else 0.0))),
    )
    return [Suggestion(row, filled_for(row, assignment, by), scores[row.pk], row.pk == named) for row in ranked[:most]]


def likeness(rows: Sequence[SavedReply], asked: Iterable[str]) -> dict[int, float]:
    """How much each saved reply has in common with what was asked: rare words count more than common ones."""
    heard = set(asked)
    known = {row.pk: (set(row.words), set(row.asked)) for row in rows}
    often = Counter(word for words, learned in known.values() for word in (words | learned) & heard)
    weight = {word: log(1 + len(rows) / count) for word, count in often.items()}
    return {
        key: round(sum(weight[word] for word in (words | learned) & heard) / (1 + log(1 + len(words | learned))), 4)
        for key, (words, learned) in known.items()
    }


def origin_of(saved: SavedReply, text: str, assignment: Assignment, by: Member, channel: Channel) -> bool | None:
    """Whether the text was changed since it came from the saved reply; None where too little of it is left."""
    try:
        filled = fill(saved.text, values_for(assignment, by, channel=channel)).text
    except TemplateError:
        filled = saved.text
    if text.split() == filled.split():
        return False
    ours = set(words_of(filled))
    left = len(ours & set(words_of(text))) / len(ours) if ours else 0.0
    return True if left >= LEAST_LEFT else None


def learn(saved: SavedReply) -> None:
    """Remember the words that were common to what the saved reply answered lately, one use of many not counting."""
    replies = Reply.objects.filter(saved_reply=saved).select_related("post").order_by("-pk")[:LEARNED_FROM]
    uses = list(replies)
    counted = Counter(word for use in uses for word in words_of(use.post.title, use.post.text))
    needed = 2 if len(uses) > 4 else 1
    saved.asked = [word for word, count in counted.most_common(MOST_WORDS) if count >= needed]
    saved.learned_reply_id = uses[0].pk if uses else 0
    saved.save(update_fields=["asked", "learned_reply_id"])


def learn_from_uses() -> int:
    """Let each saved reply that was used since learn from it; returns how many did."""
    due = SavedReply.objects.used_since_learned()
    for saved in due:
        learn(saved)
    return len(due)
