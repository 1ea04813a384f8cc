"""Reads of media that have a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q, Sum

from content.wording import saying, spoken, words_of
from roles.tenancy import OwnedQuerySet

if TYPE_CHECKING:
    from content.models import Media, Piece

WORDS = words_of(spoken("name"), "alt")
WORDS_ASKED = 8


class MediaQuerySet(OwnedQuerySet):  # type: ignore[type-arg]
    """Media of the active organization."""

    def of_kind(self, kind: str) -> Self:
        """Only pictures (`image`), films (`video`) or sounds (`audio`)."""
        return self.filter(content_type__startswith=f"{kind}/")

    def saying(self, words: str) -> Self:
        """Those in whose name or description all of these words begin a word."""
        found = self
        for word in words.split()[:WORDS_ASKED]:
            found = saying(found, word, WORDS, anywhere=["name", "alt"])
        return found

    def without_words(self) -> Self:
        """Those of which nobody has said what is to be seen or heard."""
        return self.filter(alt="")

    def with_use(self) -> Self:
        """Say of each, as `is_used`, whether a variant has it."""
        from content.models import VariantMedia

        return self.annotate(is_used=Exists(VariantMedia.objects.filter(media=OuterRef("pk"))))

    def unused(self) -> Self:
        """Those that no variant has."""
        return self.with_use().filter(is_used=False)

    def same_as(self, digest: str) -> Self:
        """What has this content, or came as it."""
        return self.filter(Q(digest=digest) | Q(came_as=digest))


def going_out_with(media: Media) -> models.QuerySet[Piece]:
    """The pieces with a variant that goes out with media and with the words that stand there, in order."""
    from content.models import Piece, VariantMedia

    uses = VariantMedia.objects.filter(media=media, alt="", variant__is_dropped=False)
    return Piece.objects.open().filter(pk__in=uses.values("variant__piece")).order_by("pk")


def stored_bytes() -> int:
    """How many bytes the organization keeps, with what is on its way in and what was made smaller."""
    from content.models import Media, Rendition, Upload

    return sum(
        rows.aggregate(sum=Sum("size"))["sum"] or 0 for rows in (Media.objects, Rendition.objects, Upload.objects)
    )
