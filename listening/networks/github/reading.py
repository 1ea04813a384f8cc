"""Reads issues and comments upward by the time of their last change, so that edits come along; or by a search."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from listening.networks.answers import Said, json_of, moment, objects, part, parts, quoted, told_in, word
from listening.networks.feed.entry import web_link
from listening.networks.feed.text import plain_text, plain_title, tidy
from listening.networks.http import Answer
from listening.networks.protocols import (
    Access,
    AccessWithdrawn,
    Cursor,
    NetworkError,
    Page,
    RateLimited,
    Refused,
    RemoteAuthor,
    RemotePost,
    Unreachable,
    Unreadable,
)
from listening.networks.words import _

API = "https://api.github.com"
WRITTEN = _("“mentions” of the account, a repository as owner/name, or “search:” with words")
PAGE_SIZE = 100
PAGES_AT_ONCE = 5
# A change is shown a little later than it is dated; the search fills up later still.
OVERLAP, OVERLAP_OF_SEARCH = timedelta(minutes=5), timedelta(days=2)
WAIT_WHEN_LIMITED = 60.0
_REPOSITORY = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})/[A-Za-z0-9._-]{1,100}"
_ID = re.compile(rf"({_REPOSITORY})/(issues|comments)/(\d{{1,15}})")
_ISSUE = re.compile(rf"/repos/({_REPOSITORY})/issues/(?:comments/)?(\d{{1,15}})$")
_NAME = re.compile(r"(?<![\w@/`])@([A-Za-z0-9](?:[A-Za-z0-9-]{0,37}[A-Za-z0-9])?)(?![\w/])")


def check_place(place: str) -> str:
    """Return a place as it is kept; raise ValueError with what is wrong about it."""
    text = " ".join(place.split())
    if text.lower().startswith("search:") and (words := text[len("search:") :].strip()):
        if len(words) > 200:
            raise ValueError(_("This is too long to search for."))
        return f"search: {words}"
    if re.fullmatch(r"mentions(?: of @?[\w-]{1,39})?", text, re.IGNORECASE | re.ASCII):
        return text.lower()
    named = re.sub(r"^(?:https?://)?(?:www\.)?github\.com/", "", text, flags=re.IGNORECASE).removesuffix(".git")
    if found := re.fullmatch(rf"({_REPOSITORY})(?:/(?:issues|pulls|discussions))?/?", named):
        return found[1].lower()
    raise ValueError(_("Write what to listen to: %(written)s.", written=WRITTEN))


async def read(access: Access, place: str, since: Cursor) -> Page:
    """Read what is new or changed at a place."""
    since, token = known(since, place), token_of(access)
    if place.startswith("search: "):
        return await _search(access, token, place, since)
    cursor: dict[str, Any] = {"place": place}
    posts: dict[str, RemotePost] = {}
    gap = False
    for what in ("issues", "issues/comments"):
        walk = Walk(time_in(since.get(what)), time_in(since.get(f"{what} from")))
        await _changed(walk, access, token, f"repos/{place}/{what}")
        cursor[what] = walk.last.isoformat() if walk.last else ""
        cursor |= {f"{what} from": walk.goes_on.isoformat()} if walk.goes_on else {}
        gap = gap or walk.gap
        posts |= {post.id: post for row in walk.rows if (post := post_of(row))}
    return Page(posts=tuple(posts.values()), cursor=cursor, unchanged=not posts, gap=gap, status=200, title=place)


def known(since: Cursor, place: str) -> Cursor:
    """Return a cursor, if it is that of the place."""
    return since if since.get("place") == place else {}


def token_of(access: Access) -> str:
    """Return the token that an access was given for."""
    if not (token := access.credentials.get("token", "")):
        raise Refused(_("No account is connected here. Connect one under Connections."), permanent=False)
    return token


@dataclass
class Walk:
    """One walk upward: the newest change that is known, where it goes on that did not come to the end, what it met."""

    last: datetime | None
    goes_on: datetime | None = None
    rows: list[Said] = field(default_factory=list)
    gap: bool = False


async def _changed(walk: Walk, access: Access, token: str, path: str) -> None:
    """Walk upward by the time of the last change; what is too much for once comes at the next read.

    Each page begins at the moment at which the one before ended, for a list that changes while one counts its pages
    loses some; only what changed within one second is counted by pages.
    """
    query = {"sort": "updated", "per_page": str(PAGE_SIZE), "state": "all"}
    if walk.last is None:
        walk.rows = objects(
            listed_in(await access.http.send("GET", **asked(path, token, query | {"direction": "desc"})))
        )
        walk.last = _newest(walk.rows)
        return
    begun = (walk.goes_on or walk.last - OVERLAP).replace(microsecond=0)
    since, page, walk.goes_on = begun, 1, None
    for _step in range(PAGES_AT_ONCE):
        query |= {"direction": "asc", "since": written(since), "page": str(page)}
        rows = objects(listed_in(await access.http.send("GET", **asked(path, token, query))))
        walk.rows += rows
        newest = _newest(rows) or since
        walk.last = max(walk.last, newest)
        if len(rows) < PAGE_SIZE:
            return
        since, page = (newest, 1) if newest > since else (since, page + 1)
    # Where more changed within one second than is read at once, the rest of it is given up.
    walk.gap = since == begun
    walk.goes_on = since + timedelta(seconds=1) if walk.gap else since


def _newest(rows: Sequence[Said]) -> datetime | None:
    return max(filter(None, (moment(row, "updated_at") for row in rows)), default=None)


async def _search(access: Access, token: str, place: str, since: Cursor) -> Page:
    """Read what a search finds, newest first, down to a moment that overlaps with what is known."""
    last, words = time_in(since.get("last")), place.removeprefix("search: ")
    floor = f" created:>={written(last - OVERLAP_OF_SEARCH)}" if last else ""
    query = {"q": words + floor, "sort": "created", "order": "desc", "per_page": str(PAGE_SIZE)}
    posts: dict[str, RemotePost] = {}
    gap = False
    for step in range(1, (PAGES_AT_ONCE if last else 1) + 1):
        told = said(await access.http.send("GET", **asked("search/issues", token, query | {"page": str(step)})))
        rows = parts(told, "items")
        posts |= {post.id: post for row in rows if (post := post_of(row))}
        gap = gap or (last is not None and told.get("incomplete_results") is True)
        if len(rows) < PAGE_SIZE:
            break
        gap = gap or (last is not None and step == PAGES_AT_ONCE)
    newest = max(filter(None, [last, *(post.published_at for post in posts.values())]), default=datetime.now(UTC))
    cursor = {"place": place, "last": newest.isoformat()}
    return Page(posts=tuple(posts.values()), cursor=cursor, unchanged=not posts, gap=gap, status=200, title=place)


def post_of(row: Said) -> RemotePost | None:
    """Read an issue, a pull request or a comment; its own address names the repository."""
    found = _ISSUE.search(word(row, "url"))
    if not found:
        return None
    repository, is_comment = found[1].lower(), "/comments/" in word(row, "url")
    above = _ISSUE.search(word(row, "issue_url"))
    issue = f"{repository}/issues/{above[2]}" if is_comment and above else ""
    own_id = f"{repository}/{'comments' if is_comment else 'issues'}/{found[2]}"
    # Markdown is read as it is written, less the HTML that templates leave in it.
    text = tidy(_without_comments(word(row, "body")))
    written, edited = moment(row, "created_at"), moment(row, "updated_at")
    login = word(part(row, "user"), "login")
    return RemotePost(
        id=own_id,
        title=plain_title(word(row, "title"), is_html=False),
        text=text,
        url=web_link(word(row, "html_url"), "", []),
        author=RemoteAuthor(
            id=login.lower(), handle=login, name=login, url=web_link(word(part(row, "user"), "html_url"), "", [])
        ),
        published_at=written,
        updated_at=edited if edited != written else None,
        in_reply_to=issue,
        conversation=issue or own_id,
        addressed_to=tuple(sorted({name.lower() for name in _NAME.findall(text)})),
        problems=() if written else (_("GitHub does not say when this was written."),),
    )


def _without_comments(text: str) -> str:
    """Leave out what HTML hides; what is not closed is read as it stands. Anybody writes here, as long as they like."""
    parts, at = [], 0
    while (begins := text.find("<!--", at)) >= 0 and (ends := text.find("-->", begins + 4)) >= 0:
        parts.append(text[at:begins])
        at = ends + len("-->")
    return "".join([*parts, text[at:]])


def revisit(access: Access, ids: Sequence[str]) -> Sequence[RemotePost]:
    """Read issues and comments again, one by one; gone is what is missing where the token may read all others."""
    token, posts, readable = access.credentials.get("token", ""), list[RemotePost](), dict[str, bool]()
    for remote_id in ids:
        if not (found := _ID.fullmatch(remote_id)):
            continue
        path = f"repos/{found[1]}/issues/" + ("comments/" if found[2] == "comments" else "") + found[3]
        answer = access.http.request("GET", **asked(path, token))
        if answer.status in {404, 410}:
            # GitHub says the same of what a token may not see any more.
            if found[1] not in readable:
                others = asked(f"repos/{found[1]}/issues", token, {"per_page": "1"})
                readable[found[1]] = access.http.request("GET", **others).status == 200
            posts += [RemotePost(id=remote_id, deleted=True)] if readable[found[1]] else []
        elif post := post_of(said(answer)):
            posts.append(post)
    return posts


def asked(path: str, token: str, query: dict[str, str] | None = None) -> dict[str, Any]:
    """Return how something is asked."""
    headers = {"Authorization": f"Bearer {token}", "X-GitHub-Api-Version": "2022-11-28"}
    address = f"{API}/{path}" + (f"?{urlencode(query)}" if query else "")
    # The search has a limit of its own, of thirty a minute.
    bucket = "search" if path.startswith("search/") else "core"
    return {"url": address, "headers": headers, "accept": "application/vnd.github+json", "bucket": bucket}


def said(answer: Answer) -> Said:
    """Return the object that an answer is, or raise the plain reason why it is none."""
    told = listed_in(answer)
    if not isinstance(told, dict):
        raise Unreadable(_("GitHub answered with something else than was asked for."))
    return told


def listed_in(answer: Answer) -> Any:
    """Return what an answer is, or raise the plain reason why it is nothing."""
    if answer.status != 200:
        raise reason(answer)
    return json_of(answer)


def reason(answer: Answer) -> NetworkError:
    """Say why GitHub did not do what it was asked."""
    words = " ".join(plain_text(word(told_in(answer), "message")).split())[:200]
    is_limit = answer.headers.get("X-RateLimit-Remaining") == "0" or "rate limit" in words.lower()
    if answer.status == 429 or (answer.status == 403 and is_limit):
        return RateLimited(_("GitHub asks us to come less often."), wait=answer.wait or WAIT_WHEN_LIMITED)
    if answer.status == 401:
        return AccessWithdrawn(_("GitHub does not accept the token any more. Connect with a new one."))
    if answer.status in {404, 410}:
        return Refused(_("There is no such place at GitHub, or the token may not see it."), permanent=False)
    if answer.status >= 500:
        return Unreachable(_("GitHub is out of order (%(status)s).", status=answer.status))
    return Refused(
        _("GitHub refuses (%(status)s)%(quoted)s", status=answer.status, quoted=quoted(words)), permanent=False
    )


def time_in(text: Any) -> datetime | None:
    """Return a time of a cursor, or nothing."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC) if isinstance(text, str) and text else None
    except ValueError:
        return None


def written(at: datetime) -> str:
    """Return a time as GitHub wants it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
