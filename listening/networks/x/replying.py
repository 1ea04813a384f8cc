"""Answers a post, and looks among our own whether that arrived: X has no keys, and refuses the same words twice."""

from __future__ import annotations

import re

from listening.networks.answers import Said, part, parts, word
from listening.networks.protocols import (
    Accepted,
    Access,
    NotSent,
    OutgoingReply,
    RateLimited,
    Refused,
    Unreachable,
    Unreadable,
)
from listening.networks.words import _
from listening.networks.x import prices
from listening.networks.x.client import asked, get, reason, said, words_of
from listening.networks.x.lengths import MOST, weighed
from listening.networks.x.parse import SITE, text_of

PAGES_LOOKED_AT, PAGE_SIZE = 3, 50
_NAMES = re.compile(r"^(?:@\w{1,15}\s+)+", re.ASCII)
_SUMMONED = re.compile(r"mention|summon|reply to this conversation|not allowed to reply", re.IGNORECASE)


def reply(access: Access, outgoing: OutgoingReply) -> Accepted:
    """Answer a post; what was refused costs nothing, and of what nobody knows it counts as spent."""
    if not outgoing.to.isdigit():
        raise Refused(_("This was said elsewhere, and can be answered only there."))
    if (length := weighed(outgoing.text)) > MOST:
        raise Refused(_("The text weighs %(length)s as X counts; it takes %(most)s.", length=length, most=MOST))
    price = prices.of_reply(outgoing.text).most
    access.http.spend(price)
    body = {"text": outgoing.text, "reply": {"in_reply_to_tweet_id": outgoing.to}}
    try:
        answer = access.http.request("POST", **asked("POST", "tweets", access.credentials), json=body)
    except (NotSent, RateLimited):
        access.http.spend(-price)
        raise
    if answer.status >= 500:
        raise Unreachable(_("X is out of order (%(status)s), and says nothing of the answer.", status=answer.status))
    if not 200 <= answer.status < 300:
        access.http.spend(-price)
        words = words_of(answer)
        if answer.status == 403 and "duplicate" in words.lower() and (found := find_reply(access, outgoing)):
            return found
        if answer.status == 403 and _SUMMONED.search(words):
            raise Refused(_("X lets us answer only those who spoke to us: “%(words)s”.", words=words.rstrip(".")))
        raise reason(answer)
    try:
        own = word(part(said(answer), "data"), "id")
    except Unreadable as problem:
        raise Unreachable(_("X took something, but its answer cannot be read.")) from problem
    if not own:
        raise Unreachable(_("X took something, but did not say what."))
    return _named(access, own)


def find_reply(access: Access, outgoing: OutgoingReply) -> Accepted | None:
    """Look among our own posts since then for one with the same words that answers the same."""
    query = [("since_id", outgoing.to), ("max_results", str(PAGE_SIZE)), ("exclude", "retweets")]
    query += [("tweet.fields", "referenced_tweets,entities,note_tweet,created_at")]
    token, each = "", prices.of_own_post(access.facts)
    for _page in range(PAGES_LOOKED_AT):
        more = [("pagination_token", token)] if token else []
        path = f"users/{access.account.id}/tweets"
        told, taken = get(access, path, [*query, *more], price=each * PAGE_SIZE)
        rows = parts(told, "data")
        access.http.spend(each * len(rows) - taken)
        for row in rows:
            if _answers(row, outgoing.to) and _bare(text_of(row)) == _bare(outgoing.text):
                return _named(access, word(row, "id"))
        token = word(part(told, "meta"), "next_token")
        if not token:
            return None
    raise Unreadable(_("So much was said from the account since that it cannot be told whether this arrived."))


def _answers(row: Said, to: str) -> bool:
    return any(word(one, "type") == "replied_to" and word(one, "id") == to for one in parts(row, "referenced_tweets"))


def _bare(text: str) -> str:
    """Words without the names that X puts in front, and links without the stroke that it puts behind."""
    plain = _NAMES.sub("", " ".join(text.split()))
    return " ".join(step.rstrip("/") for step in plain.split())


def _named(access: Access, own: str) -> Accepted:
    return Accepted(id=own, url=f"{SITE}/{access.account.handle or 'i/web'}/status/{own}")
