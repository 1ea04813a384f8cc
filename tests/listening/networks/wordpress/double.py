"""A small strict WordPress that keeps state and loses answers: comments, posts, pictures, categories and tags."""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from html import unescape
from typing import Any

from aiohttp import web

LISTS = {
    "comments": {"page", "per_page", "order", "orderby", "status", "after", "context", "_embed", "include", "parent",
                 "post", "author"},
    "posts": {"page", "slug", "status", "context"},
    "media": {"page", "slug"},
    "categories": {"page", "search", "per_page"},
    "tags": {"page", "search", "per_page"},
}  # fmt: skip
GONE = {"spam", "trash"}


class Wrong(Exception):
    """What WordPress says no to."""

    def __init__(self, code: str, status: int, **data: Any) -> None:
        super().__init__(code)
        self.code, self.status, self.data = code, status, data


class Double:
    """One site with one user, `admin`, and visitors who comment."""

    def __init__(self, *, pretty: bool = True) -> None:
        self.pretty = pretty
        self.password = "abcdEFGHijkl"
        self.may = {"moderate_comments": True, "publish_posts": True}
        self.offers_passwords = True
        self.rows: dict[str, dict[int, dict[str, Any]]] = {name: {} for name in LISTS}
        self.asked: list[str] = []
        self.lose: set[str] = set()
        self.fail: dict[str, web.Response] = {}
        self.address = ""
        self._number = 0
        self.article = self._make("posts", {"title": "Launch", "content": "x", "slug": "launch", "status": "publish"})

    def comment(self, text: str, *, at: datetime | None = None, status: str = "approved", parent: int = 0) -> int:
        """Let a visitor comment."""
        said = {"post": self.article["id"], "parent": parent, "content": text, "author": 0, "status": status}
        who = {"author_name": "Vera &amp; Co", "author_email": "vera@example.com", "author_url": ""}
        return int(self._make("comments", {**said, **who}, at=at)["id"])

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        """Serve on loopback; gives the address."""
        app = web.Application(client_max_size=5_000_000)
        app.router.add_route("*", "/{path:.*}", self._answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self.address
        finally:
            await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        path = request.path.removeprefix("/wp-json") if self.pretty and request.path.startswith("/wp-json") else ""
        path = path or request.query.get("rest_route", "")
        if not path:
            root = f"{self.address}/wp-json/" if self.pretty else f"{self.address}/?rest_route=/"
            front = request.path == "/"
            headers = {"Link": f'<{root}>; rel="https://api.w.org/"'} if front else {}
            return web.Response(status=200 if front else 404, text="<html>", headers=headers, content_type="text/html")
        if path == "/":
            ways = {"application-passwords": {}} if self.offers_passwords else {}
            return web.json_response({"name": "A &amp; B", "namespaces": ["wp/v2"], "authentication": ways})
        name = path.removeprefix("/wp/v2/")
        self.asked.append(f"{request.method} {name}")
        if (failure := self.fail.pop(name, None)) is not None:
            return failure
        try:
            found, headers = await self._do(request, *name.split("/"))
        except Wrong as wrong:
            said = {"code": wrong.code, "message": wrong.code, "data": {"status": wrong.status, **wrong.data}}
            return web.json_response(said, status=wrong.status)
        if f"{request.method} {name}" in self.lose:
            self.lose.discard(f"{request.method} {name}")
            assert request.transport is not None
            request.transport.abort()
        return web.json_response(found, headers=headers)

    async def _do(self, request: web.Request, kind: str, number: str = "") -> tuple[Any, dict[str, str]]:
        asked = {name: value for name, value in request.query.items() if name != "rest_route"}
        signed = request.headers.get("Authorization", "")
        told = base64.b64encode(f"admin:{self.password}".encode()).decode()
        is_in = signed == f"Basic {told}"
        if kind == "users":
            if not is_in:
                raise Wrong("rest_not_logged_in", 401)
            return {"id": 1, "name": "Ann Admin", "username": "admin", "slug": "admin", "capabilities": self.may}, {}
        if asked.get("status") in {"any", "all"} and not is_in:
            raise Wrong("rest_forbidden_param", 401)
        if request.method == "GET" and not number:
            return self._list(kind, asked)
        rows = self.rows[kind]
        if number and int(number) not in rows:
            raise Wrong("rest_comment_invalid_id" if kind == "comments" else "rest_post_invalid_id", 404)
        if request.method == "GET":
            return self._shown(rows[int(number)], asked), {}
        if not is_in:
            raise Wrong("rest_cannot_create", 401)
        if request.method == "DELETE":
            row = rows[int(number)]
            if row["status"] == "trash":
                raise Wrong("rest_already_trashed", 410)
            row["status"] = "trash"
            return row, {}
        if kind == "media" and not number:
            return self._upload(request, await request.read()), {}
        said = await request.json()
        if number:
            rows[int(number)].update(said)
            return rows[int(number)], {}
        return self._shown(self._create(kind, said), {"context": "edit"}), {}

    def _list(self, kind: str, asked: dict[str, str]) -> tuple[Any, dict[str, str]]:
        if unknown := asked.keys() - LISTS[kind]:
            raise Wrong("rest_invalid_param", 400, params=sorted(unknown))
        rows = [row for row in self.rows[kind].values() if self._wanted(row, asked)]
        rows.sort(key=lambda row: (row["date_gmt"], row["id"]), reverse=asked.get("order", "desc") == "desc")
        size, page = int(asked.get("per_page", 10)), int(asked.get("page", 1))
        if not 1 <= size <= 100:
            raise Wrong("rest_invalid_param", 400)
        pages = -(-len(rows) // size)
        headers = {"X-WP-Total": str(len(rows)), "X-WP-TotalPages": str(pages)}
        return [self._shown(row, asked) for row in rows[(page - 1) * size : page * size]], headers

    def _wanted(self, row: dict[str, Any], asked: dict[str, str]) -> bool:
        numbers = {
            name: {int(part) for part in asked[name].split(",")}
            for name in ("include", "parent", "post", "author")
            if name in asked
        }
        after = asked.get("after")
        return (
            row["id"] in numbers.get("include", {row["id"]})
            and all(row.get(name) in wanted for name, wanted in numbers.items() if name != "include")
            and (asked.get("status") == "any" or row["status"] in {"approved", "publish", "inherit"})
            and (after is None or row["date_gmt"] > after.removesuffix("Z"))
            and ("slug" not in asked or row.get("slug") == asked["slug"])
            and asked.get("search", "").lower() in unescape(str(row.get("name", ""))).lower()
        )

    def _shown(self, row: dict[str, Any], asked: dict[str, str]) -> dict[str, Any]:
        edit = asked.get("context") == "edit"
        found = dict(row)
        for name in ("title", "content"):
            if name in row:
                found[name] = {"rendered": f"<p>{row[name]}</p>"} | ({"raw": row[name]} if edit else {})
        if not edit:
            found.pop("author_email", None)
        if asked.get("_embed") == "up":
            above = self.rows["posts"][row["post"]]
            found["_embedded"] = {"up": [{"id": above["id"], "title": {"rendered": above["title"]}}]}
        return found

    def _create(self, kind: str, said: dict[str, Any]) -> dict[str, Any]:
        if kind == "comments":
            alike = ("post", "parent", "content")
            for row in self.rows["comments"].values():
                if row["author"] == 1 and row["status"] not in GONE and all(row[name] == said[name] for name in alike):
                    raise Wrong("comment_duplicate", 409)
            return self._make(kind, {**said, "author": 1, "author_name": "Ann Admin", "status": "approved"})
        if kind == "posts":
            assert re.fullmatch(r"[a-z0-9-]+", said["slug"])
            while any(row["slug"] == said["slug"] for row in self.rows["posts"].values()):
                said = {**said, "slug": f"{said['slug']}-2"}
            at = datetime.fromisoformat(said["date_gmt"]).replace(tzinfo=UTC)
            return self._make(kind, said, at=at)
        for row in self.rows[kind].values():
            if unescape(row["name"]).lower() == said["name"].lower():
                raise Wrong("term_exists", 400, term_id=row["id"])
        return self._make(kind, {**said, "name": said["name"].replace("&", "&amp;"), "status": "publish"})

    def _upload(self, request: web.Request, body: bytes) -> dict[str, Any]:
        found = re.fullmatch(
            r'attachment; filename="([a-z0-9-]+)\.([a-z0-9]+)"', request.headers["Content-Disposition"]
        )
        assert found and request.content_type.startswith("image/") and body
        source = f"{self.address}/files/{found[1]}.{found[2]}"
        return self._make("media", {"slug": found[1], "alt_text": "", "source_url": source, "status": "inherit"})

    def _make(self, kind: str, said: dict[str, Any], *, at: datetime | None = None) -> dict[str, Any]:
        self._number += 1
        at = at or datetime.now(UTC)
        row = {
            "id": self._number, "date_gmt": at.strftime("%Y-%m-%dT%H:%M:%S"), "status": "approved",
            "link": f"{self.address}/?{kind}={self._number}", **said,
        }  # fmt: skip
        self.rows[kind][self._number] = row
        return row
