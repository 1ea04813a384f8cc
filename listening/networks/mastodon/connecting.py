"""Connects an account: by signing in at its server, where we register ourselves first, or with an access token."""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlencode

from listening.networks.answers import objects, part, word
from listening.networks.connecting import Asked, Begun, Connected, Offer, Way
from listening.networks.guard import must_be_https
from listening.networks.http import Answer
from listening.networks.mastodon.client import Server, raise_for_status, said, server_of, words_of
from listening.networks.mastodon.facts import facts_of
from listening.networks.mastodon.parse import author_of, host_of
from listening.networks.protocols import Access, Refused, Unreadable
from listening.networks.words import _

# Only what is needed. Servers that know no finer words get the coarse ones.
SCOPES = "read:accounts read:lists read:notifications read:search read:statuses write:media write:statuses"
COARSE_SCOPES = "read write"
_SERVER = Asked(
    "server",
    _("Server"),
    help=_(
        "Where the account lives, such as mastodon.social. Any server of the Mastodon API will do: Mastodon, "
        "GoToSocial, Pleroma, Akkoma, snac and others."
    ),
    kind="address",
)
OFFER = Offer(
    ways=(
        Way(
            "sign-in",
            _("Sign in at the server"),
            asked=(_SERVER,),
            signs_in=True,
            steps=(_("You are sent to the server, sign in there, and allow Touchline to read and to write."),),
        ),
        Way(
            "token",
            _("With an access token"),
            asked=(_SERVER, Asked("token", _("Access token"), kind="secret")),
            steps=(
                _("At the server, open Preferences, then Development, and make a new application."),
                _("Give it these scopes: %(scopes)s.", scopes=SCOPES),
                _("Copy its access token."),
            ),
        ),
    ),
    about=_(
        "Mentions, hashtags, accounts, lists and, where the server has it, search; answers and posts with pictures."
    ),
    costs=_("Free."),
    approval=_("None: every account may."),
)
_RENEWED_BEFORE = timedelta(minutes=10)


def begin(access: Access, filled: Mapping[str, str], back: str) -> Begun:
    """Register at the server, and say where the person signs in."""
    server = Server(address_of(filled.get("server", "")), access.http)
    client, scopes = _register(server, access.site, back)
    verifier, state = token_urlsafe(64), token_urlsafe(32)
    challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")
    asked = {
        "response_type": "code",
        "client_id": client["client_id"],
        "redirect_uri": back,
        "scope": scopes,
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    kept = {**client, "server": server.address, "back": back, "state": state, "verifier": verifier, "scopes": scopes}
    return Begun(address=f"{server.address}/oauth/authorize?{urlencode(asked)}", state=state, kept=kept)


def finish(access: Access, kept: Mapping[str, str], answer: Mapping[str, str]) -> Connected:
    """Take what the person came back with for an access token."""
    if not compare_digest(answer.get("state", "").encode(), kept["state"].encode()):
        raise Refused(_("This sign-in was not begun here. Begin it again."))
    if (issuer := answer.get("iss", "")) and host_of(issuer) != host_of(kept["server"]):
        raise Refused(_("This answer comes from another server than the one that was asked. Begin again."))
    if not (code := answer.get("code", "")):
        told = " ".join(answer.get("error_description", answer.get("error", "")).split())[:200]
        raise Refused(
            _("The server did not allow it: “%(told)s”.", told=told) if told else _("The server gave no access.")
        )
    server = Server(kept["server"], access.http)
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "client_id": kept["client_id"],
        "client_secret": kept["client_secret"],
        "redirect_uri": kept["back"],
        "code_verifier": kept["verifier"],
        "scope": kept["scopes"],
    }
    given = _token(server.send("POST", "/oauth/token", form.items()))
    client = {name: kept[name] for name in ("client_id", "client_secret")}
    return _connected(server, client | given)


def connect(access: Access, filled: Mapping[str, str]) -> Connected:
    """Connect with a token that a person made at the server."""
    token = "".join(filled.get("token", "").split())
    if not token.isascii() or not token:
        raise ValueError(_("Enter the access token: a row of letters and digits."))
    return _connected(Server(address_of(filled.get("server", "")), access.http), {"token": token})


def check(access: Access) -> Connected:
    """Ask who we are at the server, and what it is like now."""
    return _connected(server_of(access), dict(access.credentials))


def renew(access: Access) -> Connected:
    """Take a new token for the old one, at servers whose tokens run out."""
    kept = access.credentials
    if not kept.get("refresh_token"):
        return check(access)
    server = server_of(access)
    form = {
        "grant_type": "refresh_token",
        "refresh_token": kept["refresh_token"],
        "client_id": kept.get("client_id", ""),
        "client_secret": kept.get("client_secret", ""),
    }
    return _connected(server, {**kept, **_token(replace(server, token="").send("POST", "/oauth/token", form.items()))})


