"""Which pieces a list shows; every filter has its place in the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from content.models import Piece, Publication, Review, ReviewedVariant, Variant
from content.piece_querysets import PieceQuerySet
from content.standing import GIVEN_BACK, TROUBLE, Standing
from roles.keys import key_in
from roles.models import Member

WORDS_ASKED = 8
_ENDED = (*TROUBLE, "accepted", "cancelled")


@dataclass(frozen=True)
class PieceFilter:
    """What of all pieces is wanted; empty where it does not matter."""

    q: str = ""
    standing: str = ""
    channel: str = ""
    kind: str = ""
    step: str = ""
    campaign: str = ""
    series: str = ""
    department: str = ""
    whose: str = ""

    @classmethod
    def of(cls, said: Mapping[str, str]) -> PieceFilter:
        """Return the filter that an address names."""
        return cls(**{name: said.get(name, "")[:200].strip() for name in cls.__dataclass_fields__})

    def as_query(self) -> dict[str, str]:
        """Return it as it stands in the address."""
        return {name: value for name, value in asdict(self).items() if value}

    def __bool__(self) -> bool:
        return bool(self.as_query())

    def narrow(self, rows: PieceQuerySet, member: Member) -> QuerySet[Piece]:
        """Return those of the pieces that are wanted; what was dropped only where it is asked for."""
        for word in self.q.split()[:WORDS_ASKED]:
            rows = rows.saying(word)
        for name in ("kind", "step"):
            if value := getattr(self, name):
                rows = rows.filter(**{name: value})
        for name in ("campaign", "series", "department"):
            if value := getattr(self, name):
                rows = rows.filter(**{f"{name}_id": key_in(value)})
        if self.channel:
            there = Variant.objects.in_use().filter(piece=OuterRef("pk"), channel_id=key_in(self.channel))
            rows = rows.filter(Exists(there))
        if self.whose:
            rows = rows.filter(author=member if self.whose == "me" else key_in(self.whose))
        return _standing(rows, self.standing)


def _standing(rows: QuerySet[Piece], wanted: str) -> QuerySet[Piece]:
    """Those that have come so far: the same as `standing_of` says of each."""
    if wanted == Standing.DROPPED:
        return rows.filter(state=Piece.State.DROPPED)
    rows = rows.filter(state=Piece.State.OPEN)
    trouble, accepted = _has(Q(newest__in=TROUBLE)), _has(Q(newest="accepted"))
    coming = _has(Q(newest__isnull=False) & ~Q(newest__in=_ENDED))
    other = _has(Q(newest__isnull=True) | ~Q(newest="accepted"))
    back, asked = _has(Q(said__in=GIVEN_BACK)), _has(Q(said=Review.State.WAITING))
    under_way = ~trouble & ~accepted
    wants: dict[str, Any] = {
        Standing.TROUBLE: trouble,
        Standing.PUBLISHED: ~trouble & accepted & ~other,
        Standing.PARTLY: ~trouble & accepted & other,
        Standing.SENT_BACK: under_way & back,
        Standing.REVIEW: under_way & ~back & asked,
        Standing.PLANNED: under_way & ~back & ~asked & coming,
        Standing.DRAFT: under_way & ~back & ~asked & ~coming,
    }
    return rows.filter(wants[wanted]) if wanted in wants else rows


def _has(standing: Q) -> Q:
    """Whether one of the variants in use stands so, by its newest publication or by what a review said last."""
    states = Publication.objects.filter(variant=OuterRef("pk")).order_by("-pk").values("state")[:1]
    reviewed = ReviewedVariant.objects.filter(variant=OuterRef("pk")).exclude(state=Review.State.WITHDRAWN)
    said = reviewed.order_by("-pk").values("state")[:1]
    variants = Variant.objects.in_use().filter(piece=OuterRef("pk"))
    return Q(Exists(variants.annotate(newest=Subquery(states), said=Subquery(said)).filter(standing)))
