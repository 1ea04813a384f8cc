"""The way through the house, by job; each app adds its own places."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise

from roles.permissions import CAPABILITIES

if TYPE_CHECKING:
    from roles.models import Member


@dataclass(frozen=True)
class Place:
    """One entry of the navigation; `count` is read when the shell is drawn and must be one cheap query."""

    group: str
    order: int
    label: str | Promise
    icon: str
    url_name: str
    capability: str
    count: Callable[[Member], str] | None = None


@dataclass(frozen=True)
class Link:
    """A place as one person sees it now."""

    url: str
    label: str
    icon: str
    current: bool
    count: str = ""


_places: list[Place] = []


def add_place(place: Place) -> None:
    """Put a page into the navigation; groups are “work”, “strategy” and “set-up”."""
    if place not in _places:
        _places.append(place)


def navigation(request: HttpRequest) -> list[tuple[str, list[Link]]]:
    """Return the groups of links that this member's positions use."""
    member: Member = request.member  # type: ignore[attr-defined]
    seen: list[tuple[Place, str]] = []
    for place in sorted(_places, key=lambda place: place.order):
        if CAPABILITIES[place.capability] & member.roles:
            with suppress(NoReverseMatch):
                seen.append((place, reverse(place.url_name)))
    # A page below another belongs to the nearer of the two.
    here = max((url for _, url in seen if request.path.startswith(url)), key=len, default="")
    groups: dict[str, list[Link]] = {"work": [], "strategy": [], "set-up": []}
    for place, url in seen:
        count = place.count(member) if place.count else ""
        groups[place.group].append(Link(url, str(place.label), place.icon, url == here, count))
    return [(name, links) for name, links in groups.items() if links]
