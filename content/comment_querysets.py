"""Reads of comments that have a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db.models import Exists, OuterRef, Q, Subquery

from roles.tenancy import OwnedQuerySet

if TYPE_CHECKING:
    from content.models import Comment  # noqa: F401
    from roles.models import Member


class CommentQuerySet(OwnedQuerySet["Comment"]):
    """Comments of the active organization."""

    def waiting_for(self, member: Member) -> Self:
        """Those that began something open of which the member was told, and in which somebody else spoke last.

        Each has `last` with it, the key of what was said last.
        """
        said = self.model.objects.filter(Q(pk=OuterRef("pk")) | Q(answers=OuterRef("pk")))
        newest = said.order_by("-pk")
        begun = self.filter(answers=None, resolved_at=None, piece__state="open").exclude(variant__is_dropped=True)
        spoken = begun.annotate(last=Subquery(newest.values("pk")[:1]), last_by=Subquery(newest.values("by")[:1]))
        return spoken.filter(Exists(said.filter(told_ids__contains=[member.pk]))).exclude(last_by=member.pk)
