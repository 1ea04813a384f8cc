"""Stack Exchange: questions and answers at Stack Overflow and its sisters. They are read, never written to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from listening.networks.limits import Quota
from listening.networks.protocols import Access, Cursor, Page, RemotePost
from listening.networks.stack_exchange import reading


class StackExchange:
    """Searches questions and answers at one site, and reads known ones again."""

    name = "stack_exchange"
    label = "Stack Exchange"
    icon = "question-mark-circle"
    places = reading.WRITTEN
    ids_within: Literal["network", "source"] = "network"
    # Three hundred calls a day and address, whoever makes them.
    limited_at = "api.stackexchange.com"
    quotas: ClassVar[Mapping[str, Quota]] = {"": Quota(300, zone="UTC")}

    def check_place(self, place: str) -> str:
        """Return a place as it is kept; raise ValueError with what is wrong about it."""
        return reading.check_place(place)

    async def read(self, access: Access, place: str, since: Cursor) -> Page:
        """Read what was asked and answered since, and some time before."""
        return await reading.read(access, place, since)

    def revisit(self, access: Access, ids: Sequence[str]) -> Sequence[RemotePost]:
        """Read known questions and answers again."""
        return reading.revisit(access, ids)


network = StackExchange()
