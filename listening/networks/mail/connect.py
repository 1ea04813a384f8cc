"""Connect a mailbox: with an app password, or by signing in at the provider with an app of one's own (XOAUTH2)."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from listening.networks.connecting import Asked, Begun, Connected, Offer, Way
from listening.networks.mail.wire import Server, mailbox, post_office
from listening.networks.protocols import Access, AccessWithdrawn, RateLimited, Refused, RemoteAuthor, Unreachable
from listening.networks.words import _

_ADDRESS = re.compile(r"[^\s@<>\"(),:;\\\[\]]+@([^\s@<>\"(),:;\\\[\]]+\.[^\s@<>\"(),:;\\\[\]]+|localhost)")
RENEWED_BEFORE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Provider:
    """Where a provider's people sign in, and which servers their mail is at."""

    authorize: str
    token: str
    scope: str
    imap: str
    smtp: str


PROVIDERS: Mapping[str, Provider] = {
    "google": Provider(
        "https://accounts.google.com/o/oauth2/v2/auth",
        "https://oauth2.googleapis.com/token",
        "https://mail.google.com/",
        "tls://imap.gmail.com:993",
        "tls://smtp.gmail.com:465",
    ),
    "microsoft": Provider(
        "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
        "https://login.microsoftonline.com/common/oauth2/v2.0/token",
        "https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access",
        "tls://outlook.office365.com:993",
        "starttls://smtp.office365.com:587",
    ),
}

OWN = "own-provider"
_SERVERS = (
    Asked("imap", _("IMAP server"), _("Where mail is read. Empty: imap. and the address’s domain."), is_required=False),
    Asked("smtp", _("SMTP server"), _("Where mail is sent. Empty: smtp. and the address’s domain."), is_required=False),
)
_MAILBOX = (
    Asked("address", _("Address"), _("The mailbox that is read, and from which answers go out.")),
    Asked("name", _("Sender"), _("Who the answers are from, as people see it."), is_required=False),
)
_APP = (
    Asked("client_id", _("Client ID"), _("Of the app that you made at the provider.")),
    Asked("client_secret", _("Client secret"), kind="secret"),
)
_OWN_APP = (
    _("Make an app of your own at the provider, of the kind “web application”."),
    _("Enter the return address shown below there."),
    _("Allow it to read and send mail."),
)

offer = Offer(
    about=_("Reads a mailbox: customers’ mails, newsletters, alerts of search services. Answers go out by mail."),
    ways=(
        Way(
            "password",
            _("With an app password"),
            asked=(
                *_MAILBOX,
                Asked("password", _("App password"), kind="secret"),
                *_SERVERS,
            ),
            steps=(_("Make an app password in the account’s security settings; the usual password seldom works."),),
        ),
        Way(
            "google",
            _("Sign in at Google"),
            asked=(*_MAILBOX, *_APP),
            signs_in=True,
            steps=_OWN_APP,
            names_return=True,
        ),
        Way(
            "microsoft",
            _("Sign in at Microsoft"),
            asked=(*_MAILBOX, *_APP),
            signs_in=True,
            steps=_OWN_APP,
            names_return=True,
        ),
        Way(
            OWN,
            _("Sign in at another provider"),
            asked=(
                *_MAILBOX,
                Asked("authorize", _("Address to sign in at"), _("OAuth: the authorization endpoint."), kind="address"),
                Asked("token", _("Address for tokens"), _("OAuth: the token endpoint."), kind="address"),
                Asked("scope", _("Scope"), _("What the provider calls reading and sending mail."), is_required=False),
                *_APP,
                *_SERVERS,
            ),
            signs_in=True,
            steps=_OWN_APP,
            names_return=True,
        ),
    ),
    costs=_("Free."),
    approval=_("None with an app password; signing in needs an app of your own at the provider."),
)


def connect(access: Access, way: str, filled: Mapping[str, str]) -> Connected:
    """Try what was typed at both servers."""
    address, name, domain = _whose(filled)
    if not filled.get("password"):
        raise ValueError(_("Enter the app password."))
    return check(
        replace(
            access,
            credentials={"user": address, "password": filled["password"]},
            account=RemoteAuthor(id=address, handle=address, name=name),
            facts=_servers(filled, domain),
        )
    )


def check(access: Access) -> Connected:
    """Enter both servers and leave again."""
    with mailbox(access):
        pass
    with post_office(access):
        pass
    host = Server.read(str(access.facts["imap"]), kind="imap").host
    return Connected(
        dict(access.credentials), access.account, server=host, facts=access.facts, **_times(access.credentials)
    )


def begin(access: Access, way: str, filled: Mapping[str, str], back: str) -> Begun:
    """Send the person to their provider."""
    provider = _provider(way, filled)
    address, name, _domain = _whose(filled)
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": filled["client_id"],
        "redirect_uri": back,
        **({"scope": provider.scope} if provider.scope else {}),
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "access_type": "offline",
        "prompt": "consent",
        "login_hint": address,
    }
    kept = {
        "address": address,
        "name": name,
        "client_id": filled["client_id"],
        "client_secret": filled["client_secret"],
        "verifier": verifier,
        "back": back,
        **asdict(provider),
    }
    return Begun(f"{provider.authorize}{'&' if '?' in provider.authorize else '?'}{urlencode(asked)}", state, kept)


