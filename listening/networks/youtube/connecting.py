"""Connects a channel with a key of the YouTube Data API."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from listening.networks.answers import part, parts, word
from listening.networks.connecting import Asked, Connected, Offer, Way
from listening.networks.protocols import Access, Refused, RemoteAuthor
from listening.networks.words import _
from listening.networks.youtube.reading import CHANNEL, asked, said

OFFER = Offer(
    ways=(
        Way(
            "key",
            _("With an API key"),
            asked=(
                Asked("channel", _("Channel"), help=_("Its handle, such as @acme, its number (UC…), or its address.")),
                Asked("key", _("API key"), kind="secret"),
            ),
            steps=(
                _("At the Google Cloud console, make a project and switch on the YouTube Data API v3."),
                _("Under Credentials, make an API key, and restrict it to that interface."),
            ),
        ),
    ),
    about=_(
        "Comments below the channel's videos, or below any one video, and uploads. It does not answer: YouTube takes "
        "answers from nobody who has only a key, and an app that may write as the channel is examined by Google first. "
        "Answer in YouTube Studio; what is answered there is heard here."
    ),
    costs=_("Free: 10,000 units a day, of which a read takes one or a few."),
    approval=_("None: a key that you make yourself reads what everybody may read."),
)


def connect(access: Access, filled: Mapping[str, str]) -> Connected:
    """Connect with what a person typed."""
    key = "".join(filled.get("key", "").split())
    if not re.fullmatch(r"[\w-]{20,100}", key, re.ASCII):
        raise ValueError(_("Enter the API key: a row of letters and digits."))
    named = re.sub(r"^(?:https?://)?(?:www\.)?youtube\.com/(?:channel/)?", "", filled.get("channel", "").strip())
    named = named.strip("/")
    if re.fullmatch(CHANNEL, named):
        return _connected(access, key, ("id", named))
    if re.fullmatch(r"@?[\w.·-]{3,40}", named):
        return _connected(access, key, ("forHandle", f"@{named.removeprefix('@')}"))
    raise ValueError(_("Enter the handle of a channel, such as @acme, or its number, which begins with UC."))


def check(access: Access) -> Connected:
    """Ask whether the key still works."""
    return _connected(access, access.credentials.get("key", ""), ("id", access.account.id))


def offered_places(access: Access) -> Sequence[tuple[str, str]]:
    """Offer the comments and the uploads of the channel."""
    channel, name = access.account.id, access.account.name
    return [
        (f"comments of {channel}", _("Comments below the videos of %(name)s", name=name)),
        (f"uploads of {channel}", _("Videos of %(name)s", name=name)),
    ]


def _connected(access: Access, key: str, named: tuple[str, str]) -> Connected:
    answer = access.http.request("GET", **asked("channels", key, [("part", "snippet"), named]))
    for row in parts(said(answer), "items"):
        if word(row, "id"):
            told = part(row, "snippet")
            handle = word(told, "customUrl") or word(row, "id")
            account = RemoteAuthor(
                id=word(row, "id"),
                handle=handle,
                name=word(told, "title") or handle,
                url=f"https://www.youtube.com/channel/{word(row, 'id')}",
            )
            return Connected(credentials={"key": key}, account=account)
    raise Refused(_("YouTube knows no such channel."))
