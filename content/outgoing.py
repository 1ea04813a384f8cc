"""A publication as its network gets it."""

from __future__ import annotations

from typing import Any

from content.models import Publication, Variant, VariantMedia
from content.tracking import tracked
from listening.networks.publishing import OutgoingMedia, OutgoingPiece


def outgoing_piece(publication: Publication) -> OutgoingPiece:
    """Return the piece as it goes out; each time it is tried under its key it is the same, its date included."""
    variant = publication.variant
    visibility: Any = variant.visibility
    return OutgoingPiece(
        key=publication.key,
        text=tracked(variant.text, publication),
        at=publication.begun_at or publication.due_at,
        title=variant.title,
        language=variant.language or variant.piece.language,
        link=tracked(variant.link, publication),
        media=media_of(variant),
        warning=variant.warning,
        visibility=visibility,
        slug=variant.slug,
        categories=tuple(variant.categories),
        tags=tuple(variant.tags),
    )


def media_of(variant: Variant) -> tuple[OutgoingMedia, ...]:
    """Return what goes with a variant, read from the storage, in its order."""
    return tuple(_read(row) for row in VariantMedia.objects.filter(variant=variant).select_related("media"))


def _read(row: VariantMedia) -> OutgoingMedia:
    media = row.media
    with media.file.open("rb") as file:
        return OutgoingMedia(name=media.name, content_type=media.content_type, body=file.read(), alt=row.words)
