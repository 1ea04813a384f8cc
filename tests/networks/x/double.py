"""X in Python: keeps what it is given, checks every signature, bills each call, and refuses whom nobody spoke to."""

from __future__ import annotations

import base64
import hmac
import re
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from html import escape
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from aiohttp import web

KEYS = {
    "api_key": "ck0123456789abcdefghij", "api_secret": "cs0123456789abcdefghijklmnopqrstuvwxyz0123",
    "token": "700-tk0123456789abcdefghijklmnopqrstuvwx", "token_secret": "ts0123456789abcdefghijklmnopqrstuvwxyz",
}  # fmt: skip
OURS, ADA, BEN = "700", "701", "702"
PEOPLE = {OURS: "acme", ADA: "ada", BEN: "ben"}
REACH = 800
# In thousandths of a dollar; the account owns the app.
PRICES = {"own": 1, "post": 5, "user": 10, "answer": 10, "with link": 200}
_NAME = re.compile(r"(?<!\w)@(\w{1,15})")
_LINK = re.compile(r"https?://\S+")
Row = dict[str, Any]


class Service:
    """Posts by number, newest last; `bill` is what was charged so far, by the day and by what was read."""

    def __init__(self) -> None:
        self.posts: dict[str, Row] = {}
        self.gone: set[str] = set()
        self.bill = 0
        self.charged: set[tuple[str, str]] = set()
        self.credits = 100_000
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.nonces: set[str] = set()
        self.now = datetime.now(UTC).replace(microsecond=0)
        self.last = 1_900_000_000_000_000_000
        self.left = 300

    def say(self, who: str, text: str, *, to: str = "", quotes: str = "", edits: str = "") -> str:
        """Write a post, and return its number."""
        self.last += 4_194_304
        self.now += timedelta(seconds=1)
        own = str(self.last)
        above = self.posts.get(to)
        names = {PEOPLE_BY_NAME[name.lower()] for name in _NAME.findall(text) if name.lower() in PEOPLE_BY_NAME}
        short, links = text, []
        for number, link in enumerate(_LINK.findall(text)):
            shortened = f"https://t.co/{own[-6:]}{number}"
            short = short.replace(link, shortened)
            links.append({"url": shortened, "expanded_url": link, "start": 0, "end": 0})
        row: Row = {
            "id": own, "text": escape(short, quote=False), "author_id": who, "lang": "en",
            "created_at": self.now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "conversation_id": above["conversation_id"] if above else own,
            "edit_history_tweet_ids": [*self.posts[edits]["edit_history_tweet_ids"], own] if edits else [own],
            "entities": {"urls": links},
        }  # fmt: skip
        if above:
            names.add(above["author_id"])
            row["in_reply_to_user_id"] = above["author_id"]
            row["referenced_tweets"] = [{"type": "replied_to", "id": to}]
        if quotes:
            row["referenced_tweets"] = [{"type": "quoted", "id": quotes}]
        if edits:
            row |= {
                key: self.posts[edits][key]
                for key in ("conversation_id", "referenced_tweets")
                if key in self.posts[edits]
            }
            for older in row["edit_history_tweet_ids"][:-1]:
                self.posts[older]["edit_history_tweet_ids"] = row["edit_history_tweet_ids"]
        row["entities"]["mentions"] = [
            {"id": one, "username": PEOPLE[one], "start": 0, "end": 0} for one in sorted(names)
        ]
        self.posts[own] = row
        return own

    def delete(self, own: str) -> None:
        """Take a post and its versions down."""
        for version in self.posts[own]["edit_history_tweet_ids"]:
            self.posts.pop(version)
            self.gone.add(version)

    def app(self) -> web.Application:
        """X as a web application."""
        app = web.Application(middlewares=[self._guard])
        app.router.add_get("/users/me", self._me)
        app.router.add_get(r"/users/{who:\d+}/mentions", self._mentions)
        app.router.add_get(r"/users/{who:\d+}/tweets", self._own)
        app.router.add_get("/tweets", self._looked_up)
        app.router.add_post("/tweets", self._create)
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.asked.append((f"{request.method} {request.path}", dict(request.query)))
        if not self._is_signed(request):
            return web.json_response({"title": "Unauthorized", "status": 401, "detail": "Unauthorized"}, status=401)
        if self.credits <= 0:
            told = {"title": "CreditsDepleted", "status": 402, "detail": "Your account has no credits."}
            return web.json_response(told, status=402)
        answer: web.StreamResponse = await handler(request)
        self.left -= 1
        answer.headers["x-rate-limit-limit"] = "300"
        answer.headers["x-rate-limit-remaining"] = str(self.left)
        answer.headers["x-rate-limit-reset"] = str(int(datetime.now(UTC).timestamp()) + 900)
        return answer

    def _is_signed(self, request: web.Request) -> bool:
        """Whether the signature is the one that the four keys make, over what was really asked, with a fresh nonce."""
        told = dict(re.findall(r'(\w+)="([^"]*)"', request.headers.get("Authorization", "")))
        given = unquote(told.pop("oauth_signature", ""))
        if told.get("oauth_nonce") in self.nonces or abs(int(told.get("oauth_timestamp", 0)) - _seconds()) > 300:
            return False
        self.nonces.add(told["oauth_nonce"])
        if (told.get("oauth_consumer_key"), unquote(told.get("oauth_token", ""))) != (KEYS["api_key"], KEYS["token"]):
            return False
        pairs = [(unquote(name), unquote(value)) for name, value in told.items()]
        pairs += parse_qsl(request.url.raw_query_string, keep_blank_values=True)
        normal = "&".join(
            f"{_q(name)}={_q(value)}" for name, value in sorted(pairs, key=lambda p: (_q(p[0]), _q(p[1])))
        )
        base = f"{request.method}&{_q(str(request.url.with_query(None)))}&{_q(normal)}"
        key = f"{_q(KEYS['api_secret'])}&{_q(KEYS['token_secret'])}".encode()
        return hmac.compare_digest(base64.b64encode(hmac.new(key, base.encode(), sha1).digest()).decode(), given)

    def _charge(self, kind: str, what: str) -> None:
        """The same is charged once in a day."""
        if (kind, what) not in self.charged:
            self.charged.add((kind, what))
            self.bill += PRICES[kind]
            self.credits -= PRICES[kind]

    async def _me(self, request: web.Request) -> web.Response:
        self._charge("user", OURS)
        return web.json_response({"data": {"id": OURS, "name": "Acme & Co", "username": "acme"}})

    async def _mentions(self, request: web.Request) -> web.Response:
        if request.match_info["who"] != OURS:
            return web.json_response({"title": "Forbidden", "detail": "Not yours"}, status=403)
        named = [
            row for row in self.posts.values()
            if row["author_id"] != OURS and OURS in {one["id"] for one in row["entities"]["mentions"]}
        ]  # fmt: skip
        return self._page(request, named[-REACH:], 5, with_people=True)

    async def _own(self, request: web.Request) -> web.Response:
        rows = [row for row in self.posts.values() if row["author_id"] == OURS]
        return self._page(request, rows, 5, with_people=False)

    def _page(self, request: web.Request, rows: list[Row], least: int, *, with_people: bool) -> web.Response:
        query = request.query
        size = int(query["max_results"])
        if not least <= size <= 100:
            told = {"errors": [{"message": f"The `max_results` query parameter value [{size}] is not valid"}]}
            return web.json_response(
                told | {"title": "Invalid Request", "detail": "One or more parameters"}, status=400
            )
        above, below = int(query.get("since_id", 0)), int(query.get("until_id", 0))
        found = [row for row in rows[::-1] if int(row["id"]) > above and (not below or int(row["id"]) < below)]
        start = int(query.get("pagination_token", "0"))
        shown = found[start : start + size]
        meta: Row = {"result_count": len(shown)}
        if len(found) > start + size:
            meta["next_token"] = str(start + size)
        for row in shown:
            self._charge("own", row["id"])
        if not shown:
            return web.json_response({"meta": meta})
        told: Row = {"data": [self._fields(row, query) for row in shown], "meta": meta}
        if with_people and "author_id" in query.get("expansions", ""):
            who = sorted({row["author_id"] for row in shown})
            for one in who:
                self._charge("user", one)
            people = [{"id": one, "username": PEOPLE[one], "name": PEOPLE[one].title()} for one in who]
            told["includes"] = {"users": people}
        return web.json_response(told)

    def _fields(self, row: Row, query: Any) -> Row:
        """Only what was asked for, as X does: without fields a post is a number and a text."""
        wanted = {"id", "text", "edit_history_tweet_ids", *query.get("tweet.fields", "").split(",")}
        return {name: value for name, value in row.items() if name in wanted}

    async def _looked_up(self, request: web.Request) -> web.Response:
        ids = request.query["ids"].split(",")
        assert len(ids) <= 100
        found = [self._fields(self.posts[one], request.query) for one in ids if one in self.posts]
        for row in found:
            self._charge("post", row["id"])
        problem = "https://api.x.com/2/problems/resource-not-found"
        errors = [
            {"value": one, "resource_id": one, "parameter": "ids", "resource_type": "tweet", "type": problem,
             "title": "Not Found Error", "detail": f"Could not find tweet with ids: [{one}]."}
            for one in ids if one not in self.posts
        ]  # fmt: skip
        return web.json_response(({"data": found} if found else {}) | ({"errors": errors} if errors else {}))

    async def _create(self, request: web.Request) -> web.Response:
        told = await request.json()
        text, to = told["text"], told.get("reply", {}).get("in_reply_to_tweet_id", "")
        above = self.posts.get(to)
        if set(told) - {"text", "reply"} or not text.strip():
            return web.json_response({"title": "Invalid Request", "detail": "One or more parameters"}, status=400)
        if not above:
            detail = "You attempted to reply to a Tweet that is deleted or not visible to you."
            return web.json_response({"title": "Forbidden", "status": 403, "detail": detail}, status=403)
        quoted = [
            self.posts.get(one["id"], {}) for one in above.get("referenced_tweets", ()) if one["type"] == "quoted"
        ]
        summoned = {one["id"] for one in above["entities"]["mentions"]} | {one.get("author_id") for one in quoted}
        if OURS not in summoned:
            detail = "Reply to this conversation is not allowed because you were not mentioned by its author."
            return web.json_response({"title": "Forbidden", "status": 403, "detail": detail}, status=403)
        ours = [row for row in self.posts.values() if row["author_id"] == OURS]
        if any(row["said"] == text for row in ours if "said" in row):
            detail = "You are not allowed to create a Tweet with duplicate content."
            return web.json_response({"title": "Forbidden", "status": 403, "detail": detail}, status=403)
        own = self.say(OURS, f"@{PEOPLE[above['author_id']]} {text}", to=to)
        self.posts[own]["said"] = text
        self._charge("with link" if _LINK.search(text) else "answer", own)
        return web.json_response({"data": {"id": own, "text": self.posts[own]["text"]}}, status=201)


PEOPLE_BY_NAME = {name: key for key, name in PEOPLE.items()}


def _q(text: str) -> str:
    return quote(text, safe="-._~")


def _seconds() -> int:
    return int(datetime.now(UTC).timestamp())
