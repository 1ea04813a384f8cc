"""The stages of networks that are only read: public searches, and comments by key or token."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any, ClassVar

import pytest
from aiohttp import web

from listening.networks.github import network as github
from listening.networks.github import reading as at_github
from listening.networks.hacker_news import network as hacker_news
from listening.networks.hacker_news import reading as at_hacker_news
from listening.networks.reddit import network as reddit
from listening.networks.reddit import reading as at_reddit
from listening.networks.stack_exchange import network as stack_exchange
from listening.networks.stack_exchange import reading as at_stack_exchange
from listening.networks.youtube import network as youtube
from listening.networks.youtube import reading as at_youtube
from tests.networks.conformance.served import ServedStage
from tests.networks.github.test_github import TOKEN as GITHUB_TOKEN
from tests.networks.github.test_github import Hub
from tests.networks.hacker_news.test_hacker_news import Index
from tests.networks.reddit.test_reddit import TOKEN as REDDIT_TOKEN
from tests.networks.reddit.test_reddit import Front, entry, thing
from tests.networks.stack_exchange.test_stack_exchange import Site
from tests.networks.youtube.test_youtube import CHANNEL, KEY, Studio


class HackerNewsStage(ServedStage):
    """A search on loopback."""

    network, place = hacker_news, "acme"

    def app(self) -> web.Application:
        self.index = Index()
        app = web.Application()
        app.router.add_get("/search", self.index.search)
        app.router.add_get("/item/{own}.json", self.index.item)
        return app

    def begins(self, patch: pytest.MonkeyPatch) -> None:
        patch.setattr(at_hacker_news, "SEARCH", f"{self.address}/search")
        patch.setattr(at_hacker_news, "ITEMS", f"{self.address}/item")

    def says(self, text: str) -> str:
        own = self.index.say(escape(text, quote=False))
        self.index.items[own] = {"id": int(own), "by": "ada", "parent": 999, "time": self.index.now}
        self.edits(own, text)
        return own

    def edits(self, post: str, text: str) -> None:
        self.index.items[post]["text"] = escape(text, quote=False)

    def deletes(self, post: str) -> None:
        self.index.items[post] = {"id": int(post), "deleted": True, "time": self.index.now}

    def asks_to_wait(self, seconds: int) -> None:
        self.trouble = (429, {}, {"Retry-After": str(seconds)})


class StackExchangeStage(ServedStage):
    """A site on loopback."""

    network, place = stack_exchange, "stackoverflow: acme"

    def app(self) -> web.Application:
        self.site = Site()
        app = web.Application()
        app.router.add_get("/{path:.*}", self.site.__call__)
        return app

    def begins(self, patch: pytest.MonkeyPatch) -> None:
        patch.setattr(at_stack_exchange, "API", self.address)

    def says(self, text: str) -> str:
        return f"stackoverflow/q/{self.site.ask(escape(text, quote=False))}"

    def edits(self, post: str, text: str) -> None:
        self._row(post)["body"] = f"<p>{escape(text, quote=False)}</p>"

    def deletes(self, post: str) -> None:
        self.site.rows.remove(self._row(post))

    def _row(self, post: str) -> dict[str, Any]:
        return next(row for row in self.site.rows if row["question_id"] == int(post.rpartition("/")[2]))

    def asks_to_wait(self, seconds: int) -> None:
        told = {"error_id": 502, "error_message": f"too many requests, more in {seconds} seconds"}
        self.trouble = (400, told, {})


class GitHubStage(ServedStage):
    """A repository on loopback."""

    network, place = github, "acme/soup"

    def app(self) -> web.Application:
        self.hub = Hub()
        app = web.Application()
        app.router.add_get("/{path:.*}", self.hub.__call__)
        return app

    def begins(self, patch: pytest.MonkeyPatch) -> None:
        patch.setattr(at_github, "API", self.address)

    def filled(self) -> tuple[str, Mapping[str, str]]:
        return "token", {"token": GITHUB_TOKEN}

    def says(self, text: str) -> str:
        return f"acme/soup/issues/{self.hub.ask('A question', text)}"

    def edits(self, post: str, text: str) -> None:
        self.hub.touch(self.hub.issues[int(post.rpartition("/")[2])], text)

    def deletes(self, post: str) -> None:
        del self.hub.issues[int(post.rpartition("/")[2])]

    def asks_to_wait(self, seconds: int) -> None:
        self.trouble = (429, {"message": "Slow down."}, {"Retry-After": str(seconds)})

    def withdraws_access(self) -> None:
        self.trouble = (401, {"message": "Bad credentials"}, {})


class YouTubeStage(ServedStage):
    """Comments below a channel's videos on loopback."""

    network, place = youtube, f"comments of {CHANNEL}"

    def app(self) -> web.Application:
        self.studio = Studio()
        app = web.Application()
        app.router.add_get("/{path:.*}", self.studio.__call__)
        return app

    def begins(self, patch: pytest.MonkeyPatch) -> None:
        patch.setattr(at_youtube, "API", self.address)

    def filled(self) -> tuple[str, Mapping[str, str]]:
        return "key", {"channel": "@acme", "key": KEY}

    def says(self, text: str) -> str:
        return self.studio.say(escape(text, quote=False))

    def edits(self, post: str, text: str) -> None:
        self.studio.threads[post]["snippet"]["textDisplay"] = text

    def deletes(self, post: str) -> None:
        del self.studio.threads[post]

    def asks_to_wait(self, seconds: int) -> None:
        told = {"code": 429, "message": "Slow down.", "errors": [{"reason": "rateLimitExceeded"}]}
        self.trouble = (429, {"error": told}, {"Retry-After": str(seconds)})

    def withdraws_access(self) -> None:
        told = {"code": 400, "message": "API key not valid.", "errors": [{"reason": "badRequest"}]}
        self.trouble = (400, {"error": told}, {})