def finish(access: Access, way: str, kept: Mapping[str, str], answer: Mapping[str, str]) -> Connected:
    """Take the code that the provider sent along, and try the token at both servers."""
    if "code" not in answer:
        raise Refused(
            _(
                "The provider sent no code: %(words)s.",
                words=answer.get("error_description") or answer.get("error") or _("no reason is told"),
            )
        )
    told = _token(
        access,
        kept["token"],
        {
            "grant_type": "authorization_code",
            "code": answer["code"],
            "redirect_uri": kept["back"],
            "client_id": kept["client_id"],
            "client_secret": kept["client_secret"],
            "code_verifier": kept["verifier"],
        },
    )
    credentials = {
        "user": kept["address"],
        "client_id": kept["client_id"],
        "client_secret": kept["client_secret"],
        "token_at": kept["token"],
        **told,
    }
    if "refresh_token" not in credentials:
        raise Refused(_("The provider gave no refresh token, so the access would end within the hour. Try once more."))
    account = RemoteAuthor(id=kept["address"], handle=kept["address"], name=kept["name"])
    servers = {"imap": kept["imap"], "smtp": kept["smtp"]}
    return check(replace(access, credentials=credentials, account=account, facts=servers))


def renew(access: Access) -> Connected:
    """Get a new token; a provider that gives no new refresh token leaves the old one in force."""
    credentials = access.credentials
    if "refresh_token" not in credentials:
        return Connected(dict(credentials), access.account, server=access.server, facts=access.facts)
    told = _token(
        access,
        credentials["token_at"],
        {
            "grant_type": "refresh_token",
            "refresh_token": credentials["refresh_token"],
            "client_id": credentials["client_id"],
            "client_secret": credentials["client_secret"],
        },
    )
    new = {**credentials, **told}
    return Connected(new, access.account, server=access.server, facts=access.facts, **_times(new))


def _whose(filled: Mapping[str, str]) -> tuple[str, str, str]:
    address = filled.get("address", "").strip().lower()
    found = _ADDRESS.fullmatch(address)
    if not found:
        raise ValueError(_("Enter the whole address of the mailbox, like support@example.com."))
    return address, " ".join(filled.get("name", "").split())[:200], found.group(1)


def _provider(way: str, filled: Mapping[str, str]) -> Provider:
    """The provider of a way; of one's own as it was typed, which ValueError says is wrong."""
    if way != OWN:
        return PROVIDERS[way]
    for name, label in (("authorize", _("Address to sign in at")), ("token", _("Address for tokens"))):
        if not re.fullmatch(r"https?://[^\s/#]+(/[^\s#]*)?", filled.get(name, "").strip()):
            raise ValueError(
                _(
                    "%(label)s: enter a whole address, like https://login.example.com/oauth2/%(name)s.",
                    label=label,
                    name=name,
                )
            )
    _address, _name, domain = _whose(filled)
    return Provider(
        authorize=filled["authorize"].strip(),
        token=filled["token"].strip(),
        scope=" ".join(filled.get("scope", "").split()),
        **_servers(filled, domain),
    )


def _servers(filled: Mapping[str, str], domain: str) -> dict[str, str]:
    return {
        "imap": str(Server.read(filled.get("imap") or f"imap.{domain}", kind="imap")),
        "smtp": str(Server.read(filled.get("smtp") or f"smtp.{domain}", kind="smtp")),
    }


def _token(access: Access, url: str, form: Mapping[str, str]) -> dict[str, str]:
    """Ask for a token; returns what of the answer is kept."""
    answer = access.http.request(
        "POST",
        url,
        headers={"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
        body=urlencode(form).encode(),
    )
    told = _object(answer.body)
    if answer.status == 429 or answer.status >= 500:
        raise RateLimited(_("The provider cannot be asked for a token just now."), wait=answer.wait)
    if answer.status != 200:
        reason = told.get("error_description") or told.get("error") or answer.status
        said = _("The provider refuses: %(words)s", words=" ".join(str(reason).split())[:200])
        raise AccessWithdrawn(said) if told.get("error") in {"invalid_grant", "unauthorized_client"} else Refused(said)
    if not told.get("access_token"):
        raise Unreachable(_("The provider answered without a token."))
    until = datetime.now(UTC) + timedelta(seconds=float(told.get("expires_in") or 3600))
    kept = {"token": str(told["access_token"]), "expires": until.isoformat()}
    if told.get("refresh_token"):
        kept["refresh_token"] = str(told["refresh_token"])
    return kept


def _object(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _times(credentials: Mapping[str, str]) -> dict[str, datetime]:
    if "expires" not in credentials:
        return {}
    until = datetime.fromisoformat(credentials["expires"])
    return {"expires_at": until, "renew_at": until - RENEWED_BEFORE}
