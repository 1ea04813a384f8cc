"""Reads of saved replies that have a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db.models import Q

from roles.tenancy import OwnedQuerySet

if TYPE_CHECKING:
    from engagement.models import Assignment, SavedReply  # noqa: F401


class SavedReplyQuerySet(OwnedQuerySet["SavedReply"]):
    """Saved replies of the active organization."""

    def in_use(self) -> Self:
        """Those that are offered."""
        return self.filter(state="in_use")

    def for_assignment(self, assignment: Assignment) -> Self:
        """Those whose network, language, topic and department are those of the assignment, or are not said."""
        mention = assignment.mention
        language = mention.language or mention.post.language
        return self.in_use().filter(
            Q(department=None) | Q(department=assignment.department_id),
            Q(network="") | Q(network=mention.network),
            Q(language="") | Q(language=language) if language else Q(),
            Q(topic=None) | Q(topic=mention.topic_id) if mention.topic_id else Q(),
        )

    def by_title(self) -> Self:
        """In the order of titles."""
        return self.order_by("title", "pk")

    def searched(self, words: str) -> Self:
        """Those whose title or text has every word."""
        rows = self
        for word in words.split()[:8]:
            rows = rows.filter(Q(title__icontains=word) | Q(text__icontains=word))
        return rows
