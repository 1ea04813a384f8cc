"""Reads of ideas that have a name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Self

from django.db.models import Prefetch, Q
from django.utils.translation import gettext_lazy as _

from content.wording import saying, words_of
from roles.tenancy import OwnedQuerySet

if TYPE_CHECKING:
    from content.models import Idea

# In which order one looks through ideas, by the column that leads; equal ones the newest first.
IDEA_ORDERS = {
    "best": _("Most for the effort"),
    "value": _("Most value"),
    "easy": _("Least effort"),
    "new": _("Newest"),
}
_COLUMNS = {"best": "merit", "value": "value", "easy": "ease"}
WORDS = words_of("text", "quote", "page_title")


class IdeaQuerySet(OwnedQuerySet["Idea"]):
    """Ideas of the active organization."""

    def standing(self) -> Self:
        """Those that were neither dropped nor merged into another."""
        return self.exclude(state__in=("dropped", "merged"))

    def sharing(self, keys: Iterable[int]) -> Self:
        """Those that have a key in common with these, the newest first."""
        return self.filter(keys__overlap=list(keys)).order_by("-pk")

    def saying(self, words: str) -> Self:
        """Those in which all of these words begin a word, in their own text or in what they rest on."""
        found = self
        for word in words.split()[:8]:
            found = saying(found, word, WORDS, anywhere=["text", "quote", "page_title"])
        return found

    def in_order(self, order: str) -> Self:
        """Most for the effort, most value, least effort, or the newest first."""
        column = _COLUMNS.get(order)
        return self.order_by(f"-{column}", "-pk") if column else self.order_by("-pk")

    def after(self, idea: Idea, order: str) -> Self:
        """Those that come after this one in an order."""
        column = _COLUMNS.get(order)
        if column is None:
            return self.filter(pk__lt=idea.pk)
        value = getattr(idea, column)
        return self.filter(Q(**{f"{column}__lt": value}) | Q(**{column: value, "pk__lt": idea.pk}))

    def with_everything(self) -> Self:
        """With who noted them, where they come from, what they are about, and what became of them."""
        from content.models import Idea, Piece

        rows = self.select_related(
            "noted_by__user", "settled_by__user", "mention__post__author", "story", "topic", "campaign", "merged_into"
        )
        merged = Idea.objects.select_related("noted_by__user").order_by("pk")
        pieces = Piece.objects.only("pk", "title", "state", "idea", "organization").order_by("pk")
        return rows.prefetch_related(Prefetch("merged", merged), Prefetch("pieces", pieces))
