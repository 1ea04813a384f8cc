"""Asks Stack Exchange: by words or by tag, newest first, and no sooner than it wants to be asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from listening.networks.answers import Said, listed, number, object_of, part, parts, quoted, told_in, word
from listening.networks.feed.entry import web_link
from listening.networks.feed.text import plain_text, plain_title
from listening.networks.http import Answer
from listening.networks.limits import Left, until_midnight
from listening.networks.protocols import (
    Access,
    Cursor,
    NetworkError,
    Page,
    RateLimited,
    Refused,
    RemoteAuthor,
    RemotePost,
    Unreachable,
)
from listening.networks.words import _

API = "https://api.stackexchange.com/2.3"
WRITTEN = _("“stackoverflow: words” or “stackoverflow #tag”, with the name of the site in front")
PAGE_SIZE = 100
PAGES_AT_ONCE = 5
# The index shows what was written some time later, and by tag one sees what was edited only when it is read again.
OVERLAP = 24 * 3600
SECONDS_BETWEEN = 1800.0
SECONDS_WHEN_FEW_ARE_LEFT = 3600.0
FEW = 60
IDS_AT_ONCE = 100
_SITE = re.compile(r"[a-z0-9][a-z0-9.-]{1,58}[a-z0-9]")
_TAG = re.compile(r"[\w.+#-]{1,50}")
_OWN_DOMAINS = {
    "stackoverflow": "stackoverflow.com",
    "serverfault": "serverfault.com",
    "superuser": "superuser.com",
    "askubuntu": "askubuntu.com",
    "stackapps": "stackapps.com",
    "mathoverflow.net": "mathoverflow.net",
}
_ID = re.compile(r"([a-z0-9.-]{3,60})/([qa])/(\d{1,15})")
_THROTTLED = 502


def check_place(place: str) -> str:
    """Return a place as it is kept; raise ValueError with what is wrong about it."""
    text = " ".join(place.split())
    site, colon, words = text.partition(":")
    site, words = site.strip().lower(), words.strip()
    if colon and _SITE.fullmatch(site):
        if not any(map(str.isalnum, words)) or len(words) > 200:
            raise ValueError(_("Write after the colon what to search for."))
        return f"{site}: {words}"
    site, _sign, tag = text.lower().partition(" #")
    if _SITE.fullmatch(site) and _TAG.fullmatch(tag):
        return f"{site} #{tag}"
    raise ValueError(_("Write what to listen to: %(written)s.", written=WRITTEN))


async def read(access: Access, place: str, since: Cursor) -> Page:
    """Read down through time to a moment that overlaps with what is known."""
    since = since if since.get("place") == place else {}
    last = since.get("last") if isinstance(since.get("last"), int) else None
    site, what, query = _asked(place)
    if last is not None:
        query["fromdate"] = str(last - OVERLAP)
    found: dict[str, RemotePost] = {}
    newest, gap, wait, size = last or 0, False, SECONDS_BETWEEN, 0
    for step in range(1, (1 if last is None else PAGES_AT_ONCE) + 1):
        answer = await access.http.get(_address(what, query | {"page": str(step)}), accept="application/json")
        told, size = said(answer), size + len(answer.body)
        posts = [post for row in parts(told, "items") if (post := post_of(row, site))]
        found |= {post.id: post for post in posts}
        newest = max([newest, *(int(post.published_at.timestamp()) for post in posts if post.published_at)])
        wait = max(wait, await _noted(access, told, answer))
        # To be asked to wait, by a body that is good, ends the walk: what is left comes at the next read.
        if told.get("has_more") is not True:
            break
        gap = last is not None and (step == PAGES_AT_ONCE or wait > SECONDS_BETWEEN)
        if wait > SECONDS_BETWEEN:
            break
    cursor = {"place": place, "last": newest or int(datetime.now(UTC).timestamp())}
    return Page(posts=tuple(found.values()), cursor=cursor, gap=gap, wait=wait, status=200, size=size, title=place)


def post_of(row: Said, site: str) -> RemotePost | None:
    """Read a question or an answer, as a search shows it or whole."""
    question, answer = word(row, "question_id"), word(row, "answer_id")
    if not question and not answer:
        return None
    kind, own = ("a", answer) if answer else ("q", question)
    owner = part(row, "owner")
    user = word(owner, "user_id")
    written, edited = _time(row, "creation_date"), _time(row, "last_edit_date")
    where = _OWN_DOMAINS.get(site, f"{site}.stackexchange.com")
    return RemotePost(
        id=f"{site}/{kind}/{own}",
        # In a search an answer bears the question's title, which is not its own.
        title=plain_title(word(row, "title")) if kind == "q" else "",
        text=plain_text(word(row, "body") or word(row, "excerpt")),
        url=web_link(word(row, "link"), "", []) or f"https://{where}/{kind}/{own}",
        author=RemoteAuthor(
            id=f"{site}/{user}" if user else "",
            name=plain_title(word(owner, "display_name")),
            url=web_link(word(owner, "link"), "", []),
        ),
        published_at=written,
        updated_at=edited,
        in_reply_to=f"{site}/q/{question}" if answer and question else "",
        conversation=f"{site}/q/{question}" if question else f"{site}/a/{own}",
        problems=() if written else (_("The site does not say when this was written."),),
    )


def revisit(access: Access, ids: Sequence[str]) -> Sequence[RemotePost]:
    """Read questions and answers again, many of a site at once; what does not come is gone."""
    groups: dict[tuple[str, str], list[str]] = {}
    for remote_id in ids:
        if found := _ID.fullmatch(remote_id):
            groups.setdefault((found[1], found[2]), []).append(found[3])
    posts: list[RemotePost] = []
    for (site, kind), numbers in groups.items():
        what = "questions" if kind == "q" else "answers"
        for start in range(0, len(numbers), IDS_AT_ONCE):
            some = numbers[start : start + IDS_AT_ONCE]
            query = {"site": site, "filter": "withbody", "pagesize": str(IDS_AT_ONCE)}
            answer = access.http.request("GET", _address(f"{what}/{';'.join(some)}", query), accept="application/json")
            rows = [post for row in listed(said(answer), "items") if (post := post_of(row, site))]
            known = {post.id: post for post in rows}
            named = [f"{site}/{kind}/{own}" for own in some]
            posts += [known.get(remote_id, RemotePost(id=remote_id, deleted=True)) for remote_id in named]
    return posts


def said(answer: Answer) -> Said:
    """Return what an answer says, or raise the plain reason why it says nothing."""
    if answer.status == 200:
        return object_of(answer)
    raise reason(answer)


def reason(answer: Answer) -> NetworkError:
    """Say why it did not answer; errors of all kinds come with the status 400 and a number of their own."""
    told = told_in(answer)
    words = " ".join(plain_text(word(told, "error_message")).split())[:200]
    if answer.status == 429 or told.get("error_id") == _THROTTLED:
        seconds = re.search(r"(\d{1,6}) second", words)
        wait = float(seconds[1]) if seconds else answer.wait or until_midnight("UTC", answer.received_at)
        return RateLimited(_("Stack Exchange asks us to come less often."), wait=wait)
    if answer.status >= 500:
        return Unreachable(_("Stack Exchange is out of order (%(status)s).", status=answer.status))
    return Refused(
        _("Stack Exchange refuses (%(status)s)%(quoted)s", status=answer.status, quoted=quoted(words)), permanent=False
    )


def _asked(place: str) -> tuple[str, str, dict[str, str]]:
    """Return the site, what is asked there, and how."""
    query = {"sort": "creation", "order": "desc", "pagesize": str(PAGE_SIZE)}
    if " #" in place and ": " not in place:
        site, _sign, tag = place.partition(" #")
        return site, "questions", query | {"site": site, "tagged": tag, "filter": "withbody"}
    site, _colon, words = place.partition(": ")
    return site, "search/excerpts", query | {"site": site, "q": words}


def _address(what: str, query: dict[str, str]) -> str:
    return f"{API}/{what}?{urlencode(query)}"


async def _noted(access: Access, told: Said, answer: Answer) -> float:
    """Hand on what the body says of limits; returns how long it wants us to wait."""
    left, most = number(told, "quota_remaining"), number(told, "quota_max")
    if left is not None:
        resets_in = until_midnight("UTC", answer.received_at)
        await access.http.anote(Left(float(left), float(most) if most else None, resets_in))
    backoff: Any = number(told, "backoff") or 0
    few = SECONDS_WHEN_FEW_ARE_LEFT if left is not None and left < FEW else 0.0
    return max(SECONDS_BETWEEN + float(backoff) if backoff else 0.0, few)


def _time(row: Said, key: str) -> datetime | None:
    seconds = number(row, key)
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds else None
    except (ValueError, OverflowError, OSError):
        return None
