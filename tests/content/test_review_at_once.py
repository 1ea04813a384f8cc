"""A yes and an edit at the same moment, each on a connection of its own: nothing is approved that nobody has seen."""

from __future__ import annotations

import pytest

from content.actions.reviews import approve_review
from content.actions.variants import edit_variant
from content.models import Review, ReviewedVariant, Variant
from content.reviewing import review_state
from engagement.refusals import Refusal
from roles import clock
from roles.tenancy import acting_for
from tests import factories
from tests.cast import assemble
from tests.content.reviews import ask, seal
from tests.engagement.test_simultaneous_sends import at_once

ROUNDS = 6


@pytest.mark.django_db(transaction=True)
def test_an_edit_and_a_yes_at_once_approve_nothing_unseen() -> None:
    cast = assemble()
    for number in range(ROUNDS):
        with acting_for(cast.organization):
            piece = factories.piece(author=cast.rosa, title=f"Piece {number}")
            edited, kept = factories.variant(piece, text="As it was."), factories.variant(piece)
            review = ask(piece, cast.rosa)
            shown = seal(review)

        def say_yes(review: Review = review, shown: str = shown) -> str:
            try:
                approve_review(review, seal=shown, by=cast.carla, at=clock.now())
            except Refusal as problem:
                return str(problem)
            return ""

        def edit(variant: Variant = edited) -> str:
            edit_variant(variant, text="Unseen.", by=cast.rosa, at=clock.now())
            return ""

        refused, _edited = at_once(cast, [say_yes, edit])
        with acting_for(cast.organization):
            states = review_state([Variant.objects.get(pk=row.pk) for row in (edited, kept)])
            row = ReviewedVariant.objects.get(review=review, variant=edited)
            # Either order is right, and in neither the edit is approved.
            assert states[edited.pk] == ("changed" if refused else "needed"), refused
            assert (row.state, states[kept.pk]) == (("changed", "waiting") if refused else ("approved", "approved"))


@pytest.mark.django_db(transaction=True)
def test_the_same_yes_twice_at_once_is_one() -> None:
    cast = assemble()
    with acting_for(cast.organization):
        piece = factories.piece(author=cast.rosa)
        factories.variant(piece)
        review = ask(piece, cast.rosa)
        shown = seal(review)

    def say_yes() -> str:
        try:
            approve_review(review, seal=shown, by=cast.carla, at=clock.now())
        except Refusal as problem:
            return str(problem)
        return ""

    assert sorted(bool(problem) for problem in at_once(cast, [say_yes, say_yes])) == [False, True]
    with acting_for(cast.organization):
        assert review.steps.get().decisions.count() == 1
