"""Reads of campaigns and events that have a name."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from roles.tenancy import OwnedQuerySet


class CampaignQuerySet(OwnedQuerySet):  # type: ignore[type-arg]
    """Campaigns and events of the active organization."""

    def on_days(self, first: date, last: date) -> Self:
        """Those that reach into the days from one until and with another."""
        return self.filter(begins_on__lte=last, ends_on__gte=first)

    def with_counts(self) -> Self:
        """With `piece_count`, how many pieces each has, and `published_count`, how often one of them was published."""
        from content.models import Piece, Publication

        pieces = Piece.objects.filter(campaign=OuterRef("pk"), state="open").order_by().values("campaign")
        went_out = Publication.objects.filter(variant__piece__campaign=OuterRef("pk"), state="accepted")
        out = went_out.order_by().values("variant__piece__campaign")
        return self.annotate(
            piece_count=Coalesce(Subquery(pieces.annotate(n=Count("pk")).values("n")), 0),
            published_count=Coalesce(Subquery(out.annotate(n=Count("pk")).values("n")), 0),
        )

    def newest_first(self) -> Self:
        """By their first days, the newest first."""
        return self.order_by("-begins_on", "-pk")

    def before(self, key: int) -> Self:
        """Those that come after the one with a key in the order of `newest_first`."""
        begins = self.model.objects.filter(pk=key).values("begins_on")
        return self.filter(Q(begins_on__lt=Subquery(begins)) | Q(begins_on=Subquery(begins), pk__lt=key))
