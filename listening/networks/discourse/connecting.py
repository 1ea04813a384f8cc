"""Connects a forum with a key that its administrators make."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from listening.networks.answers import number, part, word
from listening.networks.connecting import Asked, Connected, Offer, Way
from listening.networks.discourse import pictures
from listening.networks.discourse.client import Forum, forum_of, said
from listening.networks.discourse.parse import author_of
from listening.networks.guard import must_be_https
from listening.networks.protocols import Access, Unreadable
from listening.networks.words import _

TEXT_LIMIT = 32_000
SHORTEST = 20
_ADDRESS = re.compile(
    r"(?:(https?)://)?([\w-]+(?:\.[\w-]+)+(?::\d{1,5})?|localhost:\d{1,5})((?:/[\w-]+)*)", re.IGNORECASE
)
OFFER = Offer(
    ways=(
        Way(
            "key",
            _("With a key"),
            asked=(
                Asked("server", _("Address of the forum"), help=_("Such as https://forum.example.org"), kind="address"),
                Asked(
                    "username", _("User name"), help=_("The member of the forum as whom Touchline reads and answers.")
                ),
                Asked("key", _("API key"), kind="secret"),
            ),
            steps=(
                _("In the forum, open Admin, then API, and make a new key."),
                _(
                    "Choose “Single user” with the member who answers, and the scope “Global”; or the scopes for "
                    "reading and writing posts and topics, for uploads, and for searching."
                ),
                _("Copy the key at once: the forum shows it once only."),
            ),
        ),
    ),
    about=_("What is said to the account, all posts, topics and searches; answers, and new topics with pictures."),
    costs=_("Free."),
    approval=_("An administrator of the forum makes the key."),
)


def connect(access: Access, filled: Mapping[str, str]) -> Connected:
    """Connect with what a person typed."""
    username = filled.get("username", "").strip().removeprefix("@")
    key = "".join(filled.get("key", "").split())
    if not re.fullmatch(r"[\w.-]{1,60}", username):
        raise ValueError(_("Enter the name of a member of the forum."))
    if not re.fullmatch(r"[\x21-\x7e]{8,200}", key):
        raise ValueError(_("Enter the key: a row of letters and digits."))
    return _connected(Forum(address_of(filled.get("server", "")), access.http, key, username))


def check(access: Access) -> Connected:
    """Ask who we are in the forum, and what it is like now."""
    return _connected(forum_of(access))


def offered_places(access: Access) -> Sequence[tuple[str, str]]:
    """Offer what is said to the account, and all that is said in the forum."""
    forum = forum_of(access)
    return [
        (f"mentions in {forum.host}", _("What is said to @%(name)s in %(host)s", name=forum.username, host=forum.host)),
        (f"everything in {forum.host}", _("All posts in %(host)s", host=forum.host)),
    ]


def address_of(typed: str) -> str:
    """Return the address of a forum that somebody typed."""
    text = typed.strip().rstrip("/")
    found = _ADDRESS.fullmatch(text)
    if not found:
        raise ValueError(_("Enter the address of a forum, such as https://forum.example.org."))
    address = f"{(found[1] or 'https').lower()}://{found[2].lower()}{found[3]}"
    must_be_https(address)
    return address


def _connected(forum: Forum) -> Connected:
    found = part(said(forum.get(f"/u/{forum.username}.json")), "user")
    if not word(found, "username"):
        raise Unreadable(_("The forum did not say whose key this is."))
    # A key that is none may read what everybody reads; what only its member sees tells whether it is one.
    said(forum.get("/notifications.json", (("limit", "1"),)))
    return Connected(
        credentials={"key": forum.key, "username": word(found, "username")},
        account=author_of(found, forum.host, forum.address),
        server=forum.address,
        facts=_facts(forum),
    )


def _facts(forum: Forum) -> dict[str, Any]:
    answer = forum.get("/site/settings.json")
    told = said(answer) if answer.status == 200 else {}
    return {
        "shortest": number(told, "min_post_length") or SHORTEST,
        "longest": number(told, "max_post_length") or TEXT_LIMIT,
        "shortest_title": number(told, "min_topic_title_length") or 15,
        "longest_title": number(told, "max_topic_title_length") or 255,
        "title": word(told, "title")[:200],
        **pictures.facts_of(told),
    }
