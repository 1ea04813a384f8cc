"""Hands pictures over to a forum, and says in its Markdown where they stand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from listening.networks.answers import number, word
from listening.networks.discourse.client import Forum, reason, said
from listening.networks.multipart import form_of
from listening.networks.protocols import Access, RateLimited, Refused, Unreachable, Unreadable
from listening.networks.publishing import OutgoingMedia
from listening.networks.words import _

MOST = 20
LARGEST = 4 * 1024 * 1024
# What a forum takes that says nothing of it; the first is what others are made to.
TYPES = {"jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "gif": "image/gif", "webp": "image/webp"}
_WAIT_BEFORE = 120.0


def facts_of(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a forum's settings say of pictures: of which kinds, and how large."""
    allowed = word(told, "authorized_extensions").lower()
    named = set(allowed.split("|")) if allowed and "*" not in allowed else set(TYPES)
    kinds = [kind for name, kind in TYPES.items() if name in named]
    largest = (number(told, "max_image_size_kb") or 0) * 1024
    return {"picture_types": list(dict.fromkeys(kinds)), "largest_picture": largest or LARGEST}


def types_taken(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """The kinds of pictures that the forum takes."""
    found = facts.get("picture_types")
    return tuple(found) if isinstance(found, list) else tuple(dict.fromkeys(TYPES.values()))


def refuse_what_does_not_go(facts: Mapping[str, Any], media: OutgoingMedia) -> None:
    """Raise the plain reason why the forum would not take a file."""
    if media.content_type not in types_taken(facts):
        raise Refused(_("The forum takes no files of the kind of %(name)s.", name=media.name))
    if len(media.body) > (facts.get("largest_picture") or LARGEST):
        raise Refused(_("%(name)s is larger than the forum takes.", name=media.name))


def handed_over(access: Access, forum: Forum, media: OutgoingMedia) -> str:
    """Hand over a picture and return its Markdown. No post comes of that, so whatever goes wrong may be tried again.

    A forum keeps the same bytes of one member once, however often they come.
    """
    kept = f"picture {sha256(media.body).hexdigest()}"
    if not (found := access.memory.get(kept, "")):
        try:
            found = access.memory[kept] = _uploaded(forum, media)
        except (Unreachable, Unreadable) as problem:
            raise RateLimited(
                _("%(name)s could not be handed over: %(problem)s", name=media.name, problem=problem), wait=_WAIT_BEFORE
            ) from problem
    return f"![{_alt(media.alt)}{found}"


def _uploaded(forum: Forum, media: OutgoingMedia) -> str:
    """Upload a picture; returns the end of its Markdown: how large it is, and where the forum keeps it."""
    ending = next(name for name, kind in TYPES.items() if kind == media.content_type)
    name = f"{media.name.rpartition('.')[0]}.{ending}"
    answer = forum.upload("/uploads.json", *form_of(media, (("type", "composer"), ("synchronous", "true")), name=name))
    if answer.status >= 500:
        raise reason(answer)
    told = said(answer)
    if not (address := word(told, "short_url") or word(told, "url")):
        raise Unreadable(_("The forum did not say where it keeps the picture."))
    width, height = number(told, "width"), number(told, "height")
    return f"{f'|{width}x{height}' if width and height else ''}]({address})"


def _alt(text: str) -> str:
    """Words that end neither the description nor the line."""
    return re.sub(r"([\[\]\\|])", r"\\\1", " ".join(text.split())).replace("\\|", "¦")
