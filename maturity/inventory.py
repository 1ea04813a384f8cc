"""The inventory beside the venue map: where we are, where they talk, and what one place more would cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from listening.models import VenueMap
from listening.venues import Venue, told
from maturity.models import BudgetedTime, Line, Presence
from roles.wording import number

SHOWN = 12
# Below so many hours a week a place is looked after by nobody really: half an hour on each working day.
LEAST_HOURS = 2.5
Kind = Presence.Kind


@dataclass(frozen=True)
class Spot:
    """A place of the venue map, and what of the inventory lies in it."""

    venue: Venue
    key: str
    presences: Sequence[Presence]

    @property
    def owned(self) -> list[Presence]:
        """Accounts of ours there."""
        return [one for one in self.presences if one.kind == Kind.OWNED]

    @property
    def needed(self) -> list[Presence]:
        """Those that we should have there."""
        return [one for one in self.presences if one.kind == Kind.NEEDED]

    @property
    def are_we_there(self) -> bool:
        """Whether we are there, by the inventory or by an account that is connected."""
        return bool(self.owned) or self.venue.present


@dataclass(frozen=True)
class Cost:
    """What the hours of the engagement line mean for places: now, and with one more."""

    hours: float
    owned: int
    needed: int

    @property
    def each(self) -> float:
        """Hours a week for each place where we are."""
        return round(self.hours / self.owned, 1) if self.owned else self.hours

    @property
    def with_one_more(self) -> float:
        """Hours a week for each, if there were one more and no more hours."""
        return round(self.hours / (self.owned + 1), 1)

    def advice(self) -> list[str]:
        """What follows, in sentences."""
        if not self.hours:
            return [_("No hours are planned for engagement, so nobody can say what a place costs. Plan them first.")]
        if not self.owned:
            return [
                _("Begin with one place, the one in which most is said and in which you have something to give. All"
                  " %(hours)s hours a week are for it.") % {"hours": number(self.hours)}
            ]  # fmt: skip
        said = [
            ngettext(
                "%(n)s place has %(hours)s hours a week. One more, looked after as well, would cost %(each)s hours a"
                " week; with no more hours each would have %(less)s.",
                "%(n)s places have %(hours)s hours a week. One more, looked after as well, would cost %(each)s hours a"
                " week; with no more hours each would have %(less)s.",
                self.owned,
            )
            % {
                "n": self.owned,
                "hours": number(self.hours),
                "each": number(self.each),
                "less": number(self.with_one_more),
            }
        ]
        if self.each < LEAST_HOURS:
            said.append(
                _("That is less than half an hour a day for each: few places that answer are worth more than many that"
                  " do not. Give one up before you begin another.")
            )  # fmt: skip
        elif self.needed and self.with_one_more < LEAST_HOURS:
            said.append(_("There is no room for one more without more hours."))
        if self.needed > 1:
            said.append(
                _("%(n)s are noted as needed: all of them would cost %(hours)s hours a week. Begin with one.")
                % {"n": self.needed, "hours": number(self.needed * self.each)}
            )
        return said


def cost(presences: Sequence[Presence]) -> Cost:
    """The hours a week of the engagement line beside the places that share them."""
    hours = BudgetedTime.objects.filter(line=Line.ENGAGEMENT).aggregate(hours=Sum("hours"))["hours"]
    kinds = [one.kind for one in presences]
    return Cost(float(hours or 0), kinds.count(Kind.OWNED), kinds.count(Kind.NEEDED))


def newest_map() -> VenueMap | None:
    """The newest venue map that is drawn."""
    return VenueMap.objects.exclude(drawn_at=None).order_by("-pk").first()


def spots(drawn: VenueMap | None, presences: Sequence[Presence]) -> list[Spot]:
    """The places in which most was said, the largest first, each with what of the inventory lies in it."""
    if drawn is None:
        return []
    return [
        Spot(venue, key_of(venue), [one for one in presences if place_of(one) == key_of(venue)])
        for venue in told(drawn.content)[:SHOWN]
    ]


def key_of(venue: Venue) -> str:
    """How a form names a place of the map."""
    return f"source:{venue.key}" if venue.is_source else f"network:{venue.key}"


def place_of(presence: Presence) -> str:
    """The place of the map in which a presence lies; empty where it lies in none."""
    if presence.source_id is not None:
        return f"source:{presence.source_id}"
    return f"network:{presence.network}" if presence.network else ""
