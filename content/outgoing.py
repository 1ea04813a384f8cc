"""A publication as its network gets it."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from content.models import Publication, Variant, VariantMedia
from content.renditions import sendable
from content.serving import name_for
from content.tracking import tracked
from listening.networks.protocols import Refused
from listening.networks.publishing import OutgoingMedia, OutgoingPiece
from roles import clock
from roles.wording import labelled


def outgoing_piece(publication: Publication, *, is_look: bool = False) -> OutgoingPiece:
    """Return the piece as it goes out; each time it is tried under its key it is the same, its date included.

    To look whether it arrived the files are not read: what they are called is enough, and many looks are made.
    """
    variant = publication.variant
    visibility: Any = variant.visibility
    return OutgoingPiece(
        key=publication.key,
        text=tracked(variant.text, publication),
        at=publication.begun_at or publication.due_at,
        title=variant.title,
        language=variant.language_there,
        link=tracked(variant.link, publication),
        media=named_media_of(variant) if is_look else media_of(variant),
        warning=variant.warning,
        visibility=visibility,
        slug=variant.slug,
        categories=tuple(variant.categories),
        tags=tuple(variant.tags),
    )


def media_of(variant: Variant) -> tuple[OutgoingMedia, ...]:
    """Return what goes with a variant, read from the storage, in its order."""
    return tuple(_read(row) for row in _rows(variant))


def named_media_of(variant: Variant) -> tuple[OutgoingMedia, ...]:
    """Return what goes with a variant, in its order, without what is in the files."""
    return tuple(
        OutgoingMedia(
            name=name_for(row.media.name, row.media.content_type), content_type=row.media.content_type, body=b"",
            alt=row.words,
        )
        for row in _rows(variant)
    )  # fmt: skip


def _rows(variant: Variant) -> QuerySet[VariantMedia]:
    return VariantMedia.objects.filter(variant=variant).select_related("media", "variant__channel__connection")


def _read(row: VariantMedia) -> OutgoingMedia:
    """As the account takes it: a picture that is too large for it was made smaller."""
    try:
        file = sendable(row.media, row.variant.channel, at=clock.now())
    except ValidationError as problem:
        raise Refused(labelled(row.media.name, " ".join(problem.messages))) from problem
    return OutgoingMedia(
        name=name_for(row.media.name, file.content_type), content_type=file.content_type, body=file.body, alt=row.words
    )
