"""What somebody has in content, and how each kind of it is passed on when they leave or go away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy

from content.models import FirstComment, Piece, Publication
from roles.audit import record_many
from roles.belongings import MOST, Belonging, Handing, Thing, add_belonging
from roles.models import Member

Rows = Callable[[Member], Any]


def _pieces(member: Member) -> Any:
    return Piece.objects.open().filter(author=member).order_by("pk")


def _publications(member: Member) -> Any:
    rows = Publication.objects.filter(owner=member, put_before_person_at__isnull=False)
    return rows.select_related("variant__piece", "variant__channel").order_by("pk")


def _plans(member: Member) -> Any:
    rows = Publication.objects.not_begun().filter(planned_by=member)
    return rows.select_related("variant__piece", "variant__channel").order_by("due_at", "pk")


def _first_comments(member: Member) -> Any:
    rows = FirstComment.objects.filter(owner=member, put_before_person_at__isnull=False)
    return rows.order_by("pk")


def _shown(rows: Rows, address_of: Callable[[Any], str]) -> Callable[[Member], Sequence[Thing]]:
    def things(member: Member) -> Sequence[Thing]:
        return [Thing(str(row), address_of(row)) for row in rows(member)[: MOST + 1]]

    return things


def _put(rows: Rows, field: str) -> Callable[[Handing], int]:
    """Pass on rows whose holder stands in one column."""

    def change(handing: Handing) -> int:
        found = list(rows(handing.member).select_for_update(of=("self",), no_key=True))
        for row in found:
            setattr(row, field, handing.to)
        if found:
            type(found[0]).objects.bulk_update(found, [field])
            after = {"to": str(handing.to or ""), "note": handing.note}
            was = {row.pk: {"of": str(handing.member)} for row in found}
            now = {row.pk: after for row in found}
            record_many("hand_over", found, by=handing.by, at=handing.at, before=was, after=now)
        return len(found)

    return change


for kind in (
    Belonging(
        "pieces", gettext_lazy("Pieces that they write"), 90,
        _shown(_pieces, lambda row: reverse("content:piece", args=[row.pk])), _put(_pieces, "author"), "content.write",
    ),
    Belonging(
        "plans", gettext_lazy("Publications that they planned"), 93,
        _shown(_plans, lambda row: reverse("content:publication", args=[row.pk])), _put(_plans, "planned_by"),
        "content.plan",
    ),
    Belonging(
        "publications", gettext_lazy("Publications to decide about"), 95,
        _shown(_publications, lambda row: reverse("content:publication", args=[row.pk])), _put(_publications, "owner"),
        "content.settle_publication",
    ),
    Belonging(
        "first_comments", gettext_lazy("First comments to decide about"), 96,
        _shown(_first_comments, lambda row: reverse("content:publication", args=[row.publication_id])),
        _put(_first_comments, "owner"), "content.settle_publication",
    ),
):  # fmt: skip
    add_belonging(kind)
