"""Which ideas somebody looks at, as it stands in the address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from content.idea_querysets import IDEA_ORDERS, IdeaQuerySet
from content.models import Idea
from engagement.models.joinings import Step
from roles.keys import key_in
from roles.models import Member

SHOWN_STATES = {
    Idea.State.OPEN: _("Open"),
    Idea.State.ACCEPTED: _("Accepted"),
    Idea.State.USED: _("Used"),
    Idea.State.DROPPED: _("Dropped"),
}
MINE = "mine"
LONGEST_SEARCH = 200


@dataclass(frozen=True)
class IdeaFilter:
    """The list that was chosen, what it is narrowed to, and its order; what is not valid narrows nothing."""

    show: str = Idea.State.OPEN
    order: str = "best"
    words: str = ""
    topic: int | None = None
    campaign: int | None = None
    step: str = ""
    origin: str = ""
    unrated: bool = False

    @classmethod
    def in_address(cls, said: QueryDict) -> Self:
        """Read it from an address."""
        show, order = said.get("show", said.get("state", "")), said.get("order", "")
        step, origin = said.get("step", ""), said.get("origin", "")
        return cls(
            show=show if show in SHOWN_STATES or show == MINE else Idea.State.OPEN,
            order=order if order in IDEA_ORDERS else "best",
            words=said.get("q", "").strip()[:LONGEST_SEARCH],
            topic=key_in(said.get("topic", "")),
            campaign=key_in(said.get("campaign", "")),
            step=step if step in Step.values else "",
            origin=origin if origin in Idea.Origin.values else "",
            unrated=said.get("unrated") == "1",
        )

    @property
    def narrows(self) -> bool:
        """Whether it shows less than the whole list."""
        return bool(self.words or self.topic or self.campaign or self.step or self.origin or self.unrated)

    def narrow(self, rows: IdeaQuerySet, *, member: Member) -> IdeaQuerySet:
        """Only those that are looked for, in their order; one's own are shown whatever became of them."""
        rows = rows.filter(noted_by=member) if self.show == MINE else rows.filter(state=self.show)
        if self.words:
            rows = rows.saying(self.words)
        for name in ("topic", "campaign", "step", "origin"):
            if wanted := getattr(self, name):
                rows = rows.filter(**{name: wanted})
        if self.unrated:
            rows = rows.filter(merit=0)
        return rows.in_order(self.order)