def disconnect(access: Access) -> None:
    """Have the server forget the token; one that a person made there, only they can take back."""
    kept = access.credentials
    if kept.get("client_id") and kept.get("token"):
        form = {name: kept.get(name, "") for name in ("client_id", "client_secret", "token")}
        answer = replace(server_of(access), token="").send("POST", "/oauth/revoke", form.items())
        if answer.status not in {400, 401, 403, 404}:  # what it does not know any more need not be forgotten
            raise_for_status(answer)


def offered_places(access: Access) -> Sequence[tuple[str, str]]:
    """Offer the mentions of the account and its lists."""
    server = server_of(access)
    name = access.account.handle or access.account.id
    offered = [
        (f"mentions of @{name}" if "@" in name else "mentions", _("What mentions or answers @%(name)s", name=name))
    ]
    answer = server.get("/api/v1/lists")
    lists = [found for found in objects(said(answer)) if word(found, "id")] if answer.status == 200 else []
    return [
        *offered,
        *(
            (f"list {word(found, 'id')}", _("The list “%(title)s”", title=word(found, "title")[:100]))
            for found in lists
        ),
    ]


def address_of(typed: str) -> str:
    """Return the address of a server that somebody typed, also when they typed an account or a page of it."""
    text = typed.strip().rstrip("/")
    found = re.fullmatch(
        r"(?:(?P<scheme>https?)://)?(?:@?[\w.-]+@)?(?P<host>[\w-]+(?:\.[\w-]+)*(?::\d{1,5})?)(?:/@[\w.@-]*)?",
        text,
        re.IGNORECASE,
    )
    if not found or (not re.search(r"[.:]", found["host"]) and found["host"] != "localhost"):
        raise ValueError(_("Enter the name of a server, such as mastodon.social."))
    address = f"{(found['scheme'] or 'https').lower()}://{found['host'].lower()}"
    must_be_https(address)
    return address


def _register(server: Server, site: str, back: str) -> tuple[dict[str, str], str]:
    """Register as an application; returns who we are there, and with which scopes."""
    for scopes in (SCOPES, COARSE_SCOPES):
        form = {"client_name": "Touchline", "redirect_uris": back, "scopes": scopes, "website": site or back}
        answer = server.send("POST", "/api/v1/apps", form.items())
        if answer.status not in {400, 422}:
            break
    if answer.status in {404, 405, 501}:
        raise ValueError(_("This server does not speak the Mastodon API."))
    found = said(answer)
    client = {name: word(found, name) for name in ("client_id", "client_secret")} if isinstance(found, dict) else {}
    if not client.get("client_id"):
        raise Unreadable(_("The server did not say under which name we are registered there."))
    return client, scopes


def _token(answer: Answer) -> dict[str, str]:
    """Read the answer to a request for a token."""
    if answer.status in {400, 401}:
        raise Refused(_("The server gave no access: “%(words)s”.", words=words_of(answer) or answer.status))
    found = said(answer)
    if not isinstance(found, dict) or not word(found, "access_token"):
        raise Unreadable(_("The server answered without an access token."))
    given = {"token": word(found, "access_token")}
    if word(found, "refresh_token"):
        given["refresh_token"] = word(found, "refresh_token")
    life = found.get("expires_in")
    if isinstance(life, int) and 0 < life < 10 * 366 * 86_400:
        given["expires_at"] = (answer.received_at + timedelta(seconds=life)).isoformat()
    return given


def _connected(server: Server, credentials: Mapping[str, str]) -> Connected:
    server = replace(server, token=credentials["token"])
    answer = server.get("/api/v1/accounts/verify_credentials")
    if answer.status in {404, 405, 501}:
        raise ValueError(_("This server does not speak the Mastodon API."))
    account = said(answer)
    if not isinstance(account, dict) or not word(account, "id"):
        raise Unreadable(_("The server did not say whose account this is."))
    facts: dict[str, Any] = facts_of(server, account)
    expires_at = _expiry(credentials)
    return Connected(
        credentials=credentials,
        account=author_of(account, replace(server, domain=facts["domain"]).home),
        server=server.address,
        expires_at=expires_at,
        renew_at=expires_at - _RENEWED_BEFORE if expires_at and credentials.get("refresh_token") else None,
        facts=facts | {"visibility": word(part(account, "source"), "privacy")},
    )


def _expiry(credentials: Mapping[str, str]) -> datetime | None:
    told = credentials.get("expires_at")
    return datetime.fromisoformat(told).astimezone(UTC) if told else None
