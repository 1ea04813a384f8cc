"""A forum in Python that keeps what it is given, as strict as a real one: limits, likeness, windows of numbers."""

from __future__ import annotations

import hmac
import json
import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from aiohttp import web

KEY = "0123456789abcdef0123456789abcdef"
# Each key is for one member.
KEYS = {"acme": KEY, "acme_help": "fedcba9876543210fedcba9876543210"}
MENTIONED, REPLIED = 1, 2
WINDOW = 50
SHOWN = ("id", "username", "name", "created_at", "topic_id", "post_number")
Row = dict[str, Any]
Pushed = tuple[dict[str, str], bytes]


class Board:
    """Topics and posts; `asked` counts requests, `limit` says after how many a member has to wait."""

    def __init__(self) -> None:
        self.posts: dict[int, dict[str, Any]] = {}
        self.titles: dict[int, str] = {}
        self.external: dict[str, int] = {}
        self.reads_window_only = False
        self.approves = False
        self.limited = False
        self.is_hidden = False
        self.asked: list[str] = []
        self.notified: dict[str, list[Row]] = {}
        # What was uploaded, each bytes once.
        self.uploads: dict[str, bytes] = {}
        self.events = 0
        self.address = ""
        self.now = datetime.now(UTC)

    def say(
        self, who: str, raw: str, *, topic: int = 0, above: int = 0, title: str = "", skip: int = 0
    ) -> dict[str, Any]:
        """Write a post; without a topic it begins one. `skip` leaves so many numbers out, as hidden posts do."""
        own = max(self.posts, default=0) + 1 + skip
        if not topic:
            topic = max(self.titles, default=0) + 1
            self.titles[topic] = title or f"Topic {topic}"
        number = 1 + sum(1 for post in self.posts.values() if post["topic_id"] == topic)
        self.now += timedelta(milliseconds=10)
        at = self.now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        earlier = next(
            (post for post in self.posts.values() if post["topic_id"] == topic and post["post_number"] == above), None
        )
        self.posts[own] = {
            "id": own, "username": who, "name": who.title(), "created_at": at, "updated_at": at, "raw": raw,
            "cooked": "<p>" + raw.replace("\n\n", "</p><p>") + "</p>", "post_number": number, "post_type": 1,
            "reply_to_post_number": above or None, "topic_id": topic, "topic_slug": f"topic-{topic}",
            "topic_title": self.titles[topic], "reply_count": 0, "deleted_at": None, "version": 1,
            "actions_summary": [], "topic_archetype": "regular", "hidden": False,
        }  # fmt: skip
        named = set(re.findall(r"@([\w-]+)", raw)) - {who}
        for name in named:
            self._notify(name, MENTIONED, self.posts[own])
        if earlier and earlier["username"] not in {who, *named}:
            self._notify(earlier["username"], REPLIED, self.posts[own])
        return self.posts[own]

    def _notify(self, name: str, kind: int, post: Row) -> None:
        told = {"original_post_id": post["id"], "original_username": post["username"], "topic_title": "…"}
        own = sum(map(len, self.notified.values())) + 1
        self.notified.setdefault(name, []).append({
            "id": own, "notification_type": kind, "read": False, "created_at": post["created_at"],
            "topic_id": post["topic_id"], "post_number": post["post_number"], "slug": post["topic_slug"], "data": told,
        })  # fmt: skip

    def tells(
        self, event: str, own: int, secret: str, *, key: str = "", **changes: Any
    ) -> tuple[dict[str, str], bytes]:
        """A webhook as the forum sends it: headers, signed over exactly these bytes, and the body."""
        post = {name: value for name, value in self.posts[own].items() if name != "reply_count"} | changes
        body = json.dumps({"post": post} if event != "ping" else {"ping": "OK"}).encode()
        mac = hmac.new(secret.encode(), body, sha256).hexdigest()
        self.events += 1
        return {
            "X-Discourse-Instance": "https://forum.example", "X-Discourse-Event-Id": key or str(self.events),
            "X-Discourse-Event-Type": event.partition("_")[0], "X-Discourse-Event": event,
            "X-Discourse-Event-Signature": f"sha256={mac}",
        }, body  # fmt: skip

    def edit(self, own: int, raw: str) -> None:
        """Change a post."""
        self.now += timedelta(seconds=1)
        at = self.now.isoformat().replace("+00:00", "Z")
        self.posts[own] |= {"raw": raw, "cooked": f"<p>{raw}</p>", "updated_at": at, "version": 2}

    def app(self) -> web.Application:
        """The forum as a web application."""
        app = web.Application(middlewares=[self._guard])
        app.router.add_get("/u/{name}.json", self._member)
        app.router.add_get("/notifications.json", self._notifications)
        app.router.add_get("/site/settings.json", self._settings)
        app.router.add_get("/posts.json", self._latest)
        app.router.add_post("/posts.json", self._create)
        app.router.add_post("/uploads.json", self._upload)
        app.router.add_get(r"/posts/{own:\d+}.json", self._post)
        app.router.add_delete(r"/posts/{own:\d+}.json", self._delete)
        app.router.add_get("/search.json", self._search)
        app.router.add_get("/t/external_id/{key}.json", self._by_key)
        app.router.add_get(r"/t/{topic:\d+}.json", self._topic)
        app.router.add_get(r"/t/{topic:\d+}/posts.json", self._of_topic)
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.asked.append(f"{request.method} {request.path}")
        if self.is_hidden:
            return web.Response(status=404, text="<html>Back soon</html>", content_type="text/html")
        if self.limited:
            told = {"errors": ["Slow down."], "error_type": "rate_limit", "extras": {"wait_seconds": 17}}
            return web.json_response(told, status=429, headers={"Retry-After": "17"})
        if request.headers.get("Api-Key") != KEYS.get(request.headers.get("Api-Username", "")):
            told = {"errors": ["The API username or key is invalid."], "error_type": "invalid_access"}
            return web.json_response(told, status=403)
        answer: web.StreamResponse = await handler(request)
        return answer

    def _visible(self) -> list[dict[str, Any]]:
        return [post for post in self.posts.values() if not post["deleted_at"]]

    async def _member(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        return web.json_response({"user": {"id": 5, "username": name, "name": name.title()}})

    async def _notifications(self, request: web.Request) -> web.Response:
        rows = self.notified.get(request.headers["Api-Username"], [])[::-1]
        limit, offset = int(request.query.get("limit", 60)), int(request.query.get("offset", 0))
        assert limit <= 60
        return web.json_response(
            {"notifications": rows[offset : offset + limit], "total_rows_notifications": len(rows)}
        )

    async def _settings(self, request: web.Request) -> web.Response:
        return web.json_response({
            "title": "Soup forum", "min_post_length": 20, "max_post_length": 500,
            "authorized_extensions": "png|jpeg|txt", "max_image_size_kb": 2,
        })  # fmt: skip

    async def _latest(self, request: web.Request) -> web.Response:
        found = sorted(self._visible(), key=lambda post: -post["id"])
        if before := int(request.query.get("before", 0)):
            lowest = before - WINDOW if self.reads_window_only else 0
            found = [post for post in found if lowest < post["id"] <= before]
        shown = [{name: value for name, value in post.items() if name != "raw"} for post in found[:WINDOW]]
        return web.json_response({"latest_posts": shown})

    async def _create(self, request: web.Request) -> web.Response:
        form = await request.post()
        raw, who = str(form["raw"]).strip(), request.headers["Api-Username"]
        errors = []
        if not 20 <= len(raw) <= 500:
            errors.append("Body is too short (minimum is 20 characters)" if len(raw) < 20 else "Body is too long")
        recent = [post for post in self.posts.values() if post["username"] == who]
        if any(_bare(post["raw"]) == _bare(raw) for post in recent):
            errors.append("Body is too similar to what you recently posted")
        topic = int(str(form.get("topic_id") or 0))
        if not topic and not 15 <= len(str(form.get("title", ""))) <= 255:
            errors.append("Title is too short (minimum is 15 characters)")
        if (key := str(form.get("external_id", ""))) and key in self.external:
            errors.append("External has already been taken")
        if errors:
            return web.json_response({"action": "create_post", "errors": errors}, status=422)
        if self.approves:
            told = {"success": True, "action": "enqueued", "pending_post": {"id": 3, "raw": raw}}
            return web.json_response(told)
        above = int(str(form.get("reply_to_post_number") or 0))
        made = self.say(who, raw, topic=topic, above=above, title=str(form.get("title", "")))
        if key:
            self.external[key] = made["topic_id"]
        return web.json_response(made)

    async def _upload(self, request: web.Request) -> web.Response:
        form = await request.post()
        found = form["file"]
        assert isinstance(found, web.FileField) and (form["type"], form["synchronous"]) == ("composer", "true")
        body, ending = found.file.read(), found.filename.rpartition(".")[2]
        if ending not in {"png", "jpeg", "txt"} or len(body) > 2048:
            return web.json_response({"errors": ["Sorry, that file is not allowed."]}, status=422)
        key = f"upload://{sha256(body).hexdigest()[:27]}.{ending}"
        self.uploads[key] = body
        told = {"id": len(self.uploads), "short_url": key, "width": 60, "height": 40, "filesize": len(body)}
        return web.json_response(told)

    async def _post(self, request: web.Request) -> web.Response:
        post = self.posts.get(int(request.match_info["own"]))
        return web.json_response(post) if post else _missing()

    async def _delete(self, request: web.Request) -> web.Response:
        post = self.posts.get(int(request.match_info["own"]))
        if not post:
            return _missing()
        post["deleted_at"] = post["created_at"]
        return web.json_response({"success": "OK"})

    async def _search(self, request: web.Request) -> web.Response:
        words, page = request.query["q"].removesuffix(" order:latest"), int(request.query.get("page", 1))
        found = sorted((post for post in self._visible() if words in post["raw"]), key=lambda post: -post["id"])
        some = found[(page - 1) * 3 : page * 3]
        shown = [{**{name: post[name] for name in SHOWN}, "blurb": post["raw"]} for post in some]
        topics = [{"id": post["topic_id"], "title": post["topic_title"], "slug": post["topic_slug"]} for post in some]
        more = {"more_full_page_results": True if len(found) > page * 3 else None}
        return web.json_response({"posts": shown, "topics": topics, "grouped_search_result": more})

    async def _by_key(self, request: web.Request) -> web.StreamResponse:
        topic = self.external.get(request.match_info["key"])
        if topic is None:
            return _missing()
        raise web.HTTPMovedPermanently(f"/t/{topic}.json")

    def _stream(self, topic: int) -> list[dict[str, Any]]:
        return [post for post in self._visible() if post["topic_id"] == topic]

    async def _topic(self, request: web.Request) -> web.Response:
        topic = int(request.match_info["topic"])
        posts = self._stream(topic)
        if not posts:
            return _missing()
        stream = {"posts": posts[:20], "stream": [post["id"] for post in posts]}
        return web.json_response(
            {"id": topic, "title": self.titles[topic], "slug": f"topic-{topic}", "post_stream": stream}
        )

    async def _of_topic(self, request: web.Request) -> web.Response:
        wanted = {int(own) for own in request.query.getall("post_ids[]")}
        assert len(wanted) <= 20
        posts = [post for post in self._stream(int(request.match_info["topic"])) if post["id"] in wanted]
        return web.json_response({"post_stream": {"posts": posts}})


def _bare(raw: str) -> str:
    return re.sub(r"\W", "", raw).lower()


def _missing() -> web.Response:
    return web.json_response({"errors": ["Not found"], "error_type": "not_found"}, status=404)
