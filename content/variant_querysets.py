"""Reads of variants that have a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db.models import Exists, OuterRef, Prefetch, Subquery

from roles.tenancy import OwnedQuerySet

if TYPE_CHECKING:
    from content.models import Piece


class VariantQuerySet(OwnedQuerySet):  # type: ignore[type-arg]
    """Variants of the active organization."""

    def in_use(self) -> Self:
        """Leave out what is not said any more."""
        return self.filter(is_dropped=False)

    def in_order(self) -> Self:
        """Order as the writer put them."""
        return self.order_by("position", "pk")

    def of_piece(self, piece: Piece) -> Self:
        """Those in use of a piece as the writer put them, with channel and media read along."""
        return self.in_use().filter(piece=piece).select_related("channel").with_media().in_order()

    def with_newest_publication(self) -> Self:
        """Bring along as `publications_newest` a list with the newest publication of each, or an empty one."""
        from content.models import Publication

        newest = Publication.objects.filter(variant=OuterRef("variant")).order_by("-pk").values("pk")[:1]
        rows = Publication.objects.filter(pk=Subquery(newest))
        return self.prefetch_related(Prefetch("publications", rows, to_attr="publications_newest"))

    def with_newest_review(self) -> Self:
        """Bring along as `reviewed_newest` a list with what was asked last about each, unless it was withdrawn."""
        from content.models import ReviewedVariant

        asked = ReviewedVariant.objects.filter(variant=OuterRef("variant")).exclude(state="withdrawn")
        rows = ReviewedVariant.objects.filter(pk=Subquery(asked.order_by("-pk").values("pk")[:1])).defer("shown")
        return self.prefetch_related(Prefetch("reviewed", rows, to_attr="reviewed_newest"))

    def with_piece(self) -> Self:
        """Bring along the piece, with its department, and the channel."""
        return self.select_related("piece__department", "channel")

    def to_be_planned(self) -> Self:
        """Those that are said, and of which nothing is planned or has gone out."""
        from content.models import Publication

        settled = Publication.objects.exclude(state__in=["cancelled", "refused", "missed"])
        return self.in_use().filter(~Exists(settled.filter(variant=OuterRef("pk"))), piece__state="open")

    def with_media(self) -> Self:
        """Bring the media along, in their order."""
        from content.models import VariantMedia

        rows = VariantMedia.objects.select_related("media").order_by("position", "pk")
        return self.prefetch_related(Prefetch("media_rows", rows))
