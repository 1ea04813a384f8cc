"""A small strict Bluesky that keeps state and loses answers: accounts, records, what is shown, and a stream."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import regex
from aiohttp import web

from listening.networks.bluesky.ids import is_tid
from tests.listening.networks.bluesky.stream import STREAM, Stream

POST = "app.bsky.feed.post"
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
# What each query may be asked with; anything else is a mistake of ours.
PARAMETERS = {
    "app.bsky.notification.listNotifications": {"limit", "cursor", "reasons"},
    "app.bsky.feed.getAuthorFeed": {"actor", "limit", "cursor"},
    "app.bsky.feed.getPosts": {"uris"},
    "app.bsky.feed.getPostThread": {"uri", "depth", "parentHeight"},
    "app.bsky.actor.getProfile": {"actor"},
    "com.atproto.repo.getRecord": {"repo", "collection", "rkey"},
    "com.atproto.identity.resolveHandle": {"handle"},
    "com.atproto.server.getSession": set(),
}
OPEN = {"com.atproto.repo.getRecord", "com.atproto.identity.resolveHandle"}


class Wrong(Exception):
    """What the server says no to, with the name that the protocol gives to it."""

    def __init__(self, error: str, message: str = "", status: int = 400) -> None:
        super().__init__(message or error)
        self.error, self.message, self.status = error, message or error, status


@dataclass
class Account:
    did: str
    handle: str
    name: str = ""
    password: str = "whole-password"
    app_passwords: set[str] = field(default_factory=set)
    is_taken_down: bool = False


@dataclass
class Record:
    did: str
    key: str
    value: dict[str, Any]
    indexed_at: str

    @property
    def uri(self) -> str:
        return f"at://{self.did}/{POST}/{self.key}"

    @property
    def cid(self) -> str:
        return cid_of(self.value)


def cid_of(value: Any) -> str:
    said = json.dumps(value, sort_keys=True).encode()
    return "bafyrei" + base64.b32encode(sha256(said).digest()).decode().lower().rstrip("=")


def token(claims: dict[str, Any]) -> str:
    part = lambda said: base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")  # noqa: E731
    return f"{part({'alg': 'none'})}.{part(claims)}.{part(time.monotonic_ns())}"


class Double(Stream):
    """The whole network in one server: directory, home server, AppView and stream."""

    def __init__(self) -> None:
        super().__init__()
        self.accounts: dict[str, Account] = {}
        self.records: dict[tuple[str, str], Record] = {}
        self.blobs: dict[str, dict[str, Any]] = {}
        self.sessions: dict[str, tuple[str, str, float]] = {}
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.lose: set[str] = set()
        self.fail: dict[str, web.Response] = {}
        self.hidden: set[str] = set()
        self.address = ""

    def join(self, handle: str, *, name: str = "", did: str = "") -> Account:
        """Open an account; its app password is its handle backwards."""
        did = did or "did:plc:" + base64.b32encode(sha256(handle.encode()).digest()).decode().lower()[:24]
        self.accounts[did] = Account(did, handle, name, app_passwords={handle[::-1]})
        return self.accounts[did]

    def say(self, account: Account, text: str, *, key: str = "", at: datetime | None = None, **more: Any) -> Record:
        """Let somebody post."""
        at = at or datetime.now(UTC)
        key = key or tid(at, len(self.records))
        value = {"$type": POST, "text": text, "createdAt": stamp(at), **more}
        return self._keep(account.did, key, value)

    def mention(self, account: Account, whom: Account, text: str = "{} help", **more: Any) -> Record:
        """Let somebody post with a mention that their client made a facet of."""
        said = text.format(f"@{whom.handle}")
        start = len(said[: said.index("@")].encode())
        index = {"byteStart": start, "byteEnd": start + 1 + len(whom.handle)}
        feature = {"$type": "app.bsky.richtext.facet#mention", "did": whom.did}
        return self.say(account, said, facets=[{"index": index, "features": [feature]}], **more)

    def delete(self, record: Record) -> None:
        """Let somebody delete a post."""
        self.records.pop((record.did, record.key), None)
        self.tell({"did": record.did, "collection": POST, "rkey": record.key, "operation": "delete"})

    def expire(self, *, refresh: bool = False) -> None:
        """Let all sessions run out; with `refresh` they cannot be renewed either."""
        kinds = {"access", "refresh"} if refresh else {"access"}
        self.sessions = {
            key: (did, kind, 0.0 if kind in kinds else until) for key, (did, kind, until) in self.sessions.items()
        }

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        """Serve on loopback; gives the address."""
        app = web.Application(client_max_size=5_000_000)
        app.router.add_get(f"/xrpc/{STREAM}", self._stream)
        app.router.add_route("*", "/xrpc/{name}", self._xrpc)
        self.routes(app)
        app.router.add_get("/{did}", self._document)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self.address
        finally:
            await runner.cleanup()

    def routes(self, app: web.Application) -> None:
        """Add addresses of one's own."""

    async def _document(self, request: web.Request) -> web.Response:
        account = self.accounts.get(request.match_info["did"])
        if account is None:
            return web.json_response({"message": "DID not registered"}, status=404)
        return web.json_response(self._document_of(account))

    def _document_of(self, account: Account) -> dict[str, Any]:
        service = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": self.address}
        return {"id": account.did, "alsoKnownAs": [f"at://{account.handle}"], "service": [service]}

    async def _xrpc(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        if name in self.fail:
            return self.fail.pop(name)
        try:
            if request.method == "GET":
                asked = {key: request.query.getall(key) for key in request.query}
                self._check_parameters(name, asked)
                found = self._query(name, asked, self._who(request, name))
            else:
                found = await self._procedure(name, request)
        except Wrong as wrong:
            return web.json_response({"error": wrong.error, "message": wrong.message}, status=wrong.status)
        if name in self.lose:
            self.lose.discard(name)
            assert request.transport is not None
            request.transport.abort()
        return web.json_response(found)

    def _check_parameters(self, name: str, asked: dict[str, list[str]]) -> None:
        if name not in PARAMETERS or asked.keys() - PARAMETERS[name]:
            raise Wrong("InvalidRequest", f"{name} does not know {sorted(asked)}")

    def _who(self, request: web.Request, name: str, kind: str = "access") -> str:
        said = request.headers.get("Authorization", "")
        if not said and name in OPEN | {"app.bsky.feed.getPosts", "app.bsky.feed.getAuthorFeed"}:
            return ""
        if not said.startswith("Bearer "):
            raise Wrong("AuthMissing", "Authentication Required", 401)
        did, found, until = self.sessions.get(said[7:], ("", "", 0.0))
        if not did or found != kind:
            raise Wrong("InvalidToken", "Token could not be verified")
        if self.accounts[did].is_taken_down:
            raise Wrong("AccountTakedown", "Account has been taken down")
        if until < time.time():
            raise Wrong("ExpiredToken", "Token has expired")
        return did

    def _query(self, name: str, asked: dict[str, list[str]], who: str) -> dict[str, Any]:
        self.asked.append((name, asked))
        one = {key: values[0] for key, values in asked.items()}
        match name:
            case "com.atproto.server.getSession":
                return {"did": who, "handle": self.accounts[who].handle, "active": True}
            case "com.atproto.identity.resolveHandle":
                return {"did": self._by_handle(one["handle"]).did}
            case "app.bsky.actor.getProfile":
                return self._profile(one["actor"]) | {"followersCount": 7}
            case "com.atproto.repo.getRecord":
                record = self.records.get((one["repo"], one["rkey"]))
                if record is None:
                    raise Wrong("RecordNotFound", "Could not locate record")
                return {"uri": record.uri, "cid": record.cid, "value": record.value}
            case "app.bsky.feed.getPosts":
                if len(asked["uris"]) > 25:
                    raise Wrong("InvalidRequest", "uris must not have more than 25 elements")
                return {"posts": [self._view(found) for uri in asked["uris"] if (found := self._seen(uri))]}
            case "app.bsky.feed.getPostThread":
                return {"thread": self._thread(one["uri"], int(one.get("depth", 6)))}
            case "app.bsky.feed.getAuthorFeed":
                did = one["actor"] if one["actor"].startswith("did:") else self._by_handle(one["actor"]).did
                mine = [record for record in self.records.values() if record.did == did]
                items, cursor = self._page(mine, one)
                return {"feed": [{"post": self._view(record)} for record in items]} | cursor
        told = [(record, reason) for record in self.records.values() if (reason := self._reason(record, who))]
        reasons = {record.uri: reason for record, reason in told}
        items, cursor = self._page([record for record, _reason in told], one)
        return {
            "notifications": [
                {
                    "uri": record.uri, "cid": record.cid, "author": self._profile(record.did),
                    "reason": reasons[record.uri], "record": record.value, "isRead": False,
                    "indexedAt": record.indexed_at,
                }
                for record in items
                if reasons[record.uri] in asked.get("reasons", [reasons[record.uri]])
            ]
        } | cursor  # fmt: skip

    def _page(self, records: list[Record], one: dict[str, str]) -> tuple[list[Record], dict[str, str]]:
        limit = int(one.get("limit", 50))
        if not 1 <= limit <= 100:
            raise Wrong("InvalidRequest", "limit must be from 1 to 100")
        rows = sorted(records, key=lambda record: record.indexed_at, reverse=True)
        start = int(one.get("cursor", 0))
        more = {"cursor": str(start + limit)} if len(rows) > start + limit else {}
        return rows[start : start + limit], more

    def _reason(self, record: Record, who: str) -> str:
        if record.did == who:
            return ""
        reply = record.value.get("reply")
        if reply and reply["parent"]["uri"].startswith(f"at://{who}/"):
            return "reply"
        features = [part for facet in record.value.get("facets", ()) for part in facet["features"]]
        return "mention" if any(part.get("did") == who for part in features) else ""

    def _seen(self, uri: str) -> Record | None:
        _at, _empty, did, _collection, key = uri.split("/")
        return None if uri in self.hidden else self.records.get((did, key))

    def _view(self, record: Record) -> dict[str, Any]:
        answers = [other for other in self.records.values() if self._answers(other, record.uri)]
        return {
            "$type": "app.bsky.feed.defs#postView", "uri": record.uri, "cid": record.cid,
            "author": self._profile(record.did), "record": record.value, "indexedAt": record.indexed_at,
            "replyCount": len(answers), "repostCount": 2, "likeCount": 3, "quoteCount": 0, "viewer": {}, "labels": [],
        }  # fmt: skip

    def _answers(self, record: Record, uri: str) -> bool:
        return bool(record.value.get("reply")) and record.value["reply"]["parent"]["uri"] == uri

    def _thread(self, uri: str, depth: int) -> dict[str, Any]:
        record = self._seen(uri)
        if record is None:
            raise Wrong("NotFound", "Post not found")
        node: dict[str, Any] = {"$type": "app.bsky.feed.defs#threadViewPost", "post": self._view(record)}
        reply = record.value.get("reply")
        if reply:
            above = self._seen(reply["parent"]["uri"])
            node["parent"] = {"post": self._view(above)} if above else {"uri": reply["parent"]["uri"], "notFound": True}
        if depth:
            below = [other for other in list(self.records.values()) if self._answers(other, uri)]
            node["replies"] = [self._thread(other.uri, depth - 1) for other in below]
        return node

    def _profile(self, actor: str) -> dict[str, Any]:
        account = self.accounts.get(actor) or self._by_handle(actor)
        return {"did": account.did, "handle": account.handle, "displayName": account.name}

    def _by_handle(self, handle: str) -> Account:
        for account in self.accounts.values():
            if account.handle == handle:
                return account
        raise Wrong("InvalidRequest", "Unable to resolve handle")

    async def _procedure(self, name: str, request: web.Request) -> dict[str, Any]:
        if name == "com.atproto.repo.uploadBlob":
            self._who(request, name)
            body = await request.read()
            ref = cid_of(body.hex())
            blob = {"$type": "blob", "ref": {"$link": ref}, "mimeType": request.content_type, "size": len(body)}
            self.blobs[ref] = blob
            return {"blob": blob}
        text = await request.text()
        said = json.loads(text) if text else {}
        self.asked.append((name, said))
        match name:
            case "com.atproto.server.createSession":
                return self._sign_in(said)
            case "com.atproto.server.refreshSession":
                did = self._who(request, name, "refresh")
                del self.sessions[request.headers["Authorization"][7:]]
                return self._session(did, "com.atproto.appPass")
            case "com.atproto.server.deleteSession":
                self._who(request, name, "refresh")
                del self.sessions[request.headers["Authorization"][7:]]
                return {}
            case "com.atproto.repo.putRecord":
                return self._put(self._who(request, name), said)
            case "com.atproto.repo.deleteRecord":
                if self._who(request, name) != said["repo"]:
                    raise Wrong("InvalidRequest", "not your repository")
                if record := self.records.get((said["repo"], said["rkey"])):
                    self.delete(record)
                return {}
        raise Wrong("MethodNotImplemented", name, 501)

    def _sign_in(self, said: dict[str, Any]) -> dict[str, Any]:
        for account in self.accounts.values():
            if said["identifier"] in {account.did, account.handle}:
                if said["password"] == account.password:
                    return self._session(account.did, "com.atproto.access")
                if said["password"] in account.app_passwords:
                    return self._session(account.did, "com.atproto.appPass")
        raise Wrong("AuthenticationRequired", "Invalid identifier or password", 401)

    def _session(self, did: str, scope: str) -> dict[str, Any]:
        account, until = self.accounts[did], int(time.time()) + 7200
        access = token({"scope": scope, "sub": did, "exp": until})
        refresh = token({"scope": "com.atproto.refresh", "sub": did, "exp": until + 10**7})
        self.sessions[access], self.sessions[refresh] = (did, "access", until), (did, "refresh", until + 10**7)
        return {
            "did": did, "handle": account.handle, "accessJwt": access, "refreshJwt": refresh, "active": True,
            "didDoc": self._document_of(account),
        }  # fmt: skip

    def _put(self, who: str, said: dict[str, Any]) -> dict[str, Any]:
        if who != said["repo"] or said["collection"] != POST:
            raise Wrong("InvalidRequest", "not your repository")
        if not is_tid(said["rkey"]):
            raise Wrong("InvalidRequest", "Invalid record key")
        self._check(said["record"])
        there = self.records.get((who, said["rkey"]))
        if there is not None and there.value == said["record"]:
            return {"uri": there.uri, "cid": there.cid}
        if "swapRecord" in said and said["swapRecord"] != (there.cid if there else None):
            raise Wrong("InvalidSwap", "Record was at another place")
        record = self._keep(who, said["rkey"], said["record"])
        return {"uri": record.uri, "cid": record.cid, "commit": {"rev": "1"}}

    def _check(self, value: dict[str, Any]) -> None:
        """As the lexicon of posts says."""
        known = {"$type", "text", "createdAt", "langs", "facets", "reply", "embed", "tags"}
        text = value["text"].encode()
        if value.keys() - known or value["$type"] != POST or not DATE.fullmatch(value["createdAt"]):
            raise Wrong("InvalidRequest", "Invalid app.bsky.feed.post record")
        if len(text) > 3000 or len(regex.findall(r"\X", value["text"])) > 300:
            raise Wrong("InvalidRequest", "Record/text must not be longer than 300 graphemes")
        for facet in value.get("facets", ()):
            start, end = facet["index"]["byteStart"], facet["index"]["byteEnd"]
            text[:start].decode(), text[start:end].decode()
            if not 0 <= start < end <= len(text):
                raise Wrong("InvalidRequest", "Invalid facet")
        for reference in value.get("reply", {}).values():
            found = self._seen(reference["uri"])
            if found is None or found.cid != reference["cid"]:
                raise Wrong("InvalidRequest", "Invalid reply")
        for picture in value.get("embed", {}).get("images", ()):
            if self.blobs.get(picture["image"]["ref"]["$link"]) != picture["image"]:
                raise Wrong("BlobNotFound", "Could not find blob")

    def _keep(self, did: str, key: str, value: dict[str, Any]) -> Record:
        record = Record(did, key, value, stamp(datetime.now(UTC)))
        self.records[did, key] = record
        told = {"did": did, "collection": POST, "rkey": key, "operation": "create", "cid": record.cid, "record": value}
        self.tell(told)
        return record


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def tid(at: datetime, clock: int) -> str:
    letters, number = "234567abcdefghijklmnopqrstuvwxyz", int(at.timestamp() * 1e6) << 10 | clock & 1023
    return "".join(letters[number >> 5 * place & 31] for place in range(12, -1, -1))
