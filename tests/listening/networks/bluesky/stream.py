"""A stream of everything, as Jetstream's second version gives it: numbered, resumed inclusively, and forgetful."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aiohttp import WSMsgType, web

STREAM = "network.bsky.jetstream.subscribeEvents"


class Stream:
    """Events by number; `floor` is the number of the oldest that is remembered."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.floor = 1

    def tell(self, event: dict[str, Any]) -> None:
        """Put an event into the stream."""
        number = self.floor + len(self.events)
        at = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        self.events.append({"$type": f"{STREAM}#commit", "seq": number, "time": at, **event})

    def forget(self, count: int) -> None:
        """Let the stream forget its oldest events."""
        self.events, self.floor = self.events[count:], self.floor + count

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        if request.query.keys() - {"collections", "kinds", "cursor"}:
            return web.json_response({"error": "InvalidRequest"}, status=400)
        cursor, after = request.query.get("cursor"), self.floor + len(self.events)
        infos: list[str] = []
        if cursor and int(cursor) >= 10**15:
            moment = datetime.fromtimestamp(int(cursor) / 1e6, UTC)
            later = [event["seq"] for event in self.events if datetime.fromisoformat(event["time"]) >= moment]
            if self.floor > 1 and self.events and datetime.fromisoformat(self.events[0]["time"]) > moment:
                infos.append("OutdatedCursor")
            after = min(later, default=after)
        elif cursor and int(cursor) < self.floor:
            return web.json_response({"error": "CursorTooOld", "message": "too old"}, status=400)
        elif cursor and int(cursor) > after:
            infos.append("FutureCursor")
        elif cursor:
            after = int(cursor)
        socket = web.WebSocketResponse(protocols=("xrpc.v1.json",))
        await socket.prepare(request)
        if socket.ws_protocol != "xrpc.v1.json":
            await socket.close(code=1002)
            return socket
        for name in infos:
            await self._send(socket, {"$type": f"{STREAM}#info", "name": name, "message": name})
        for event in self.events[after - self.floor :]:
            await self._send(socket, event)
        async for message in socket:
            if message.type == WSMsgType.ERROR:
                break
        return socket

    async def _send(self, socket: web.WebSocketResponse, payload: dict[str, Any]) -> None:
        await socket.send_json({"$type": "message", "payload": payload})
