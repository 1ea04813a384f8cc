"""Connects an account with the four keys of an app of one's own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from listening.networks.answers import part, word
from listening.networks.connecting import Asked, Connected, Offer, Way
from listening.networks.protocols import Access, Unreadable
from listening.networks.words import _
from listening.networks.x import prices
from listening.networks.x.client import asked, said
from listening.networks.x.parse import author_of
from listening.networks.x.signing import KEYS

OWN, OTHER = "own_app", "other_app"
_ASKED = (
    Asked("api_key", _("API key"), kind="secret"),
    Asked("api_secret", _("API key secret"), kind="secret"),
    Asked("token", _("Access token"), help=_("It begins with the number of the account."), kind="secret"),
    Asked("token_secret", _("Access token secret"), kind="secret"),
)
_STEPS = (
    _("At X’s developer console, make a project and an app, buy credits, and set a spending limit there as well."),
    _("In the app’s user authentication settings, choose “Read and write”."),
    _("Under “Keys and tokens”, copy the API key and its secret, then make an access token and copy both parts."),
)
OFFER = Offer(
    ways=(
        Way(OWN, _("With keys of the account’s own app"), asked=_ASKED, steps=_STEPS),
        Way(
            OTHER,
            _("With keys of somebody else’s app"),
            asked=_ASKED,
            steps=(_("Who owns the app lets the account sign in there, and hands you all four keys."), *_STEPS[1:]),
        ),
    ),
    about=_(
        "What is said to the account, and answers to those who said it; X refuses answers to anybody else. "
        "No searches and no posts of our own: they would cost the most."
    ),
    costs=_(
        "By the call, paid to X beforehand as credits. You say what Touchline may spend in a month; then it stops."
    ),
    approval=_("None, but a developer account at X with credits."),
)


def connect(access: Access, way: str, filled: Mapping[str, str]) -> Connected:
    """Connect with what a person typed."""
    keys = {name: "".join(filled.get(name, "").split()) for name in KEYS}
    if not re.fullmatch(r"\d{1,20}-[A-Za-z0-9]{20,100}", keys["token"], re.ASCII):
        raise ValueError(_("Enter the access token: a number, a hyphen, and a row of letters and digits."))
    if any(not re.fullmatch(r"[\w-]{10,200}", keys[name], re.ASCII) for name in KEYS):
        raise ValueError(_("Enter all four keys: rows of letters and digits."))
    return _connected(access, keys, owns_app=way == OWN)


def check(access: Access) -> Connected:
    """Ask who we are there."""
    return _connected(access, dict(access.credentials), owns_app=bool(access.facts.get("owns_app")))


def offered_places(access: Access) -> Sequence[tuple[str, str]]:
    """Offer the mentions of the account."""
    return [(f"mentions of @{access.account.handle.lower()}", _("Mentions of @%(name)s", name=access.account.handle))]


def _connected(access: Access, keys: dict[str, str], *, owns_app: bool) -> Connected:
    today = datetime.now(UTC).date().isoformat()
    if access.facts.get("paid_on") != today:
        # The same is charged once in a day.
        access.http.spend(prices.PERSON)
    query = (("user.fields", "name,username"),)
    told = part(said(access.http.request("GET", **asked("GET", "users/me", keys, query))), "data")
    if not word(told, "id") or not word(told, "username"):
        raise Unreadable(_("X did not say whose keys these are."))
    return Connected(credentials=keys, account=author_of(told), facts={"owns_app": owns_app, "paid_on": today})
