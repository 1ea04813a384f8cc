"""A publication as its network gets it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from content.models import Publication, Variant, VariantMedia
from listening.networks.publishing import OutgoingMedia, OutgoingPiece

Rewrites = Callable[[str, Publication], str]
_rewriters: list[Rewrites] = []


def rewrites(change: Rewrites) -> Rewrites:
    """Have a function change links and words on their way out; the same publication must always become the same."""
    _rewriters.append(change)
    return change


def outgoing_piece(publication: Publication) -> OutgoingPiece:
    """Return the piece as it goes out; each time it is tried under its key it is the same, its date included."""
    variant = publication.variant
    visibility: Any = variant.visibility
    return OutgoingPiece(
        key=publication.key,
        text=as_it_goes_out(variant.text, publication),
        at=publication.begun_at or publication.due_at,
        title=variant.title,
        language=variant.language or variant.piece.language,
        link=as_it_goes_out(variant.link, publication),
        media=media_of(variant),
        warning=variant.warning,
        visibility=visibility,
        slug=variant.slug,
        categories=tuple(variant.categories),
        tags=tuple(variant.tags),
    )


def as_it_goes_out(text: str, publication: Publication) -> str:
    """Return words of a publication as they go out."""
    for change in _rewriters:
        text = change(text, publication) if text else text
    return text


def media_of(variant: Variant) -> tuple[OutgoingMedia, ...]:
    """Return what goes with a variant, read from the storage, in its order."""
    return tuple(_read(row) for row in VariantMedia.objects.filter(variant=variant).select_related("media"))


def _read(row: VariantMedia) -> OutgoingMedia:
    media = row.media
    with media.file.open("rb") as file:
        return OutgoingMedia(name=media.name, content_type=media.content_type, body=file.read(), alt=row.words)
