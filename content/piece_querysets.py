"""Reads of pieces that have a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import connection
from django.db.models import Prefetch

from content.wording import saying, start_of, words_of
from roles.tenancy import OwnedQuerySet, active_organization_id

if TYPE_CHECKING:
    from content.models import Piece

# From a piece up to what it was made of first, then down to all that was made of that, the nearest first.
_FAMILY = """
    WITH RECURSIVE above AS (
        SELECT id, from_piece_id, 0 AS far FROM content_piece
        WHERE id = %(piece)s AND organization_id = %(organization)s
        UNION ALL
        SELECT piece.id, piece.from_piece_id, above.far + 1 FROM content_piece piece
        JOIN above ON piece.id = above.from_piece_id
        WHERE piece.organization_id = %(organization)s AND above.far < %(most)s
    ), below AS (
        (SELECT id, 0 AS down FROM above ORDER BY far DESC LIMIT 1)
        UNION ALL
        SELECT piece.id, below.down + 1 FROM content_piece piece
        JOIN below ON piece.from_piece_id = below.id
        WHERE piece.organization_id = %(organization)s AND below.down < %(most)s
    )
    (SELECT id FROM below ORDER BY down, id LIMIT %(most)s) UNION SELECT id FROM above
"""


WORDS = words_of("title", start_of("body"))


class PieceQuerySet(OwnedQuerySet):  # type: ignore[type-arg]
    """Pieces of the active organization."""

    def open(self) -> Self:
        """Leave out what was dropped."""
        return self.filter(state="open")

    def saying(self, word: str) -> Self:
        """Those whose title or body has a word that begins so."""
        return saying(self, word, WORDS, anywhere=["title", "body"])

    def family_of(self, piece: Piece, *, most: int) -> list[int]:
        """The keys of what a piece was made of, and of so many that were made of the same, itself among them."""
        with connection.cursor() as cursor:
            cursor.execute(_FAMILY, {"piece": piece.pk, "organization": active_organization_id(), "most": most})
            return [key for (key,) in cursor.fetchall()]

    def with_variants(self) -> Self:
        """Bring the variants along, each with its channel, its newest publication and what a review said last."""
        from content.models import Variant

        variants = Variant.objects.in_use().with_newest_publication().with_newest_review()
        variants = variants.select_related("channel").in_order()
        return self.select_related("author__user", "department", "campaign", "topic").prefetch_related(
            Prefetch("variants", variants, to_attr="variants_in_use")
        )
