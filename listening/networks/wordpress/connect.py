"""Connects a site by an application password: finds where its interface lies, and who the password belongs to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

from listening.networks.calling import Send
from listening.networks.connecting import Asked, Connected, Offer, Way
from listening.networks.guard import must_be_https, parts_of
from listening.networks.http import Answer
from listening.networks.protocols import AccessWithdrawn, NetworkError, Refused, RemoteAuthor, Unreachable, Unreadable
from listening.networks.wordpress.client import Site, content_of
from listening.networks.wordpress.parse import name_of
from listening.networks.words import _

_REST = re.compile(r"<([^<>]{1,2000})>[^<>]*?rel=\"?https://api\.w\.org/\"?")

OFFER = Offer(
    ways=(
        Way(
            "application-password",
            _("With an application password"),
            asked=(
                Asked("site", _("Address of the site"), help=_("Such as https://blog.example.com"), kind="address"),
                Asked(
                    "user", _("User name"), help=_("Of somebody who may moderate comments, and publish if you will.")
                ),
                Asked("password", _("Application password"), kind="secret"),
            ),
            steps=(
                _("In WordPress, open Users, then your profile, and scroll down to Application Passwords."),
                _(
                    "Type “Touchline” as the name, press Add, and copy what is shown. It can be revoked there at any "
                    "time."
                ),
            ),
        ),
    ),
    about=_("Comments on the site are heard and answered; posts can be published."),
    approval=_("None: the site is yours."),
)


async def connect(send: Send, filled: Mapping[str, str]) -> Connected:
    """Sign in with what a person typed."""
    address, user = site_address(filled.get("site", "")), filled.get("user", "").strip()
    # WordPress shows it in groups of four, and takes it with or without the spaces.
    password = "".join(filled.get("password", "").split())
    if not user or not password:
        raise ValueError(_("Enter the user name and the application password."))
    root, address, about = await _find_root(send, address)
    if "application-passwords" not in (about.get("authentication") or ()):
        raise ValueError(
            _("Application passwords are switched off on this site. They need https, or a plugin forbids them.")
        )
    try:
        return await check(Site(send, address, root, {"user": user, "password": password}))
    except AccessWithdrawn as refusal:
        raise ValueError(str(refusal)) from refusal


async def check(site: Site) -> Connected:
    """Ask who the credentials belong to, and what they may do."""
    found = await site.get("users/me", context="edit")
    if not isinstance(found, dict) or not isinstance(found.get("id"), int):
        raise Unreadable(_("The site did not say who the password belongs to."))
    may = found.get("capabilities")
    may = may if isinstance(may, dict) else {}
    if not may.get("moderate_comments"):
        raise ValueError(_("This user may not moderate comments, which is needed to see and answer them all."))
    account = RemoteAuthor(
        id=f"{site.key}/user/{found['id']}",
        handle=f"{found.get('username') or found.get('slug')}@{site.key}",
        name=str(found.get("name") or site.credentials["user"]),
        url=str(found.get("link") or site.address),
    )
    facts = {"root": site.root, "user": found["id"], "publishes": bool(may.get("publish_posts"))}
    return Connected(dict(site.credentials), account, site.address, facts=facts | await _about(site))


def site_address(typed: str) -> str:
    """Return a site's address as it is kept; raises ValueError with what is wrong about it."""
    text = re.sub(r"/wp-(?:admin|login\.php|json).*$", "", typed.strip()).rstrip("/")
    if text and "://" not in text:
        text = f"https://{text}"
    parts = parts_of(text)
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme not in {"http", "https"} or not host or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError(_("Enter the address of the site, such as https://blog.example.com"))
    address = f"{parts.scheme}://{parts.netloc.lower()}{parts.path}"
    must_be_https(address)
    return address


async def _find_root(send: Send, address: str) -> tuple[str, str, dict[str, Any]]:
    """Find the REST interface: where the site says, where it usually lies, or where it lies without pretty links."""
    front: Answer = await send("GET", f"{address}/")
    if front.moved_to and urlsplit(front.moved_to).scheme == "https":
        address = front.moved_to.rstrip("/")
    named = _REST.search(" ".join(_all(front, "Link")))
    tried = [urljoin(front.url, named[1])] if named else []
    problem: NetworkError = Unreadable(_("No WordPress was found at this address."))
    for root in dict.fromkeys([*tried, f"{address}/wp-json/", f"{address}/?rest_route=/"]):
        if _origin(root) != _origin(address):
            continue  # the password goes to nobody but the site
        try:
            found = content_of(await send("GET", root, accept="application/json"))
        except (Refused, Unreadable, Unreachable) as error:
            problem = error
            continue
        if isinstance(found, dict) and "wp/v2" in (found.get("namespaces") or ()):
            return root, address, found
    raise problem


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()


def _all(answer: Answer, name: str) -> list[str]:
    every: Any = getattr(answer.headers, "getall", None)
    return list(every(name, [])) if every else [answer.headers.get(name, "")]


async def _about(site: Site) -> dict[str, str]:
    """What the site calls itself, as far as it says."""
    root = Site(site.send, site.address, site.root)
    try:
        answer = await root.send("GET", site.root, accept="application/json")
        found = content_of(answer)
    except NetworkError:
        return {}
    return {"title": name_of(found.get("name"))} if isinstance(found, dict) else {}
