"""Reads of judgements that have a name: topics, corrections, learned models."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Self

from django.db.models import Max, Q, Sum
from django.db.models.functions import Extract

from roles.tenancy import OwnedQuerySet

if TYPE_CHECKING:
    from listening.models import Correction, LearnedModel, Mention, Topic  # noqa: F401


class TopicQuerySet(OwnedQuerySet["Topic"]):
    """Topics of the active organization."""

    def active(self) -> Self:
        """Those that are given and suggested."""
        return self.filter(is_active=True)

    def active_or(self, current: Topic | None) -> Self:
        """Those that are given, and the one that something has already, even if it is given no more."""
        return self.filter(Q(is_active=True) | Q(pk=current.pk)) if current is not None else self.active()

    def by_name(self) -> Self:
        """In the order of names."""
        return self.order_by("name", "pk")


class CorrectionQuerySet(OwnedQuerySet["Correction"]):
    """What people of the active organization said about judgements."""

    def of(self, mentions: Iterable[Mention]) -> dict[int, dict[str, Correction]]:
        """Those of some mentions, by mention and kind, with who made them."""
        found: dict[int, dict[str, Correction]] = {}
        for row in self.filter(mention__in=[mention.pk for mention in mentions]).select_related("by__user"):
            found.setdefault(row.mention_id, {})[row.kind] = row
        return found


class LearnedModelQuerySet(OwnedQuerySet["LearnedModel"]):
    """Models that were trained for the active organization."""

    def current(self) -> Self:
        """Those that judge now."""
        return self.filter(state="current")

    def stamp(self) -> tuple[object, ...]:
        """What changes whenever another one judges."""
        moments = Sum(Extract("since_at", "epoch"))
        return tuple(self.current().aggregate(newest=Max("pk"), moments=moments, keys=Sum("pk")).values())

    def without_content(self) -> Self:
        """Without what makes them heavy to read."""
        return self.defer("content", "words")
