"""The adapter of the tests' own network: all that a network can do, as a third party would write it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from listening.networks.connecting import Asked, Begun, Connected, Offer, Way
from listening.networks.protocols import (
    Accepted,
    Access,
    AccessExpired,
    AccessWithdrawn,
    Cursor,
    Limits,
    OutgoingReply,
    Page,
    RateLimited,
    Refused,
    RemoteAuthor,
    RemotePost,
    Unreachable,
)

ADDRESS = Asked("address", "Address of the tower", kind="address")
OFFER = Offer(
    ways=(
        Way("key", "With a key", (ADDRESS, Asked("key", "Key", kind="secret")), steps=("Ask the keeper for a key.",)),
        Way("sign-in", "Sign in there", (ADDRESS,), signs_in=True),
    ),
    about="Towers on the coast.",
    costs="A bottle a year.",
    approval="The keeper's.",
)


class Lighthouse:
    """Connects, signs in, renews, reads, answers, looks, and reads again."""

    name, label, icon, places = "lighthouse", "Lighthouse", "light-bulb", "“mentions”, or the name of a coast"
    ids_within = "network"
    offer = OFFER

    # Connecting.
    def connect(self, access: Access, way: str, filled: Mapping[str, str]) -> Connected:
        if " " in filled["key"]:
            raise ValueError("A key has no space in it.")
        return self._known(access, filled["address"].rstrip("/"), {"token": filled["key"]})

    def check(self, access: Access) -> Connected:
        return self._known(access, access.server, access.credentials)

    def renew(self, access: Access) -> Connected:
        if not access.credentials.get("refresh"):
            raise AccessWithdrawn("This key has run out.")
        return self._granted(access, access.server, {"refresh": access.credentials["refresh"]})

    def begin(self, access: Access, way: str, filled: Mapping[str, str], back: str) -> Begun:
        address = filled["address"].rstrip("/")
        state = f"state-{datetime.now(UTC).timestamp()}"
        return Begun(f"{address}/yes?state={state}&back={quote(back)}", state, {"address": address})

    def finish(self, access: Access, way: str, kept: Mapping[str, str], answer: Mapping[str, str]) -> Connected:
        if "error" in answer:
            raise Refused("You said no there.")
        return self._granted(access, kept["address"], {"code": answer.get("code", "")})

    def disconnect(self, access: Access) -> None:
        _ask(access, "GET", f"{access.server}/whoami")

    def offered_places(self, access: Access) -> Sequence[tuple[str, str]]:
        return [("mentions", f"What is said to {access.account.handle}"), ("coast", "The coast")]

    def document(self, access: Access, name: str) -> Mapping[str, Any] | None:
        assert access.secret_for is not None
        return {"site": access.site, "id": access.secret_for("id").hex()[:8]} if name == "client.json" else None

    def _known(self, access: Access, server: str, credentials: Mapping[str, str]) -> Connected:
        said = _ask(access, "GET", f"{server}/whoami", token=credentials["token"])
        account = RemoteAuthor(id=said["id"], handle=said["handle"], name=said["name"], url=f"{server}/@{said['id']}")
        return Connected(credentials, account, server, facts={"longest": 200})

    def _granted(self, access: Access, server: str, grant: Mapping[str, str]) -> Connected:
        answer = access.http.request("POST", f"{server}/token", json=dict(grant))
        if answer.status == 400:
            raise AccessWithdrawn("The tower no longer knows us.")
        said = _read(answer)
        expires_at = datetime.now(UTC) + timedelta(seconds=said["lives"])
        account = RemoteAuthor(id=said["who"], handle=f"@{said['who']}", name=said["who"].title())
        credentials = {"token": said["token"], "refresh": said["refresh"]}
        return Connected(credentials, account, server, expires_at=expires_at, facts={"longest": 200})

    # Listening and answering.
    def check_place(self, place: str) -> str:
        if not place.strip():
            raise ValueError("A coast has a name.")
        return place.strip().lower()

    async def read(self, access: Access, place: str, since: Cursor) -> Page:
        url = f"{access.server}/posts?after={since.get('after', 0)}"
        said = _read(await access.http.get(url, headers=_bearer(access.credentials["token"])))
        return Page(posts=tuple(map(_post, said["posts"])), cursor={"after": said["after"]})

    def reply(self, access: Access, outgoing: OutgoingReply) -> Accepted:
        body = {"to": outgoing.to, "text": outgoing.text, "key": outgoing.key}
        return _accepted(access, _ask(access, "POST", f"{access.server}/posts", json=body)["id"])

    def find_reply(self, access: Access, outgoing: OutgoingReply) -> Accepted | None:
        found = _ask(access, "GET", f"{access.server}/posts?key={outgoing.key}")["posts"]
        return _accepted(access, found[0]["id"]) if found else None

    def revisit(self, access: Access, ids: Sequence[str]) -> Sequence[RemotePost]:
        return [_post(row) for row in _ask(access, "GET", f"{access.server}/posts?ids={','.join(ids)}")["posts"]]

    def standing(self, access: Access, ids: Sequence[str]) -> set[str]:
        return {post.id for post in self.revisit(access, ids) if not post.deleted} if ids else set()

    def count(self, text: str, facts: Mapping[str, Any]) -> int:
        return len(text)

    def limits(self, facts: Mapping[str, Any]) -> Limits:
        return Limits(text=facts.get("longest", 200))


def _accepted(access: Access, key: str) -> Accepted:
    return Accepted(id=key, url=f"{access.server}/posts/{key}")


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _ask(access: Access, method: str, url: str, *, token: str = "", **options: Any) -> dict[str, Any]:
    headers = _bearer(token or access.credentials["token"])
    return _read(access.http.request(method, url, headers=headers, **options))


def _read(answer: Any) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(answer.body)
    match answer.status:
        case 401 if said["error"] == "expired":
            raise AccessExpired("The key has run out.")
        case 401:
            raise AccessWithdrawn("The tower does not know this key.")
        case 404:
            raise Refused(said["error"])
        case 429:
            raise RateLimited("The tower asks to wait.", wait=answer.wait)
        case status if status >= 500:
            raise Unreachable("The tower is out of order.")
    return said


def _post(row: Mapping[str, Any]) -> RemotePost:
    return RemotePost(
        id=row["id"],
        text=row["text"],
        author=RemoteAuthor(id=row["by"], handle=f"@{row['by']}", name=row["by"].title()),
        published_at=datetime.fromisoformat(row["at"]),
        updated_at=datetime.fromisoformat(row["edited"]) if row["edited"] else None,
        in_reply_to=row["to"],
        conversation=row["to"] or row["id"],
        deleted=row["gone"],
    )


network = Lighthouse()
