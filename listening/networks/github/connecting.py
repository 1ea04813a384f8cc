"""Connects with a token of a member of GitHub, which needs no rights but to read what is public."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from listening.networks.answers import word
from listening.networks.connecting import Asked, Connected, Offer, Way
from listening.networks.github.reading import asked, said, token_of
from listening.networks.protocols import Access, RemoteAuthor, Unreadable
from listening.networks.words import _

OFFER = Offer(
    ways=(
        Way(
            "token",
            _("With a personal access token"),
            asked=(Asked("token", _("Personal access token"), kind="secret"),),
            steps=(
                _("At GitHub, open Settings, Developer settings, Personal access tokens, and make a fine-grained one."),
                _(
                    "Choose “Public repositories”, or the repositories to listen to with the right to read their "
                    "issues."
                ),
                _("To hear what is said to the account, make a classic one instead, with “notifications”."),
            ),
        ),
    ),
    about=_("What is said to the account; issues, pull requests and comments, of a repository or by words; read only."),
    costs=_("Free: 5,000 calls an hour."),
    approval=_("None."),
)


def connect(access: Access, filled: Mapping[str, str]) -> Connected:
    """Connect with what a person typed."""
    token = "".join(filled.get("token", "").split())
    if not re.fullmatch(r"[\w-]{20,300}", token, re.ASCII):
        raise ValueError(_("Enter the token: a row of letters and digits."))
    return _connected(access, token)


def check(access: Access) -> Connected:
    """Ask whether the token still works."""
    return _connected(access, access.credentials.get("token", ""))


def offered_places(access: Access) -> Sequence[tuple[str, str]]:
    """Offer what is said to the account, where the token may read that."""
    if access.http.request("GET", **asked("notifications", token_of(access), {"per_page": "1"})).status != 200:
        return []
    return [(f"mentions of @{access.account.id}", _("What is said to @%(name)s", name=access.account.handle))]


def _connected(access: Access, token: str) -> Connected:
    told = said(access.http.request("GET", **asked("user", token)))
    login = word(told, "login")
    if not login:
        raise Unreadable(_("GitHub did not say whose token this is."))
    account = RemoteAuthor(id=login.lower(), handle=login, name=word(told, "name") or login, url=word(told, "html_url"))
    return Connected(credentials={"token": token}, account=account)
