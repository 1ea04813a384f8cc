"""What a server says of itself, as far as it changes what we do: how long, how large, what can be read there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from listening.networks.answers import Said, number, objects, part, parts, word
from listening.networks.feed.text import plain_text
from listening.networks.mastodon.client import Server, said
from listening.networks.mastodon.counting import LINK_LENGTH, TEXT_LIMIT
from listening.networks.mastodon.parse import host_of
from listening.networks.protocols import NetworkError, Unreachable

MEDIA_LIMIT = 4
DESCRIPTION_LIMIT = 1500
_WORD = re.compile(r"(?<![\w@#/.])[^\W\d_]{4,30}(?![\w@./])")


def facts_of(server: Server, account: Said) -> dict[str, Any]:
    """Ask a server what it is like."""
    told = _instance(server)
    configuration = part(told, "configuration")
    statuses, media = part(configuration, "statuses"), part(configuration, "media_attachments")
    types = media.get("supported_mime_types")
    facts: dict[str, Any] = {
        "account_id": word(account, "id"),
        "domain": _domain(told) or server.home.host,
        "version": word(told, "version")[:100],
        "max_characters": number(statuses, "max_characters") or number(told, "max_toot_chars") or TEXT_LIMIT,
        "link_length": number(statuses, "characters_reserved_per_url") or LINK_LENGTH,
        "max_media": number(statuses, "max_media_attachments") or MEDIA_LIMIT,
        "image_size": number(media, "image_size_limit"),
        "video_size": number(media, "video_size_limit"),
        "description_limit": number(media, "description_limit") or DESCRIPTION_LIMIT,
        "media_types": [kind for kind in types if isinstance(kind, str)][:100] if isinstance(types, list) else [],
        "timelines": _timelines(part(configuration, "timelines_access")),
        "streaming": _streaming(told),
    }
    facts["search"] = _has_search(server, facts["account_id"])
    return facts


def reads_tags(facts: Mapping[str, Any]) -> bool:
    """Tell whether a server lets hashtags be read at all."""
    told = facts.get("timelines")
    access = told.get("hashtag_feeds") if isinstance(told, dict) else None
    return not isinstance(access, dict) or not access or any(who != "disabled" for who in access.values())


def _instance(server: Server) -> Said:
    for version in ("v2", "v1"):
        answer = server.get(f"/api/{version}/instance")
        if answer.status >= 500 or answer.status == 429:
            said(answer)
        if answer.status == 200 and isinstance(found := said(answer), dict):
            return found
    return {}


def _domain(told: Said) -> str:
    name = word(told, "domain") or word(told, "uri")
    return (host_of(name) if "//" in name else name.strip("/")).lower()[:255]


def _timelines(told: Said) -> dict[str, dict[str, str]]:
    return {
        feed: {whose: word(part(told, feed), whose) for whose in ("local", "remote") if word(part(told, feed), whose)}
        for feed in ("live_feeds", "hashtag_feeds")
        if part(told, feed)
    }


def _streaming(told: Said) -> str:
    address = word(part(part(told, "configuration"), "urls"), "streaming") or word(part(told, "urls"), "streaming_api")
    return re.sub("^ws", "http", address) if address.startswith(("ws://", "wss://", "http://", "https://")) else ""


def _has_search(server: Server, account_id: str) -> bool | None:
    """Look whether the server finds a word that the account itself wrote; None where it wrote none yet.

    No server says whether it searches words; one without such an index answers with nothing.
    """
    try:
        own = server.get(f"/api/v1/accounts/{account_id}/statuses", (("limit", "20"), ("exclude_reblogs", "true")))
        written = [plain_text(word(status, "content")) for status in objects(said(own))]
        found = next((match[0] for text in written[::-1] if (match := _WORD.search(text))), "")
        if not found:
            return None
        answer = server.get("/api/v2/search", (("q", found), ("type", "statuses"), ("limit", "5")))
        told = said(answer)
    except Unreachable:
        raise
    except NetworkError:
        return False
    return bool(parts(told, "statuses")) if isinstance(told, dict) else False
