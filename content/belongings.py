"""What somebody has in content, and how each kind of it is passed on when they leave or go away."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy

from content.models import FirstComment, Piece, Publication
from roles.belongings import Belonging, Thing, add_belonging, in_column, listed
from roles.models import Member


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


for kind in (
    Belonging(
        "pieces", gettext_lazy("Pieces that they write"), 90,
        listed(_pieces, lambda row: Thing(str(row), reverse("content:piece", args=[row.pk]))),
        in_column(_pieces, "author"), "content.write",
    ),
    Belonging(
        "plans", gettext_lazy("Publications that they planned"), 93,
        listed(_plans, lambda row: Thing(str(row), reverse("content:publication", args=[row.pk]))),
        in_column(_plans, "planned_by"), "content.plan",
    ),
    Belonging(
        "publications", gettext_lazy("Publications to decide about"), 95,
        listed(_publications, lambda row: Thing(str(row), reverse("content:publication", args=[row.pk]))),
        in_column(_publications, "owner"), "content.settle_publication",
    ),
    Belonging(
        "first_comments", gettext_lazy("First comments to decide about"), 96,
        listed(_first_comments, lambda row: Thing(str(row), reverse("content:publication", args=[row.publication_id]))),
        in_column(_first_comments, "owner"), "content.settle_publication",
    ),
):  # fmt: skip
    add_belonging(kind)