class RedditStage(ServedStage):
    """Feeds of RSS on loopback."""

    network, place, many = reddit, "r/soup comments", 20
    unplayed: ClassVar[Mapping[str, str]] = {
        "asks_to_wait": "A feed of RSS is left alone for a quarter of an hour, however short a wait it asked for.",
        "withdraws_access": "A closed place and a wrong token look the same in RSS.",
    }

    def app(self) -> web.Application:
        self.front = Front()
        self.front.entries = []
        app = web.Application()
        app.router.add_get("/{path:.*}", self.front.__call__)
        return app

    def begins(self, patch: pytest.MonkeyPatch) -> None:
        patch.setattr(at_reddit, "SERVER", self.address)

    def filled(self) -> tuple[str, Mapping[str, str]]:
        return "feed", {"user": "acme", "token": REDDIT_TOKEN}

    def says(self, text: str) -> str:
        own = f"n{len(self.front.entries)}"
        html = escape(escape(text, quote=False), quote=False)
        self.front.entries.insert(0, entry(f"t3_{own}", f"/r/soup/comments/{own}/", "A question", html))
        return f"t3_{own}"


class RedditListingStage(RedditStage):
    """The same in JSON, which says how long to wait, and whose token is wrong."""

    unplayed: ClassVar[Mapping[str, str]] = {}

    def filled(self) -> tuple[str, Mapping[str, str]]:
        return "feed", {"user": "acme", "token": f"https://www.reddit.com/message/inbox/.json?feed={REDDIT_TOKEN}"}

    def says(self, text: str) -> str:
        own = f"n{len(self.front.things)}"
        self.front.things.insert(0, thing("t1", own, body=text, parent_id="t3_abc", link_id="t3_abc"))
        return f"t1_{own}"

    def asks_to_wait(self, seconds: int) -> None:
        self.trouble = (429, {}, {"Retry-After": str(seconds)})

    def withdraws_access(self) -> None:
        self.trouble = (403, {"message": "Forbidden", "error": 403}, {})
