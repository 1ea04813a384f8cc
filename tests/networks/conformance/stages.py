"""The stages of feeds, of the practice field, and of the tests' own network."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Self
from xml.sax.saxutils import escape

from listening.access import doors
from listening.models import PracticeAccount, PracticePost
from listening.networks.feed import network as feed
from listening.networks.http import Http
from listening.networks.practice import network as practice
from listening.networks.protocols import Access, RemoteAuthor
from listening.practice_field import actions
from roles import clock
from tests.networks.conformance.stage import INSIDE, Stage
from tests.networks.lighthouse import network as lighthouse
from tests.networks.lighthouse_server import Tower, lit


class LighthouseStage(Stage):
    """A tower on loopback."""

    network, place = lighthouse, "mentions"
    tower: Tower

    def __enter__(self) -> Self:
        self.struck = ExitStack()
        self.tower = self.struck.enter_context(lit())
        return self

    def __exit__(self, *_problem: object) -> None:
        self.struck.close()

    def access(self) -> Access:
        credentials = {"token": "key-of-acme"}
        account = RemoteAuthor(id="acme", handle="@acme")
        return Access(http=Http(["127.0.0.1"]), credentials=credentials, account=account, server=self.tower.url)

    def says(self, text: str) -> str:
        return self.tower.say(text)

    def edits(self, post: str, text: str) -> None:
        self.tower.edit(post, text)

    def deletes(self, post: str) -> None:
        self.tower.delete(post)

    def answers_to(self, post: str) -> Sequence[str]:
        return [row["text"] for row in self.tower.answers() if row["to"] == post]

    def loses_next_answer(self) -> None:
        self.tower.loses_next = True

    def asks_to_wait(self, seconds: int) -> None:
        self.tower.wait = seconds

    def is_out_of_order(self) -> None:
        self.tower.out_of_order = True

    def withdraws_access(self) -> None:
        self.tower.forgets_tokens = True

    def filled(self) -> tuple[str, Mapping[str, str]]:
        return "key", {"address": self.tower.url, "key": "key-of-acme"}


class PracticeStage(Stage):
    """The practice field of the acting organization."""

    network, place, needs_organization = practice, "everything", True
    unplayed: ClassVar[Mapping[str, str]] = {
        "asks_to_wait": INSIDE, "is_out_of_order": INSIDE, "loses_next_answer": INSIDE
    }  # fmt: skip

    def __enter__(self) -> Self:
        self.ada = PracticeAccount.objects.create(handle="ada", name="Ada", is_ours=False)
        self.us = PracticeAccount.objects.create(handle="acme", name="Acme", is_ours=True)
        return self

    def access(self) -> Access:
        return Access(account=RemoteAuthor(id=str(self.us.pk), handle="acme"), doors=doors())

    def says(self, text: str) -> str:
        return str(actions.post(self.ada, text=text, by=None, at=clock.now()).pk)

    def deletes(self, post: str) -> None:
        actions.remove(PracticePost.objects.get(pk=post), by=None, at=clock.now())

    def answers_to(self, post: str) -> Sequence[str]:
        rows = PracticePost.objects.filter(in_reply_to=post, account=self.us, removed_at=None).order_by("pk")
        return list(rows.values_list("text", flat=True))

    def pieces(self) -> Sequence[str]:
        rows = PracticePost.objects.filter(in_reply_to=None, account=self.us, removed_at=None).order_by("pk")
        return list(rows.values_list("text", flat=True))


class FeedStage(Stage):
    """A feed on loopback."""

    network = feed

    def __enter__(self) -> Self:
        self.entries: list[tuple[str, str]] = []
        self.answers: tuple[int, dict[str, str]] = (200, {})
        stage = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_said: object) -> None:
                pass

            def do_GET(self) -> None:
                status, headers = stage.answers
                body = stage.document().encode() if status == 200 else b""
                self.send_response(status)
                for name, value in (
                    {"Content-Type": "application/rss+xml", "Content-Length": str(len(body))} | headers
                ).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

        self.server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.place = f"http://127.0.0.1:{self.server.server_address[1]}/feed"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_problem: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def document(self) -> str:
        """The feed as it stands."""
        items = "".join(
            f"<item><guid>{key}</guid><description>{escape(escape(text))}</description></item>"
            for key, text in reversed(self.entries)
        )
        return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Feed</title>{items}</channel></rss>'

    def says(self, text: str) -> str:
        self.entries.append((f"entry-{len(self.entries)}", text))
        return self.entries[-1][0]

    def asks_to_wait(self, seconds: int) -> None:
        self.answers = (429, {"Retry-After": str(seconds)})

    def is_out_of_order(self) -> None:
        self.answers = (503, {})

    def withdraws_access(self) -> None:
        self.answers = (410, {})
