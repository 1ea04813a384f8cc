"""Finds every address of the pages and every route of the API by asking Django itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True)
class Route:
    """One address, with what stands in it and what it needs."""

    path: str
    name: str
    view: Any
    parameters: tuple[str, ...]

    def __str__(self) -> str:
        return self.path

    @property
    def capability(self) -> str | None:
        """What a member must be able to do to come here; None for addresses that are open by design."""
        return getattr(self.view, "capability", None)

    def filled(self, key: int) -> str:
        """The address with a key in every place that wants one."""
        path = self.path
        for parameter in self.parameters:
            path = path.replace(f"<{parameter}>", str(key))
        return path


def routes(patterns: Any = None, before: str = "", space: str = "") -> Iterator[Route]:
    """Yield every address below the given patterns."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        here = before + str(pattern.pattern).lstrip("^").removesuffix(r"\Z").removesuffix("$")
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from routes(pattern.url_patterns, here, inner)
        elif isinstance(pattern, URLPattern):
            parameters = tuple(part.split(">")[0] for part in here.split("<")[1:])
            yield Route("/" + here, space + (pattern.name or ""), pattern.callback, parameters)


# Addresses that anyone may open, each with its reason.
OPEN = {
    "home": "leads to sign-in",
    "alive": "for health checks",
    "ready": "for health checks",
    "works": "for health checks",
    "metrics": "for programs that watch: the token of the installation is the key",
    "api_schema": "the contract of the API, without any data",
    "api_docs": "the contract of the API, without any data",
    "roles:invitation": "the link is the key",
    "listening:websub": "for hubs: the link is the key, and what they send is signed",
    "listening:receive": "for programs: the address is the key, and what they send is signed if a coach wants it",
    "listening:come_back": "leads on into the organization whose member began the sign-in",
    "listening:network_document": "documents that a network shows to anybody, such as a client's keys",
    "listening:stop_briefs": "the link is the key",
    "listening:own_feed": "for readers of feeds: what the organization published, at an address that it made",
    "listening:own_feed_entry": "one entry of such a feed",
    "content:follow_link": "for readers of what is published: the key leads where it was made for, and nowhere else",
    "engagement:approve_by_link": "the signed link is the key",
    "engagement:answer_by_link": "the signed link is the key",
    "content:review_by_link": "the signed link is the key",
    "content:review_picture_by_link": "the signed link is the key",
    "content:review_as_guest": "the link is the key, until its day or until it is revoked",
    "content:review_picture_as_guest": "the link is the key, until its day or until it is revoked",
    "listening:acknowledge_by_mail": "the signed link is the key",
    "maturity:public_guidelines": "the address is the key, until it is revoked",
    "maturity:cadence_feed": "the link is the key",
    "content:calendar_feed": "the link is the key",
    "measurement:stop_report_mails": "the link is the key",
    "measurement:public_report": "the address is the key, until its day or until it is revoked",
}


def pages() -> list[Route]:
    """The pages of the house: all but sign-in, the API and what is open by design."""
    return [
        route for route in routes() if not route.path.startswith(("/accounts/", "/api/")) and route.name not in OPEN
    ]
