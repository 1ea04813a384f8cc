"""Whether the same text goes out too often: to one author, and to many."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from engagement.models import Assignment, RepetitionPolicy, Reply
from listening.matching.folding import SYMBOLS, fold
from listening.models import Author
from roles.models import Member

# Who says less says what everybody says: “Thank you!” is no form letter.
LEAST_WORDS = 4


def sameness_of(text: str, names: Iterable[str]) -> str:
    """Return what is the same for the same text, whomever it greets; empty for one that says hardly anything."""
    greeted = {word for name in names for word in fold(name).split()}
    words = [word for word in fold(text).split() if word not in SYMBOLS and word not in greeted]
    return blake2b(" ".join(words).encode(), digest_size=16).hexdigest() if len(words) >= LEAST_WORDS else ""


def names_in(author: Author | None, by: Member) -> list[str]:
    """The names by which a text greets and signs."""
    return [by.user.name, *((author.name, author.handle.lstrip("@")) if author else ())]


@dataclass(frozen=True)
class Repeats:
    """How often a text went out lately, and against which policy."""

    to_author: int
    across: int
    policy: RepetitionPolicy

    @property
    def sentences(self) -> list[str]:
        """What is too often, in words; empty where nothing is."""
        said = []
        if self.to_author >= self.policy.to_author_most:
            said.append(
                ngettext(
                    "This author got the same text %(n)s time in the last %(days)s days.",
                    "This author got the same text %(n)s times in the last %(days)s days.",
                    self.to_author,
                )
                % {"n": self.to_author, "days": self.policy.to_author_days}
            )
        if self.across >= self.policy.across_most:
            said.append(
                _("The same text went out %(n)s times in the last %(hours)s hours.")
                % {"n": self.across, "hours": self.policy.across_hours}
            )
        return said


def policy_in_force() -> RepetitionPolicy:
    """Return the organization's own policy, or the one that everybody begins with."""
    return RepetitionPolicy.objects.first() or RepetitionPolicy()


def repeats(assignment: Assignment, text: str, *, by: Member, at: datetime) -> Repeats:
    """Count how often the text went out lately, to this author and to anybody."""
    policy = policy_in_force()
    author = assignment.mention.post.author
    sameness = sameness_of(text, names_in(author, by))
    if not sameness:
        return Repeats(0, 0, policy)
    to_author = Q(
        post__author=assignment.mention.post.author_id or 0,
        written_at__gt=at - timedelta(days=policy.to_author_days),
    )
    across = Q(written_at__gt=at - timedelta(hours=policy.across_hours))
    rows = Reply.objects.on_the_way_or_sent().filter(sameness=sameness).filter(to_author | across)
    found = rows.aggregate(to_author=Count("pk", filter=to_author), across=Count("pk", filter=across))
    return Repeats(found["to_author"], found["across"], policy)
