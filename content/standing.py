"""How far a piece has come, derived from its variants and their newest publications."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import models
from django.utils.translation import gettext_lazy as _

from content.models import Piece, Publication, Review, ReviewedVariant, Variant

State = Publication.State


class Standing(models.TextChoices):
    """How far a piece, or one of its variants, has come."""

    DROPPED = "dropped", _("Dropped")
    TROUBLE = "trouble", _("In trouble")
    SENT_BACK = "sent_back", _("Sent back")
    REVIEW = "review", _("In review")
    DRAFT = "draft", _("Draft")
    PLANNED = "planned", _("Planned")
    PARTLY = "partly", _("Partly published")
    PUBLISHED = "published", _("Published")


TROUBLE = (State.REFUSED, State.UNKNOWN, State.MISSED)
# What a review gave back to its writer, or the writer took out of it by changing it: somebody has to ask again.
GIVEN_BACK = (Review.State.SENT_BACK, Review.State.CHANGED)
_OF_STATE = dict.fromkeys(TROUBLE, Standing.TROUBLE) | {
    State.ACCEPTED: Standing.PUBLISHED,
    State.CANCELLED: Standing.DRAFT,
}


def standing_of_variant(variant: Variant) -> Standing:
    """How far a variant of `with_newest_publication()` has come."""
    newest: list[Publication] = variant.publications_newest  # type: ignore[attr-defined]
    return _OF_STATE.get(State(newest[0].state), Standing.PLANNED) if newest else Standing.DRAFT


def standing_of(piece: Piece) -> Standing:
    """How far a piece of `with_variants()` has come: what is in trouble first, then what is still to be done.

    Where nothing is published, what came back from a review counts before what waits for one, and that before a plan.
    """
    variants: Sequence[Variant] = piece.variants_in_use  # type: ignore[attr-defined]
    if piece.state == Piece.State.DROPPED:
        return Standing.DROPPED
    found = {standing_of_variant(variant) for variant in variants}
    if Standing.TROUBLE in found:
        return Standing.TROUBLE
    if Standing.PUBLISHED in found:
        return Standing.PUBLISHED if found == {Standing.PUBLISHED} else Standing.PARTLY
    said = {row.state for variant in variants for row in _newest_review(variant)}
    if said & set(GIVEN_BACK):
        return Standing.SENT_BACK
    if Review.State.WAITING in said:
        return Standing.REVIEW
    return Standing.PLANNED if Standing.PLANNED in found else Standing.DRAFT


def _newest_review(variant: Variant) -> Sequence[ReviewedVariant]:
    """What was asked last about a variant of `with_newest_review()`, or nothing."""
    return variant.reviewed_newest  # type: ignore[attr-defined,no-any-return]
