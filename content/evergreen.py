"""Evergreen pieces: what stays true may be said again when it has rested; a person says it, nothing does by itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import DateTimeField, Exists, ExpressionWrapper, F, OuterRef, QuerySet, Subquery, Value

from content.models import Piece, Publication

DAY = Value(timedelta(days=1))


def evergreen() -> Any:
    """Those that were said and may be said again, with `said_at` and `rested_at`; of each family the newest.

    What was begun anew already gives way to the new one, unless that was dropped.
    """
    said = Publication.objects.filter(variant__piece=OuterRef("pk"), state=Publication.State.ACCEPTED)
    under_way = Publication.objects.under_way().filter(variant__piece=OuterRef("pk"))
    anew = Piece.objects.open().filter(from_piece=OuterRef("pk"), rests_days__isnull=False)
    rows = Piece.objects.open().filter(rests_days__isnull=False)
    rows = rows.annotate(said_at=Subquery(said.order_by("-accepted_at").values("accepted_at")[:1]))
    rested_at: Any = ExpressionWrapper(F("said_at") + F("rests_days") * DAY, output_field=DateTimeField())
    rows = rows.filter(said_at__isnull=False).annotate(rested_at=rested_at)
    return rows.exclude(Exists(under_way)).exclude(Exists(anew))


def rested(*, at: datetime) -> QuerySet[Piece]:
    """Those that have rested, the longest rested first."""
    rows: QuerySet[Piece] = evergreen().filter(rested_at__lte=at).order_by("rested_at", "pk")
    return rows


def resting(*, at: datetime) -> QuerySet[Piece]:
    """Those that still rest, the next one first."""
    rows: QuerySet[Piece] = evergreen().filter(rested_at__gt=at).order_by("rested_at", "pk")
    return rows


def is_rested(piece: Piece, *, at: datetime) -> bool:
    """Whether a piece may be said again."""
    return rested(at=at).filter(pk=piece.pk).exists()
