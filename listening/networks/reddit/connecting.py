"""Connects a member of Reddit with the token of their own feeds."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs, urlsplit

from listening.networks.connecting import Asked, Connected, Offer, Way
from listening.networks.protocols import Access, RemoteAuthor
from listening.networks.reddit.reading import JSON, SERVER, address_of, raise_for_status
from listening.networks.words import _

OFFER = Offer(
    ways=(
        Way(
            "feed",
            _("With a member's feed token"),
            asked=(
                Asked("user", _("User name"), help=_("Without u/ in front."), is_required=False),
                Asked(
                    "token",
                    _("Feed token"),
                    help=_("The token, or the whole address of one of the feeds."),
                    kind="secret",
                ),
            ),
            steps=(
                _("Sign in at Reddit and open Preferences, then RSS feeds (reddit.com/prefs/feeds)."),
                _("Copy the address of any private feed: it holds the name and the token."),
                _("A feed of JSON tells who answers whom, and edits; where Reddit does not show it, copy one of RSS."),
            ),
        ),
    ),
    about=_("Subreddits, comments, searches, members, and the inbox of the member; read only."),
    costs=_("Free."),
    approval=_("None for feeds. Answering through Reddit's own interface would need its approval."),
)


def connect(access: Access, filled: Mapping[str, str]) -> Connected:
    """Connect with what a person typed: token and name, or the address of a feed, which has both."""
    user, token = filled.get("user", "").strip(), filled.get("token", "").strip()
    form: dict[str, str] = {}
    if "://" in token or "feed=" in token:
        try:
            address = urlsplit(token)
            query, form = parse_qs(address.query), {"form": JSON} if address.path.endswith(".json") else {}
        except ValueError as error:
            raise ValueError(_("This is not the address of a feed.")) from error
        token, user = (query.get("feed") or [""])[0], user or (query.get("user") or [""])[0]
    user = user.removeprefix("/").removeprefix("u/")
    if not re.fullmatch(r"[\w-]{2,30}", user, re.ASCII):
        raise ValueError(_("Enter the name of a member of Reddit."))
    if not re.fullmatch(r"[0-9A-Za-z_-]{8,100}", token):
        raise ValueError(_("Enter the token of the member's feeds: a row of letters and digits."))
    return _connected(access, {"user": user, "token": token, **form})


def check(access: Access) -> Connected:
    """Ask whether the token still works."""
    return _connected(access, dict(access.credentials))


def offered_places(access: Access) -> Sequence[tuple[str, str]]:
    """Offer the inbox."""
    user = access.credentials.get("user", "")
    return [(f"inbox of u/{user.lower()}", _("What answers or mentions u/%(user)s", user=user))]


def _connected(access: Access, credentials: Mapping[str, str]) -> Connected:
    """The inbox is read with the right token only; everything else would be read without."""
    user = credentials["user"]
    raise_for_status(access.http.request("GET", address_of(f"inbox of u/{user.lower()}", credentials)))
    account = RemoteAuthor(id=user.lower(), handle=user, name=f"u/{user}", url=f"{SERVER}/user/{user}")
    return Connected(credentials=credentials, account=account)
