"""Whether variants may go out as far as review goes: what a page, a calendar and the gate ask."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from content.digest import digest_of
from content.gate import keeps_back
from content.models import Publication, Review, ReviewedVariant, Variant
from content.review_rules import Rules, TimedStep, still_to_ask


class ReviewState(models.TextChoices):
    """How a variant, exactly as it is now, stands with review."""

    NEEDED = "needed", gettext_lazy("Needs a review")
    WAITING = "waiting", gettext_lazy("Waits for review")
    APPROVED = "approved", gettext_lazy("Approved")
    SENT_BACK = "sent_back", gettext_lazy("Sent back")
    CHANGED = "changed", gettext_lazy("Changed since it was asked about")
    ASKS_MORE = "asks_more", gettext_lazy("Approved, but more is asked by now")
    NOT_NEEDED = "not_needed", gettext_lazy("Needs no review")


# What its writer has to ask about, and may.
ASKABLE = frozenset({ReviewState.NEEDED, ReviewState.SENT_BACK, ReviewState.CHANGED, ReviewState.ASKS_MORE})
_OF_STATE = {
    Review.State.WAITING: ReviewState.WAITING,
    Review.State.SENT_BACK: ReviewState.SENT_BACK,
}


@dataclass(frozen=True)
class Reviewed:
    """How a variant stands with review, and whose yes is still missing to exactly what it says now."""

    state: ReviewState
    steps: tuple[TimedStep, ...]


def review_state(variants: Iterable[Variant], *, rules: Rules | None = None) -> dict[int, ReviewState]:
    """Return for each variant, by its key, how it stands; the same few questions for any number of them."""
    return {key: found.state for key, found in reviewed(variants, rules=rules).items()}


def reviewed(variants: Iterable[Variant], *, rules: Rules | None = None) -> dict[int, Reviewed]:
    """Return the same with the steps that are still to be asked.

    An approval counts for what was asked then: where the policy names more people by now, those are asked as well.
    """
    found = list(variants)
    if not found:
        return {}
    prefetch_related_objects(found, "piece", "media_rows__media")
    rules = rules or Rules()
    rules.read_along(found)
    keys = [one.pk for one in found]
    newest = {row.variant_id: row for row in ReviewedVariant.objects.newest_of(keys)}
    approved = ReviewedVariant.objects.asked_and_approved(keys)
    return {one.pk: _reviewed(one, newest.get(one.pk), approved, rules) for one in found}


def _reviewed(
    variant: Variant,
    row: ReviewedVariant | None,
    approved: Mapping[tuple[int, str], Sequence[Mapping[str, Any]]],
    rules: Rules,
) -> Reviewed:
    digest, steps = digest_of(variant), rules.steps_for(variant)
    met = approved.get((variant.pk, digest))
    missing = steps if met is None else still_to_ask(steps, met)
    if met is not None and not missing:
        return Reviewed(ReviewState.APPROVED, ())
    said = _said_of(row, digest)
    if said == ReviewState.WAITING or (steps and said == ReviewState.SENT_BACK):
        return Reviewed(said, missing)
    if met is not None:
        return Reviewed(ReviewState.ASKS_MORE, missing)
    return Reviewed(said if steps else ReviewState.NOT_NEEDED, missing)


def _said_of(row: ReviewedVariant | None, digest: str) -> ReviewState:
    """How it stands by what was asked last: an approval of something else counts nothing."""
    if row is None:
        return ReviewState.NEEDED
    if row.digest == digest:
        return _OF_STATE.get(Review.State(row.state), ReviewState.CHANGED)
    return ReviewState.NEEDED if row.state == Review.State.APPROVED else ReviewState.CHANGED


@keeps_back
def waits_for_review(publication: Publication, at: datetime) -> str:
    """Return why a publication does not go out now as far as review goes; nothing where it may."""
    variant = Variant.objects.select_related("piece").with_media().get(pk=publication.variant_id)
    rules = Rules()
    if not rules.steps_for(variant):
        return ""
    return {
        ReviewState.APPROVED: "",
        ReviewState.NOT_NEEDED: "",
        ReviewState.WAITING: _("It waits for review."),
        ReviewState.SENT_BACK: _("A reviewer sent it back: change it, and ask again."),
        ReviewState.ASKS_MORE: _("It was approved before the policy asked for more: ask for a review of that, too."),
        ReviewState.CHANGED: _("It was changed since somebody was asked: ask for a review again."),
        ReviewState.NEEDED: _("Nobody has approved it as it is now: ask for a review."),
    }[review_state([variant], rules=rules)[variant.pk]]
