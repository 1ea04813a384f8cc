"""A network that really keeps what it is given, and can refuse, lose its answer, ask to wait, or stall."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from listening.networks.protocols import Accepted, Access, Limits, OutgoingReply, Unreachable
from listening.networks.publishing import OutgoingPiece

Out = OutgoingPiece | OutgoingReply


class Square:
    """Takes pieces and answers under their keys, each time it is asked: a key sent twice is two posts, and is seen."""

    name = "square"
    label = "Square"
    ids_within = "network"

    def __init__(self) -> None:
        self.taken: list[Out] = []
        self.looks = 0
        self.before: Callable[[Out], None] = lambda outgoing: None
        self.after: Callable[[Out], None] = lambda outgoing: None

    def publish(self, access: Access, piece: OutgoingPiece) -> Accepted:
        return self._take(piece)

    def find_piece(self, access: Access, piece: OutgoingPiece) -> Accepted | None:
        return self._find(piece)

    def reply(self, access: Access, outgoing: OutgoingReply) -> Accepted:
        return self._take(outgoing)

    def find_reply(self, access: Access, outgoing: OutgoingReply) -> Accepted | None:
        return self._find(outgoing)

    def _take(self, out: Out) -> Accepted:
        self.before(out)
        self.taken.append(out)
        self.after(out)
        return self._named(len(self.taken) - 1)

    def _find(self, out: Out) -> Accepted | None:
        self.looks += 1
        places = [place for place, taken in enumerate(self.taken) if taken.key == out.key]
        return self._named(places[0]) if places else None

    def _named(self, place: int) -> Accepted:
        return Accepted(id=f"s{place}", url=f"https://square.example.org/{place}")

    def count(self, text: str, _facts: object) -> int:
        return len(text)

    def limits(self, _facts: object) -> Limits:
        return Limits(text=500)

    @property
    def texts(self) -> list[str]:
        return [out.text for out in self.taken]


def raising(problem: Exception) -> Any:
    """What to do `before` or `after`, so that it goes wrong in this way."""

    def refuse(out: Any) -> None:
        raise problem

    return refuse


LOST = raising(Unreachable("The answer did not come in time."))
