"""Ask, approve and send back in tests as one line each."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from content.actions.review_policies import set_review_base
from content.actions.reviews import approve_review, ask_for_review, send_review_back
from content.models import Piece, Review, Variant
from content.review_asking import in_review, seal_of
from content.review_rules import TimedStep, waiting_step
from content.reviewing import review_state
from roles import clock
from roles.models import Member
from tests import factories
from tests.cast import Cast


def ask(piece: Piece, by: Member, *, at: datetime | None = None) -> Review:
    """Ask for the review of a piece; there is one process for all of its variants."""
    (made,) = ask_for_review(piece, by=by, at=at or clock.now())
    return made


def seal(review: Review) -> str:
    """What a reviewer sees now, as one seal."""
    step = waiting_step(Review.objects.get(pk=review.pk))
    assert step is not None
    return seal_of(step, in_review(review))


def yes(review: Review, by: Member, *, at: datetime | None = None, to: str = "") -> Review:
    """Say yes to what stands there now, or to what a seal stands for."""
    return approve_review(review, seal=to or seal(review), by=by, at=at or clock.now())


def no(review: Review, by: Member, reason: str = "Say when.", *, at: datetime | None = None) -> Review:
    """Send back, with a reason."""
    return send_review_back(review, reason=reason, by=by, at=at or clock.now())


def base(acme: Cast, *steps: TimedStep) -> None:
    """Say who sees everything for which no policy says otherwise."""
    set_review_base(acme.organization, steps=steps, by=acme.carla, at=clock.now())


def piece(acme: Cast, variants: int = 1, **fields: Any) -> Piece:
    """A piece of Rosa's, with variants."""
    made = factories.piece(**{"author": acme.rosa, "saved_by": acme.rosa, "title": "Wheels", **fields})
    for _each in range(variants):
        factories.variant(made)
    return made


def states(of: Piece) -> list[str]:
    """How far the review of each variant has come, in their order."""
    rows = list(Variant.objects.in_use().filter(piece=of).in_order())
    found = review_state(rows)
    return [found[row.pk] for row in rows]
