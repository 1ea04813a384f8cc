"""Shows what Touchline reads out of a feed, in a file or at an address."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from listening.identity import piece_keys
from listening.networks.feed.client import ACCEPT, raise_for_status
from listening.networks.feed.limits import LARGEST
from listening.networks.feed.parse import parse_feed
from listening.networks.feed.shape import ParsedFeed
from listening.networks.http import Http
from listening.networks.protocols import NetworkError, RemotePost


class Command(BaseCommand):
    """Parse one feed; needs neither a database nor any other server."""

    help = "Show the posts of a feed, as Touchline reads them. FILE_OR_URL is a file or a web address."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("feed", metavar="FILE_OR_URL", help="a file or a web address")
        parser.add_argument("--json", action="store_true", help="one JSON object a line instead of a readable list")
        parser.add_argument("--base", default="", help="the address that relative links of a file begin at")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            feed = _read(options["feed"], options["base"])
        except NetworkError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{options['feed']} could not be read: {error.strerror or error}.") from error
        for line in _as_json(feed) if options["json"] else _as_list(feed):
            self.stdout.write(line)
        for problem in feed.problems:
            self.stderr.write(self.style.WARNING(problem))


def _read(place: str, base: str) -> ParsedFeed:
    if not place.lower().startswith(("http://", "https://")):
        with Path(place).open("rb") as file:
            return parse_feed(file.read(LARGEST * 2), base=base, at=datetime.now(UTC))
    http = Http(settings.FETCH_ALLOWED_PRIVATE_HOSTS, settings.FETCH_CONTACT_URL)
    answer = http.request("GET", place, accept=ACCEPT)
    raise_for_status(answer)
    return parse_feed(answer.body, content_type=answer.content_type, base=answer.url, at=answer.received_at)


def _as_json(feed: ParsedFeed) -> list[str]:
    return [json.dumps(_plain(post), ensure_ascii=False) for post in feed.posts]


def _plain(post: RemotePost) -> dict[str, Any]:
    return {
        "id": post.id,
        "url": post.url,
        "author": post.author.name,
        "title": post.title,
        "text": post.text,
        "published_at": _moment(post.published_at),
        "updated_at": _moment(post.updated_at),
        "language": post.language,
        "piece": piece_keys(post),
        "problems": list(post.problems),
    }


def _moment(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None


def _as_list(feed: ParsedFeed) -> list[str]:
    lines = [feed.title or "(a feed without a title)", f"{len(feed.posts)} posts", ""]
    for post in feed.posts:
        when = f"{post.published_at:%Y-%m-%d %H:%M}" if post.published_at else "no date"
        lines.append(f"{when}  {post.title or post.text[:80] or '(empty)'}")
        lines += [f"    {detail}" for detail in (post.author.name, post.url, *post.problems) if detail]
    return lines
