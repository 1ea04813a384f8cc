"""The way through the house: what one does every day at once, the rest in rooms; each app adds its own places."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.urls import NoReverseMatch, get_script_prefix, reverse
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from roles.permissions import CAPABILITIES

if TYPE_CHECKING:
    from roles.models import Member
    from roles.respond import MemberRequest


@dataclass(frozen=True)
class Room:
    """Places that belong together; the first has no title, and its places always stand open."""

    title: str | Promise = ""
    icon: str = ""
    is_setup: bool = False


EVERY_DAY = Room()
LISTENING = Room(_("Listening"), "signal")
ENGAGEMENT = Room(_("Engagement"), "chat-bubble-left-right")
CONTENT = Room(_("Content"), "pencil-square")
STRATEGY = Room(_("Strategy"), "flag")
PEOPLE = Room(_("People and time"), "user-group")
LISTENING_SETUP = Room(_("Listening set-up"), "adjustments-horizontal", is_setup=True)
ENGAGEMENT_SETUP = Room(_("Engagement set-up"), "arrows-right-left", is_setup=True)
HOUSE = Room(_("Organization"), "building-office-2", is_setup=True)
ROOMS = (
    EVERY_DAY, LISTENING, ENGAGEMENT, CONTENT, STRATEGY, PEOPLE, LISTENING_SETUP, ENGAGEMENT_SETUP, HOUSE,
)  # fmt: skip


@dataclass(frozen=True)
class Place:
    """One entry of the navigation; `count` is read when the shell is drawn and must be one cheap query."""

    room: Room
    order: int
    label: str | Promise
    icon: str
    url_name: str
    capability: str
    count: Callable[[Member], str] | None = None
    # Views that belong here although their addresses do not lie below this one's.
    also: tuple[str, ...] = ()
    # What speaks up on every open page of those who may come here: the topic it listens to, and its view.
    alarm: tuple[str, str] | None = None


@dataclass(frozen=True)
class Link:
    """A place as one person sees it now."""

    url: str
    label: str
    icon: str
    current: bool
    count: str = ""


@dataclass(frozen=True)
class Shown:
    """A room as one person sees it now; it folds where it has a title and more than one place."""

    room: Room
    links: list[Link]
    begins: bool = False

    @property
    def folds(self) -> bool:
        """Whether its places stand behind its title."""
        return bool(self.room.title) and len(self.links) > 1

    @property
    def is_here(self) -> bool:
        """Whether the page that is open lies in it."""
        return any(link.current for link in self.links)

    @property
    def count(self) -> str:
        """What waits behind its title: the sum of the numbers, or the sign that stands for none."""
        said = [link.count for link in self.links if link.count]
        if signs := [one for one in said if not one.rstrip("+").isdecimal()]:
            return signs[0]
        more = "+" if any(one.endswith("+") for one in said) else ""
        return f"{sum(int(one.rstrip('+')) for one in said)}{more}" if said else ""


_places: list[Place] = []


def add_places(places: Iterable[Place]) -> None:
    """Put pages into the navigation."""
    _places.extend(place for place in places if place not in _places)
    _open_to.cache_clear()


def navigation(request: MemberRequest) -> list[Shown]:
    """Return the rooms that this member's positions use, with their places."""
    member = request.member
    open_to = _open_to(member.roles, member.composed, get_script_prefix(), get_language() or "")
    here = _here(request, open_to)
    shown: list[Shown] = []
    for room in ROOMS:
        links = [
            Link(url, label, place.icon, url == here, place.count(member) if place.count else "")
            for place, url, label in open_to
            if place.room is room
        ]
        if links:
            shown.append(Shown(room, links, begins=bool(shown) and shown[-1].room.is_setup != room.is_setup))
    return shown


def alarms(request: MemberRequest) -> list[tuple[str, str]]:
    """Return what may speak up above the page of this member: topic and address of each."""
    member = request.member
    said = [place.alarm for place in _places if place.alarm and _is_open_to(place, member.roles, member.composed)]
    return [(topic, reverse(view)) for topic, view in said]


def first_place(request: MemberRequest) -> str:
    """The address at which a member's work begins; empty for somebody without positions."""
    return next((link.url for room in navigation(request) for link in room.links), "")


def _here(request: HttpRequest, open_to: tuple[tuple[Place, str, str], ...]) -> str:
    view = request.resolver_match.view_name if request.resolver_match else ""
    named = (url for place, url, _label in open_to if view in place.also)
    # A page below another belongs to the nearer of the two.
    below = (url for _place, url, _label in open_to if request.path.startswith(url))
    return next(named, "") or max(below, key=len, default="")


@lru_cache(maxsize=1024)
def _open_to(
    roles: frozenset[str], composed: frozenset[str], prefix: str, language: str
) -> tuple[tuple[Place, str, str], ...]:
    """The places of some roles with address and label, in order: the same for every page of an organization."""
    found = []
    for place in sorted(_places, key=lambda place: place.order):
        if _is_open_to(place, roles, composed):
            with suppress(NoReverseMatch):
                found.append((place, reverse(place.url_name), str(place.label)))
    return tuple(found)


def _is_open_to(place: Place, roles: frozenset[str], composed: frozenset[str]) -> bool:
    return bool(CAPABILITIES[place.capability] & roles) or place.capability in composed
