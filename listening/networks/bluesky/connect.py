"""Connects an account by an app password: a session that is renewed, and begun anew where it was lost."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from listening.networks.bluesky.client import Said, Server
from listening.networks.bluesky.identity import Directories, account_name, resolve, server_address, server_in
from listening.networks.bluesky.parse import author_of
from listening.networks.calling import Send
from listening.networks.connecting import Asked, Connected, Offer, Way
from listening.networks.protocols import (
    AccessExpired,
    AccessWithdrawn,
    NetworkError,
    Refused,
    RemoteAuthor,
    Unreadable,
)
from listening.networks.words import _

RENEWED_BEFORE = timedelta(minutes=30)
WHOLE_PASSWORD = "com.atproto.access"  # noqa: S105 - the name of a scope
_SERVER = Asked(
    "server",
    _("Server"),
    help=_("Only where the account lives on a server of its own and is not found by its handle."),
    kind="address",
    is_required=False,
)

OFFER = Offer(
    ways=(
        Way(
            "app-password",
            _("With an app password"),
            asked=(
                Asked("handle", _("Handle"), help=_("Such as acme.bsky.social.")),
                Asked("password", _("App password"), kind="secret"),
                _SERVER,
            ),
            steps=(
                _("In Bluesky, open Settings, then Privacy and security, then App passwords."),
                _("Add one, call it Touchline, and copy it. It can be taken back there at any time."),
            ),
        ),
        Way(
            "sign-in",
            _("By signing in at Bluesky"),
            asked=(Asked("handle", _("Handle"), help=_("Such as acme.bsky.social.")), _SERVER),
            signs_in=True,
            steps=(_("You are sent to the account's server, where you say yes, and come back here."),),
        ),
    ),
    about=_("Mentions, answers and quotes, posts of an account, and words in everything that is said on Bluesky."),
)


async def connect(send: Send, directories: Directories, filled: Mapping[str, str]) -> Connected:
    """Begin a session with what a person typed."""
    address, name = server_address(filled.get("server", "")), account_name(filled.get("handle", ""))
    password = filled.get("password", "").strip()
    if not password:
        raise ValueError(_("Enter the app password."))
    if not address:
        address = (await resolve(send, directories, name)).server
    try:
        found = await Server(send, address).procedure(
            "com.atproto.server.createSession", {"identifier": name, "password": password}
        )
    except AccessExpired as error:
        raise ValueError(_("Bluesky does not accept this handle with this app password.")) from error
    except Said as said:
        if said.error == "AuthFactorTokenRequired":
            raise ValueError(_("This is the account's own password. Make an app password, and enter that.")) from said
        raise
    credentials = _session(found) | {"password": password, "identifier": name}
    if claims_in(credentials["access"]).get("scope") == WHOLE_PASSWORD:
        # It would work, and with it whoever holds it could give the account away.
        await end(Server(send, address, credentials))
        raise ValueError(_("This is the account's own password. Make an app password, and enter that."))
    document = found.get("didDoc")
    home = server_in(document) if isinstance(document, Mapping) else ""
    return await connected(send, home if home and not filled.get("server") else address, credentials)


async def check(server: Server) -> Connected:
    """Ask who the credentials belong to."""
    found = await server.query("com.atproto.server.getSession")
    if found.get("active") is False:
        raise AccessWithdrawn(
            _(
                "The account is not active at Bluesky (%(status)s).",
                status=found.get("status") or _("no reason is told"),
            )
        )
    return await connected(server.send, server.address, dict(server.credentials), found)


async def renew(server: Server) -> Connected:
    """Renew the session; where it cannot be, begin a new one with the app password."""
    credentials = dict(server.credentials)
    bare = Server(server.send, server.address)
    try:
        found = await bare.procedure(
            "com.atproto.server.refreshSession", token=credentials.get("refresh", "") or "none"
        )
    except (AccessExpired, Refused) as error:
        if isinstance(error, AccessWithdrawn):
            raise
        found = await _anew(bare, credentials, error)
    return await connected(server.send, server.address, credentials | _session(found), found)


async def end(server: Server) -> None:
    """End the session; one that has ended already is no error."""
    try:
        await server.procedure(
            "com.atproto.server.deleteSession", token=server.credentials.get("refresh", "") or "none"
        )
    except (Refused, AccessExpired):
        return


async def _anew(server: Server, credentials: Mapping[str, str], error: NetworkError) -> dict[str, Any]:
    password = credentials.get("password", "")
    if not password:
        raise AccessWithdrawn(_("Bluesky has ended the sign-in. Connect the account again.")) from error
    identifier = credentials.get("did") or credentials.get("identifier", "")
    try:
        return await server.procedure(
            "com.atproto.server.createSession", {"identifier": identifier, "password": password}
        )
    except AccessExpired as refusal:
        raise AccessWithdrawn(_("Bluesky does not accept the app password any more. Connect it again.")) from refusal


async def connected(
    send: Send, address: str, credentials: dict[str, str], session: Mapping[str, Any] | None = None
) -> Connected:
    """Say what came of connecting: the account as it shows itself now, and until when the credentials are good."""
    told = session or {}
    account = RemoteAuthor(
        id=credentials["did"],
        handle=str(told.get("handle") or credentials.get("handle", "")),
        name=str(told.get("handle") or credentials.get("handle", "")),
        url=f"https://bsky.app/profile/{credentials['did']}",
    )
    try:
        profile = author_of(
            await Server(send, address, credentials).query("app.bsky.actor.getProfile", actor=account.id)
        )
    except NetworkError:  # the sign-in works all the same
        profile = account
    if profile.id == account.id:
        handle = profile.handle or account.handle
        account = RemoteAuthor(account.id, handle, profile.name or handle, account.url, profile.followers)
    expires_at = expiry_of(credentials)
    return Connected(
        credentials=credentials | {"handle": account.handle},
        account=account,
        server=address,
        expires_at=expires_at,
        renew_at=expires_at - RENEWED_BEFORE if expires_at else None,
    )


def expiry_of(credentials: Mapping[str, str]) -> datetime | None:
    """Until when an access token is good: as was told beside it, else as it says itself."""
    if told := credentials.get("expires_at"):
        return datetime.fromisoformat(told)
    until = claims_in(credentials.get("access", "")).get("exp")
    return datetime.fromtimestamp(until, UTC) if isinstance(until, int) and 0 < until < 10**11 else None


def claims_in(token: str) -> Mapping[str, Any]:
    """Read what a token says of itself; nothing where it does not say. Only the server checks that it is true."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        found = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _session(found: Mapping[str, Any]) -> dict[str, str]:
    """The credentials in an answer; an answer without them is none."""
    said = {name: found.get(name) for name in ("did", "accessJwt", "refreshJwt")}
    if not all(isinstance(value, str) and value for value in said.values()):
        raise Unreadable(_("Bluesky answered without a session."))
    return {
        "kind": "session",
        "did": str(said["did"]),
        "handle": str(found.get("handle") or ""),
        "access": str(said["accessJwt"]),
        "refresh": str(said["refreshJwt"]),
    }
