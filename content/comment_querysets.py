"""Reads of comments that have a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, F, OuterRef, Q, Subquery, Window
from django.db.models.functions import RowNumber

from roles.tenancy import OwnedQuerySet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from content.models import Comment, Piece, Variant
    from roles.models import Member


class CommentQuerySet(OwnedQuerySet["Comment"]):
    """Comments of the active organization."""

    def begun(self, piece: Piece, variant: Variant | None) -> Self:
        """Those about the body of a piece, or about one of its variants, that are no answers."""
        return self.filter(piece=piece, variant=variant, answers=None)

    def newest_of_each(self, most: int) -> Self:
        """The newest that are open and the newest that are settled; each has `of_all` with it, how many there are."""
        alike = ExpressionWrapper(Q(resolved_at=None), output_field=BooleanField())
        number = Window(RowNumber(), partition_by=[alike], order_by=F("pk").desc())
        return self.annotate(number=number, of_all=Window(Count("pk"), partition_by=[alike])).filter(number__lte=most)

    def last_answers(self, begun: Sequence[Comment], *, most: int) -> Self:
        """The last answers to each of some comments; each has `of_all` with it, how many its comment has."""
        number = Window(RowNumber(), partition_by=[F("answers")], order_by=F("pk").desc())
        rows = self.filter(answers__in=[one.pk for one in begun])
        count = Window(Count("pk"), partition_by=[F("answers")])
        return rows.annotate(number=number, of_all=count).filter(number__lte=most)

    def waiting_for(self, member: Member) -> Self:
        """Those that began something open of which the member was told, and in which somebody else spoke last.

        Each has `last` with it, the key of what was said last.
        """
        said = self.model.objects.filter(Q(pk=OuterRef("pk")) | Q(answers=OuterRef("pk")))
        newest = said.order_by("-pk")
        begun = self.filter(answers=None, resolved_at=None, piece__state="open").exclude(variant__is_dropped=True)
        spoken = begun.annotate(last=Subquery(newest.values("pk")[:1]), last_by=Subquery(newest.values("by")[:1]))
        return spoken.filter(Exists(said.filter(told_ids__contains=[member.pk]))).exclude(last_by=member.pk)
