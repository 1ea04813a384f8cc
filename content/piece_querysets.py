"""Reads of pieces that have a name."""

from __future__ import annotations

from typing import Self

from django.db.models import Prefetch

from roles.tenancy import OwnedQuerySet


class PieceQuerySet(OwnedQuerySet):  # type: ignore[type-arg]
    """Pieces of the active organization."""

    def open(self) -> Self:
        """Leave out what was dropped."""
        return self.filter(state="open")

    def with_variants(self) -> Self:
        """Bring the variants along, each with its channel and its newest publication."""
        from content.models import Variant

        variants = Variant.objects.in_use().with_newest_publication().select_related("channel").in_order()
        return self.select_related("author__user", "department", "campaign", "topic").prefetch_related(
            Prefetch("variants", variants, to_attr="variants_in_use")
        )
