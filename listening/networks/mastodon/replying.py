"""Answers a status, once, to no more people than it was said to; and looks whether an answer arrived."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from listening.networks.answers import Said, moment, objects, part, parts, word
from listening.networks.feed.text import plain_text
from listening.networks.http import Answer
from listening.networks.mastodon.client import Server, raise_for_status, said, server_of
from listening.networks.mastodon.counting import LINK_LENGTH, TEXT_LIMIT, count, letters, with_name
from listening.networks.mastodon.parse import VISIBILITIES, full_name, narrower
from listening.networks.pacing import now_there
from listening.networks.protocols import (
    Accepted,
    Access,
    OutgoingReply,
    RateLimited,
    Refused,
    Unreachable,
    Unreadable,
)
from listening.networks.words import _

PAGE_SIZE = 40
PAGES_OF_A_LOOK, PAGES_BESIDE_A_THREAD = 10, 2
# Clocks are compared by what servers say of theirs, to the second.
_MARGIN = timedelta(seconds=3)
_WAIT_BEFORE = 120.0


class WroteTooMuch(Unreachable):
    """The account wrote more since than is walked, so that its own posts do not tell."""


def reply(access: Access, outgoing: OutgoingReply) -> Accepted:
    """Answer a status under the reply's key."""
    server = server_of(access)
    above = _above(server, own_id(server, outgoing.to))
    text = _worded(access, server, outgoing.text, above)
    form = {
        "status": text,
        "in_reply_to_id": word(above, "id"),
        "visibility": _visibility(access, above),
        "language": outgoing.language.partition("-")[0],
        "spoiler_text": word(above, "spoiler_text"),
    }
    filled = [(name, value) for name, value in form.items() if value]
    answer = server.send("POST", "/api/v1/statuses", filled, headers={"Idempotency-Key": outgoing.key})
    return accepted(server, answer)


def find_reply(access: Access, outgoing: OutgoingReply) -> Accepted | None:
    """Look below the status, which is one call, and then among what the account wrote since, for the same words.

    An account that answers a thousand people writes more than can be walked. Where the thread was shown and it does
    not stand there, that is told all the same: it would have to stand there.
    """
    server = server_of(access)
    above, words = own_id(server, outgoing.to), letters(outgoing.text)
    below = _own_below(access, server, above, outgoing.at)
    pages = PAGES_OF_A_LOOK if below is None else PAGES_BESIDE_A_THREAD
    try:
        for status in chain(below or (), own_statuses(access, server, outgoing.at, pages=pages)):
            if word(status, "in_reply_to_id") == above and _same(status, words):
                return _named(server, status)
    except WroteTooMuch:
        if below is None:
            raise
    return None


def _own_below(access: Access, server: Server, above: str, at: datetime | None) -> list[Said] | None:
    """Return what the account wrote below a status since a moment; None where the server shows no thread."""
    answer = server.get(f"/api/v1/statuses/{above}/context")
    if answer.status in {403, 404, 410}:
        return None
    told, since = said(answer), _there(answer, at)
    if not isinstance(told, dict) or not isinstance(told.get("descendants"), list):
        return None
    account = _own_account(access, server)
    ours = [status for status in parts(told, "descendants") if word(part(status, "account"), "id") == account]
    return [status for status in ours if since is None or (moment(status, "created_at") or since) >= since]


def own_id(server: Server, remote_id: str) -> str:
    """Return the number that a post has at this server."""
    host, _slash, number = remote_id.partition("/")
    if host != server.home.host or not number:
        raise Refused(
            _(
                "This was read through %(host)s, and can be answered only from an account there.",
                host=host or _("another server"),
            )
        )
    return number


def own_statuses(
    access: Access, server: Server, at: datetime | None, *, pages: int = PAGES_OF_A_LOOK
) -> Iterator[Said]:
    """Return what the account wrote since a moment, the newest first; raises where that cannot be told."""
    account, below = _own_account(access, server), ""
    for _page in range(pages):
        query = [("limit", str(PAGE_SIZE)), ("exclude_reblogs", "true"), *([("max_id", below)] if below else [])]
        answer = server.get(f"/api/v1/accounts/{account}/statuses", query)
        page = [status for status in objects(said(answer)) if word(status, "id")]
        since = _there(answer, at)
        for status in page:
            if since is None or (moment(status, "created_at") or since) >= since:
                yield status
        if not page or (since and all((moment(status, "created_at") or since) < since for status in page)):
            return
        if word(page[-1], "id") == below:
            return
        below = word(page[-1], "id")
    raise WroteTooMuch(_("The account wrote so much since that it cannot be told whether this arrived."))


