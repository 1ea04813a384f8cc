"""Whoever follows a link of ours is led to where it leads, and counted; nothing is kept of who it was."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from urllib.parse import urlsplit

from content.link_housekeeping import Led, led_by
from content.link_querysets import count_click

# What list and headers do not tell; whoever says such a thing of itself is no reader.
PROGRAM = re.compile(r"bot\b|crawl|spider|preview|fetch|cardyb|scan|monitor|headless", re.IGNORECASE)
EARLY = ("Purpose", "Sec-Purpose", "X-Purpose", "X-Moz")
# Whoever opens a link more often than so within a minute is no reader either.
MOST_A_MINUTE = 10
# Where readers come from, by the end of the server's name; of servers of our connections the network is known anyway.
COME_FROM = {
    "bsky.app": "bluesky", "facebook.com": "facebook", "instagram.com": "instagram", "linkedin.com": "linkedin",
    "lnkd.in": "linkedin", "mastodon.online": "mastodon", "mastodon.social": "mastodon", "news.ycombinator.com":
    "hacker_news", "pinterest.com": "pinterest", "reddit.com": "reddit", "t.co": "x", "threads.net": "threads",
    "tiktok.com": "tiktok", "twitter.com": "x", "x.com": "x", "youtube.com": "youtube",
}  # fmt: skip


def follow(key: str, *, method: str, headers: Mapping[str, str], times: int, at: datetime) -> str:
    """Count one more and return where a link leads; nothing where there is none."""
    led = led_by(key)
    if led is None:
        return ""
    is_bot = times > MOST_A_MINUTE or is_program(method, headers)
    network = network_of(headers.get("Referer", ""), led)
    count_click(organization_id=led.organization_id, link_id=led.link_id, at=at, is_bot=is_bot, network=network)
    return led.target


def is_program(method: str, headers: Mapping[str, str]) -> bool:
    """Whether nobody reads what is asked for: a program, or a browser that fetches before anybody has pressed."""
    agent = headers.get("User-Agent", "")[:1000]
    is_early = any(word in headers.get(name, "").lower() for name in EARLY for word in ("prefetch", "preview"))
    return method != "GET" or is_early or not agent or bool(PROGRAM.search(agent)) or _is_known(agent)


def network_of(referrer: str, led: Led) -> str:
    """The network from which somebody came, if it is a known one; the address itself is not kept."""
    try:
        host = (urlsplit(referrer[:2000]).hostname or "").lower()
    except ValueError:
        return ""
    if not host:
        return ""
    if host in led.servers:
        return led.servers[host]
    return next((name for end, name in COME_FROM.items() if host == end or host.endswith(f".{end}")), "")


@cache
def _patterns() -> re.Pattern[str]:
    from crawleruseragents import CRAWLER_USER_AGENTS_DATA

    return re.compile("|".join(one["pattern"] for one in CRAWLER_USER_AGENTS_DATA))


def _is_known(agent: str) -> bool:
    return bool(_patterns().search(agent))
