"""Reads of variants that have a name."""

from __future__ import annotations

from typing import Self

from django.db.models import OuterRef, Prefetch, Subquery

from roles.tenancy import OwnedQuerySet


class VariantQuerySet(OwnedQuerySet):  # type: ignore[type-arg]
    """Variants of the active organization."""

    def in_use(self) -> Self:
        """Leave out what is not said any more."""
        return self.filter(is_dropped=False)

    def in_order(self) -> Self:
        """Order as the writer put them."""
        return self.order_by("position", "pk")

    def with_newest_publication(self) -> Self:
        """Bring along as `publications_newest` a list with the newest publication of each, or an empty one."""
        from content.models import Publication

        newest = Publication.objects.filter(variant=OuterRef("variant")).order_by("-pk").values("pk")[:1]
        rows = Publication.objects.filter(pk=Subquery(newest))
        return self.prefetch_related(Prefetch("publications", rows, to_attr="publications_newest"))

    def with_media(self) -> Self:
        """Bring the media along, in their order."""
        from content.models import VariantMedia

        rows = VariantMedia.objects.select_related("media").order_by("position", "pk")
        return self.prefetch_related(Prefetch("media_rows", rows))
