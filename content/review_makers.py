"""Who wrote what goes out: they never approve it, and what lets one go without review lets no others go."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Max, QuerySet

from content.models import ReviewedVariant, Variant
from roles.models import AuditEntry

# Whatever changes the words or the media of a variant; a version that is brought back edits what it brings back.
WROTE = ("add_variant", "edit_variant", "attach_media", "describe_there", "move_media", "detach_media")


def who_wrote(variants: Iterable[Variant]) -> dict[int, set[int]]:
    """Return for each variant, by its key, everybody who ever changed it."""
    found: dict[int, set[int]] = {one.pk: set() for one in variants}
    for key, by in _writing(found).values_list("subject_id", "by").distinct():
        if key is not None and by is not None:
            found[key].add(by)
    return found


def who_wrote_since_approved(variants: Iterable[Variant]) -> set[int]:
    """Return who changed any of the variants since it was last approved."""
    keys = [one.pk for one in variants]
    approved = ReviewedVariant.objects.approved(keys).values("variant").annotate(asked=Max("asked_at"))
    since = dict(approved.values_list("variant", "asked"))
    rows = _writing(keys).values_list("subject_id", "by", "at")
    return {by for key, by, at in rows if key not in since or at >= since[key]}


def _writing(keys: Iterable[int]) -> QuerySet[AuditEntry]:
    rows = AuditEntry.objects.filter(subject_kind="variant", subject_id__in=list(keys), verb__in=WROTE)
    return rows.filter(by__isnull=False).order_by()
