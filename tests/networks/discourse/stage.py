"""The stage of Discourse: the strict double of a forum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aiohttp import web

from listening.networks.discourse import network as discourse
from tests.networks.conformance.served import ServedStage
from tests.networks.discourse.double import KEY, Board, Row


class DiscourseStage(ServedStage):
    """A forum on loopback with one topic, in which Ada speaks."""

    network, place = discourse, "everything"

    def app(self) -> web.Application:
        self.board = Board()
        self.board.say("ben", "Welcome to all who are new here.", title="Welcome")
        return self.board.app()

    def filled(self) -> tuple[str, Mapping[str, str]]:
        return "key", {"server": self.address, "username": "acme", "key": KEY}

    def says(self, text: str) -> str:
        html = text.replace("&", "&amp;").replace("<", "&lt;")
        made = self.board.say("ada", text, topic=1)
        made["cooked"] = f"<p>{html}</p>"
        return f"{self.address.removeprefix('http://')}/{made['id']}"

    def edits(self, post: str, text: str) -> None:
        self.board.edit(self._row(post)["id"], text)

    def deletes(self, post: str) -> None:
        self._row(post)["deleted_at"] = self._row(post)["created_at"]

    def answers_to(self, post: str) -> Sequence[str]:
        rows = [row for row in self.board.posts.values() if row["username"] == "acme"]
        return [row["raw"] for row in rows if row["reply_to_post_number"] == self._row(post)["post_number"]]

    def pieces(self) -> Sequence[str]:
        rows = [row for row in self.board.posts.values() if row["username"] == "acme" and row["post_number"] == 1]
        return [row["raw"] for row in rows if not row["deleted_at"]]

    def loses_next_answer(self) -> None:
        self.loses = True

    def asks_to_wait(self, seconds: int) -> None:
        told = {"errors": ["Slow down."], "error_type": "rate_limit", "extras": {"wait_seconds": seconds}}
        self.trouble = (429, told, {})

    def withdraws_access(self) -> None:
        self.trouble = (403, {"errors": ["The API key is invalid."], "error_type": "invalid_access"}, {})

    def _row(self, post: str) -> Row:
        return self.board.posts[int(post.rpartition("/")[2])]


class NotifiedStage(DiscourseStage):
    """The same, listening only to what is said to the account: Ada answers it, without its name."""

    place = "mentions"

    def app(self) -> web.Application:
        app = super().app()
        self.board.say("acme", "We are here, and we listen.", topic=1)
        return app

    def says(self, text: str) -> str:
        html = text.replace("&", "&amp;").replace("<", "&lt;")
        made = self.board.say("ada", text, topic=1, above=2)
        made["cooked"] = f"<p>{html}</p>"
        return f"{self.address.removeprefix('http://')}/{made['id']}"
