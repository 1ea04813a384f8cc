"""Hacker News: what is said there about given words, found by its search. It is read, never written to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from listening.networks.hacker_news import reading
from listening.networks.limits import Quota
from listening.networks.protocols import Access, Cursor, Page, RemotePost
from listening.networks.words import _


class HackerNews:
    """Searches stories and comments, and reads known ones again."""

    name = "hacker_news"
    label = "Hacker News"
    icon = "newspaper"
    places = _("words to search for")
    ids_within: Literal["network", "source"] = "network"
    # Ten thousand searches an hour and address; reading single items has no limit.
    limited_at = "hn.algolia.com"
    quotas: ClassVar[Mapping[str, Quota]] = {reading.SEARCHES: Quota(10_000, window=3600.0)}

    def check_place(self, place: str) -> str:
        """Return the words in one form; raise ValueError with what is wrong about them."""
        return reading.check_place(place)

    async def read(self, access: Access, place: str, since: Cursor) -> Page:
        """Read what was said since, and some time before: the index fills up late."""
        return await reading.read(access, place, since)

    def revisit(self, access: Access, ids: Sequence[str]) -> Sequence[RemotePost]:
        """Read known posts again."""
        return reading.revisit(access, ids)


network = HackerNews()
