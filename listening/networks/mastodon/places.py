"""The places of a server that can be listened to, and how one writes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from listening.networks.words import _

Kind = Literal["mentions", "tag", "account", "list", "search"]
WRITTEN = _("“mentions”, a #hashtag, an @account, “list” with its number, or “search:” with words")
_NAME = r"[\w](?:[\w.-]*[\w])?"
_ACCOUNT = re.compile(rf"@?({_NAME})@([\w.-]+\.[\w.-]+(?::\d{{1,5}})?|[\w.-]+:\d{{1,5}})", re.IGNORECASE)
_TAG = re.compile(r"([+-]?)#([\w·]+)")
_MOST_TAGS = 4


@dataclass(frozen=True, slots=True)
class Place:
    """One place: its kind, its name there, and for tags which others count (`any`), must be there (`all`) or not."""

    kind: Kind
    name: str = ""
    others: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def check_place(place: str) -> str:
    """Return a place as it is kept; raise ValueError with what is wrong about it."""
    text = " ".join(place.split())
    if not text:
        raise ValueError(_("Write what to listen to: %(written)s.", written=WRITTEN))
    if len(text) > 500:
        raise ValueError(_("This is too long for a place."))
    low = text.lower()
    if low == "mentions" or low.startswith("mentions of "):
        return _mentions(text)
    if low.startswith("search:"):
        if not (words := text[len("search:") :].strip()):
            raise ValueError(_("Write after “search:” what to search for."))
        return f"search: {words}"
    if found := re.fullmatch(r"list\s*:?\s*(\S{1,100})", text, re.IGNORECASE):
        return f"list {found[1]}"
    if "#" in text and not low.startswith("http"):
        return _tags(text)
    return _account(text)


def place_of(place: str) -> Place:
    """Read a place as it is kept."""
    if place.startswith("mentions"):
        return Place("mentions", place.removeprefix("mentions").removeprefix(" of @"))
    if place.startswith("search: "):
        return Place("search", place.removeprefix("search: "))
    if place.startswith("list "):
        return Place("list", place.removeprefix("list "))
    if place.startswith("@"):
        return Place("account", place[1:])
    first, *rest = _TAG.findall(place)
    others: dict[str, list[str]] = {}
    for sign, name in rest:
        others.setdefault({"": "any", "+": "all", "-": "none"}[sign], []).append(name)
    return Place("tag", first[1], {kind: tuple(names) for kind, names in others.items()})


def _mentions(text: str) -> str:
    name = text[len("mentions") :].strip()
    if not name:
        return "mentions"
    found = _ACCOUNT.fullmatch(name[len("of ") :].strip())
    if not found:
        raise ValueError(_("An account is written as @name@server, after “mentions of”."))
    return f"mentions of @{found[1]}@{found[2].lower()}"


def _tags(text: str) -> str:
    found = _TAG.findall(text)
    if not found or _TAG.sub("", text).strip():
        raise ValueError(
            _("Write hashtags one after the other: #one #or_this +#and_this -#not_this, of letters and digits.")
        )
    if found[0][0]:
        raise ValueError(_("The first hashtag has no sign before it."))
    if len(found) - 1 > _MOST_TAGS:
        raise ValueError(_("A server takes %(most)s hashtags besides the first.", most=_MOST_TAGS))
    if all(name.isdigit() for _sign, name in found):
        raise ValueError(_("A hashtag has at least one letter."))
    return " ".join(f"{sign}#{name.lower()}" for sign, name in found)


def _account(text: str) -> str:
    if text.lower().startswith(("http://", "https://")):
        try:
            url = urlsplit(text)
        except ValueError as error:
            raise ValueError(_("This is not a web address.")) from error
        named = re.fullmatch(r"/(?:@|users/)([\w.-]+)(?:@([\w.-]+))?/?", url.path)
        if not named or not url.netloc or "@" in url.netloc:
            raise ValueError(_("This is not the address of an account; write it as @name@server."))
        return f"@{named[1]}@{(named[2] or url.netloc).lower()}"
    found = _ACCOUNT.fullmatch(text)
    if not found:
        raise ValueError(
            _("This is no place here. One writes %(written)s. An account is written as @name@server.", written=WRITTEN)
        )
    return f"@{found[1]}@{found[2].lower()}"
