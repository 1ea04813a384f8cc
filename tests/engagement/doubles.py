"""A network that really keeps what it is given, and can refuse, lose its answer, ask to wait, or stall."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from listening.networks.protocols import Accepted, Access, Limits, OutgoingReply, RateLimited, Refused, Unreachable


class Town:
    """Takes replies under their keys, each time it is asked: a key sent twice is two posts, so that twice is seen."""

    name = "town"
    label = "Town"
    ids_within = "network"

    def __init__(self) -> None:
        self.taken: list[OutgoingReply] = []
        self.handles: list[str] = []
        self.looks = 0
        self.before: Callable[[OutgoingReply], None] = lambda outgoing: None
        self.after: Callable[[OutgoingReply], None] = lambda outgoing: None
        self.look: Callable[[OutgoingReply], None] = lambda outgoing: None

    def reply(self, access: Access, outgoing: OutgoingReply) -> Accepted:
        self.before(outgoing)
        self.taken.append(outgoing)
        self.handles.append(access.account.handle)
        self.after(outgoing)
        return self._named(len(self.taken) - 1)

    def find_reply(self, access: Access, outgoing: OutgoingReply) -> Accepted | None:
        self.looks += 1
        self.look(outgoing)
        places = [place for place, taken in enumerate(self.taken) if taken.key == outgoing.key]
        return self._named(places[0]) if places else None

    def _named(self, place: int) -> Accepted:
        return Accepted(id=f"t{place}", url=f"https://town.example.org/{place}")

    def count(self, text: str, _facts: object) -> int:
        return len(text)

    def limits(self, _facts: object) -> Limits:
        return Limits(text=200)

    @property
    def texts(self) -> list[str]:
        return [outgoing.text for outgoing in self.taken]


class Mute(Town):
    """The same without a way to look whether something arrived."""

    name = "mute"
    find_reply: Any = None


def loses_the_answer(outgoing: OutgoingReply) -> None:
    raise Unreachable("The answer did not come in time.")


def refuses(outgoing: OutgoingReply) -> None:
    raise Refused("The town does not want to hear this.")


def asks_to_wait(outgoing: OutgoingReply) -> None:
    raise RateLimited("Too many posts.", wait=120)
