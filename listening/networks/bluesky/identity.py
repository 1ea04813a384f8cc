"""Finds out who an account is, and at which server it lives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from listening.networks.bluesky.client import PUBLIC, Said, Server, object_in
from listening.networks.bluesky.ids import is_did, is_handle
from listening.networks.calling import Send
from listening.networks.guard import must_be_https, parts_of
from listening.networks.http import Answer
from listening.networks.protocols import Refused, Unreachable
from listening.networks.words import _


@dataclass(frozen=True, slots=True)
class Directories:
    """The public services that know about all accounts; another network on the same protocol has its own."""

    plc: str = "https://plc.directory"
    view: str = PUBLIC
    jetstream: str = "https://jetstream.us-east.bsky.network"


@dataclass(frozen=True, slots=True)
class Home:
    """An account's permanent name and the server that keeps it."""

    did: str
    server: str


def account_name(typed: str) -> str:
    """Return the handle or DID that a person means; raises ValueError with what is wrong about it."""
    text = typed.strip().removeprefix("at://").removeprefix("@").strip()
    if text.startswith(("https://bsky.app/profile/", "http://bsky.app/profile/")):
        text = text.split("/")[4]
    if is_did(text):
        return text
    text = text.lower()
    if text and "." not in text:
        raise ValueError(_("A handle names its site, too: %(text)s.bsky.social, for instance.", text=text))
    if not is_handle(text):
        raise ValueError(_("Enter a handle such as acme.bsky.social, or a DID."))
    return text


def server_address(typed: str) -> str:
    """Return the address of a server as it is kept; raises ValueError with what is wrong about it."""
    text = typed.strip().rstrip("/")
    if not text:
        return ""
    if "://" not in text:
        text = f"https://{text}"
    parts = parts_of(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query or "@" in parts.netloc:
        raise ValueError(_("The address of a server looks like https://bsky.social, with nothing after it."))
    address = f"{parts.scheme}://{parts.netloc.lower()}"
    must_be_https(address)
    return address


async def resolve(send: Send, directories: Directories, name: str) -> Home:
    """Find the account of a name, and its server, as the account's own document says."""
    did = name if is_did(name) else await did_of(Server(send, directories.view), name)
    if not did:
        raise ValueError(_("Bluesky knows no account called %(name)s.", name=name))
    server = server_in(await document_of(send, directories, did))
    if not server:
        raise Refused(_("The account %(name)s names no server that keeps it.", name=name))
    return Home(did, server)


async def did_of(server: Server, handle: str) -> str:
    """Return the permanent name behind a handle; empty where there is none."""
    try:
        found = await server.query("com.atproto.identity.resolveHandle", handle=handle)
    except Said:
        return ""
    did = str(found.get("did") or "")
    return did if is_did(did) else ""


async def document_of(send: Send, directories: Directories, did: str) -> Mapping[str, Any]:
    """Fetch the document in which an account says where it lives; empty where there is none any more."""
    if did.startswith("did:plc:"):
        url = f"{directories.plc}/{did}"
    elif did.startswith("did:web:"):
        url = f"https://{unquote(did.removeprefix('did:web:'))}/.well-known/did.json"
    else:
        raise Refused(_("%(did)s is a kind of name that Bluesky does not use.", did=did))
    answer: Answer = await send("GET", url, accept="application/json")
    if answer.status in {404, 410} and did.startswith("did:plc:"):
        return {}
    found = object_in(answer) if answer.status == 200 else None
    if found is None:
        raise Unreachable(_("The directory of accounts did not say where the account lives."))
    return found


def server_in(document: Mapping[str, Any]) -> str:
    """Return the server that a document names."""
    services = document.get("service")
    for service in services if isinstance(services, list) else ():
        if isinstance(service, Mapping) and str(service.get("id", "")).endswith("#atproto_pds"):
            try:
                return server_address(str(service.get("serviceEndpoint") or ""))
            except ValueError:
                return ""
    return ""
