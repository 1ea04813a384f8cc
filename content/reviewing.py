"""Whether variants may go out as far as review goes: what a page, a calendar and the gate ask."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import models
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from content.digest import digest_of
from content.gate import keeps_back
from content.models import Publication, Review, ReviewedVariant, Variant
from content.review_rules import Rules


class ReviewState(models.TextChoices):
    """How a variant, exactly as it is now, stands with review."""

    NEEDED = "needed", gettext_lazy("Needs a review")
    WAITING = "waiting", gettext_lazy("Waits for review")
    APPROVED = "approved", gettext_lazy("Approved")
    SENT_BACK = "sent_back", gettext_lazy("Sent back")
    CHANGED = "changed", gettext_lazy("Changed since it was asked about")
    NOT_NEEDED = "not_needed", gettext_lazy("Needs no review")


# What its writer has to ask about, and may.
ASKABLE = frozenset({ReviewState.NEEDED, ReviewState.SENT_BACK, ReviewState.CHANGED})
_OF_STATE = {
    Review.State.WAITING: ReviewState.WAITING,
    Review.State.SENT_BACK: ReviewState.SENT_BACK,
}


def review_state(variants: Iterable[Variant], *, rules: Rules | None = None) -> dict[int, ReviewState]:
    """Return for each variant, by its key, how it stands; the same few questions for any number of them."""
    found = list(variants)
    if not found:
        return {}
    prefetch_related_objects(found, "piece", "media_rows__media")
    rules = rules or Rules()
    rules.read_along(found)
    keys = [one.pk for one in found]
    newest = {row.variant_id: row for row in ReviewedVariant.objects.newest_of(keys)}
    approved = set(ReviewedVariant.objects.approved(keys).values_list("variant", "digest"))
    return {one.pk: _state_of(one, newest.get(one.pk), approved, rules) for one in found}


def _state_of(
    variant: Variant, row: ReviewedVariant | None, approved: set[tuple[int, str]], rules: Rules
) -> ReviewState:
    digest = digest_of(variant)
    if (variant.pk, digest) in approved:
        return ReviewState.APPROVED
    said = _said_of(row, digest)
    if said == ReviewState.WAITING:
        return said
    return said if rules.steps_for(variant) else ReviewState.NOT_NEEDED


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
        ReviewState.CHANGED: _("It was changed since somebody was asked: ask for a review again."),
        ReviewState.NEEDED: _("Nobody has approved it as it is now: ask for a review."),
    }[review_state([variant], rules=rules)[variant.pk]]
