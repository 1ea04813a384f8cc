"""Turns what a server says of statuses and accounts into posts and authors, whatever is missing or odd in it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from listening.networks.answers import Said, moment, number, part, parts, word
from listening.networks.feed.entry import language_tag, web_link
from listening.networks.feed.limits import MOST_MEDIA
from listening.networks.feed.text import plain_text, plain_title, tidy
from listening.networks.protocols import RemoteAuthor, RemotePost
from listening.networks.words import _

DIRECT = "Direct message"
# From the widest to the narrowest.
VISIBILITIES = ("public", "unlisted", "private", "direct")


@dataclass(frozen=True, slots=True)
class Home:
    """The server that was asked: `host` stands before the ids it gives, `domain` after the names of its own people."""

    host: str
    domain: str


def full_name(acct: str, home: Home) -> str:
    """Return `user@domain` for everybody: servers leave out the domain of their own people."""
    acct = acct.strip().lstrip("@")
    return acct if not acct or "@" in acct else f"{acct}@{home.domain}"


def author_of(account: Said, home: Home) -> RemoteAuthor:
    """Read an account."""
    name = full_name(word(account, "acct") or word(account, "username"), home)
    return RemoteAuthor(
        id=name.lower(),
        handle=name,
        name=plain_title(word(account, "display_name"), is_html=False),
        url=web_link(word(account, "url") or word(account, "uri"), "", []),
        followers=number(account, "followers_count"),
    )


def status_of(said: Said) -> Said:
    """Return the status that was written: one that only passes another on is that other one."""
    inner = part(said, "reblog")
    return inner if inner.get("id") else said


def post_of(said: Said, home: Home, *, root: str = "", addressed: str = "") -> RemotePost | None:
    """Read a status, or nothing where it has no id.

    `root` is the id of the status that began its thread, `addressed` somebody whom the server told of it.
    """
    status = status_of(said)
    own_id = word(status, "id")
    if not own_id:
        return None
    problems: list[str] = []
    published_at = moment(status, "created_at")
    if published_at is None:
        problems.append(_("The server does not say when this was written."))
    above = word(status, "in_reply_to_id")
    addressed_to = {full_name(word(mention, "acct"), home).lower() for mention in parts(status, "mentions")}
    addressed_to |= {addressed.lower()}
    return RemotePost(
        id=f"{home.host}/{own_id}",
        title=_title(status),
        text=_text(status),
        url=web_link(word(status, "url") or word(status, "uri"), "", problems),
        author=author_of(part(status, "account"), home),
        published_at=published_at,
        updated_at=moment(status, "edited_at"),
        language=language_tag(word(status, "language")),
        in_reply_to=f"{home.host}/{above}" if above else "",
        conversation=f"{home.host}/{root or above or own_id}",
        addressed_to=tuple(sorted(addressed_to - {""})),
        media=_media(status),
        problems=tuple(problems),
    )


def gone(remote_id: str) -> RemotePost:
    """What is left of a post that was deleted."""
    return RemotePost(id=remote_id, deleted=True)


def narrower(one: str, other: str) -> str:
    """Return whichever of two visibilities fewer people see; one that nobody knows counts as the narrowest."""
    rank = {name: place for place, name in enumerate(VISIBILITIES)}
    return VISIBILITIES[max(rank.get(one, len(rank) - 1), rank.get(other, len(rank) - 1))]


def host_of(address: str) -> str:
    """Return the host of an address, with its port where it has one."""
    return urlsplit(address).netloc.lower()


def _title(status: Said) -> str:
    warning = plain_title(word(status, "spoiler_text"), is_html=False)
    return warning or (DIRECT if word(status, "visibility") == "direct" else "")


def _text(status: Said) -> str:
    """The words, then what can be voted for, what pictures show, and what is quoted."""
    pieces = [plain_text(word(status, "content")) or tidy(word(status, "text"))]
    poll = part(status, "poll")
    pieces.append("\n".join(f"– {title}" for option in parts(poll, "options") if (title := _line(option, "title"))))
    shown = [_line(media, "description") for media in parts(status, "media_attachments")]
    pieces.append("\n".join(f"[{text}]" for text in shown if text))
    quoted = part(part(status, "quote"), "quoted_status") or part(status, "quote")
    address = web_link(word(quoted, "url") or word(quoted, "uri"), "", []) if quoted.get("id") else ""
    pieces.append(f"“{address}”" if address and address not in pieces[0] else "")
    return tidy("\n\n".join(filter(None, pieces)))


def _line(said: Said, key: str) -> str:
    return " ".join(tidy(word(said, key)).split())


def _media(status: Said) -> tuple[str, ...]:
    found = (
        web_link(word(media, "url") or word(media, "remote_url") or word(media, "preview_url"), "", [])
        for media in parts(status, "media_attachments")
    )
    return tuple(dict.fromkeys(filter(None, found)))[:MOST_MEDIA]
