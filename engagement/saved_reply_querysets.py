"""Reads of saved replies that have a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import JSONObject

from roles.tenancy import OwnedQuerySet

if TYPE_CHECKING:
    from engagement.models import Assignment, SavedReply

USES_SHOWN = 50


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

    def with_uses(self, author_id: int | None) -> Self:
        """With when each was used lately, for anybody and for this author, and the policy on repeating."""
        from engagement.models import RepetitionPolicy, Reply

        uses = Reply.objects.filter(saved_reply=OuterRef("pk")).order_by("-pk").values("written_at")
        names = ("to_author_most", "to_author_days", "across_most", "across_hours")
        numbers = RepetitionPolicy.objects.values(said=JSONObject(**{name: name for name in names}))
        return self.annotate(
            lately=ArraySubquery(uses[:USES_SHOWN]),
            to_author=ArraySubquery(uses.filter(post__author=author_id or 0)[:USES_SHOWN]),
            policy=Subquery(numbers[:1]),
        )

    def used_since_learned(self) -> list[SavedReply]:
        """Those that were used since they last learned from their uses."""
        from engagement.models import Reply

        later = Reply.objects.filter(saved_reply=OuterRef("pk"), pk__gt=OuterRef("learned_reply_id"))
        return list(self.exclude(state="retired").filter(Exists(later)).order_by(F("pk"))[:200])

    def by_title(self) -> Self:
        """In the order of titles."""
        return self.order_by("title", "pk")

    def after(self, key: int) -> Self:
        """Those that follow one in the order of titles."""
        titles = self.model.objects.filter(pk=key).values("title")
        return self.filter(Q(title__gt=Subquery(titles)) | Q(title=Subquery(titles), pk__gt=key))

    def searched(self, words: str) -> Self:
        """Those whose title or text has every word."""
        rows = self
        for word in words.split()[:8]:
            rows = rows.filter(Q(title__icontains=word) | Q(text__icontains=word))
        return rows