def accepted(server: Server, answer: Answer) -> Accepted:
    """Read what the server says of a status that it took."""
    raise_for_status(answer)
    try:
        status = said(answer)
    except Unreadable as error:
        raise Unreachable(_("The server took something, but its answer cannot be read.")) from error
    if not isinstance(status, dict) or not word(status, "id"):
        raise Unreachable(_("The server took something, but did not say what."))
    return _named(server, status)


def same_words(status: Said, text: str) -> bool:
    """Tell whether a status says what a text says."""
    return _same(status, letters(text))


def checked_length(access: Access, text: str, *, warning: str = "") -> str:
    """Return the text, or refuse it where it is longer than this server takes."""
    most, link = _number(access, "max_characters", TEXT_LIMIT), _number(access, "link_length", LINK_LENGTH)
    length = count(text, link=link) + count(warning, link=link)
    if length > most:
        raise Refused(
            _(
                "This is %(over)s characters too long for this server, which takes %(most)s.",
                over=length - most,
                most=most,
            )
        )
    return text


def _number(access: Access, name: str, default: int) -> int:
    value: Any = access.facts.get(name)
    return value if isinstance(value, int) and value > 0 else default


def _above(server: Server, number: str) -> Said:
    """Read what is answered. Nothing was sent yet: whatever goes wrong here, the reply surely did not go out."""
    try:
        answer = server.get(f"/api/v1/statuses/{number}")
        if answer.status >= 500:
            raise_for_status(answer)
    except Unreachable as problem:
        raise RateLimited(
            _("The post to be answered could not be read first: %(problem)s", problem=problem), wait=_WAIT_BEFORE
        ) from problem
    if answer.status in {404, 410}:
        raise Refused(_("The post is not at the server any more, or its author does not show it to us."))
    try:
        status = said(answer)
    except Unreadable as problem:
        raise RateLimited(
            _("The post to be answered could not be read first: %(problem)s", problem=problem), wait=_WAIT_BEFORE
        ) from problem
    if not isinstance(status, dict) or word(status, "id") != number:
        raise RateLimited(_("The server gave something else than the post to be answered."), wait=_WAIT_BEFORE)
    return status


def _worded(access: Access, server: Server, text: str, above: Said) -> str:
    """The text with the author's name in front, unless we answer ourselves."""
    if not text.strip():
        raise Refused(_("An empty reply cannot be sent."))
    acct = word(part(above, "account"), "acct")
    own = full_name(access.account.handle or access.account.id, server.home).lower()
    named = text if full_name(acct, server.home).lower() == own else with_name(text, acct)
    return checked_length(access, named, warning=word(above, "spoiler_text"))


def _visibility(access: Access, above: Said) -> str:
    """As few people as were spoken to: what was said to some is never answered before all."""
    usual = str(access.facts.get("visibility") or "")
    return narrower(usual if usual in VISIBILITIES else "public", word(above, "visibility") or "public")


def _same(status: Said, words: str) -> bool:
    """A server may have put a name in front, marked words up, or shortened links: letters and digits stay."""
    found = letters(plain_text(word(status, "content")))
    return found == words or (found.endswith(words) and _only_names(status, found.removesuffix(words)))


def _only_names(status: Said, before: str) -> bool:
    mentions = parts(status, "mentions")
    return before in {letters(f"@{word(mention, name)}") for mention in mentions for name in ("acct", "username")}


def _there(answer: Answer, at: datetime | None) -> datetime | None:
    """A moment by the clock of the server."""
    if at is None:
        return None
    return at + (now_there(answer.headers, answer.received_at) - answer.received_at) - _MARGIN


def _own_account(access: Access, server: Server) -> str:
    if known := str(access.facts.get("account_id") or ""):
        return known
    account = said(server.get("/api/v1/accounts/verify_credentials"))
    return word(account, "id") if isinstance(account, dict) else ""


def _named(server: Server, status: Said) -> Accepted:
    return Accepted(id=f"{server.home.host}/{word(status, 'id')}", url=word(status, "url") or word(status, "uri"))
