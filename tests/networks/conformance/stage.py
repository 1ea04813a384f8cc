"""What a network's stage can do; a test asks only for what a stage has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, ClassVar, Self

from listening.networks.connecting import Connects
from listening.networks.http import Http
from listening.networks.protocols import Access, Reads, RemoteAuthor, Replies, Revisits
from listening.networks.publishing import Publishes

# What has to be played for the promises of a protocol to be asked at all.
NEEDED: Mapping[type, tuple[str, ...]] = {
    Reads: ("says", "asks_to_wait", "is_out_of_order"),
    Revisits: ("edits", "deletes"),
    Replies: ("answers_to", "loses_next_answer"),
    Publishes: ("pieces", "loses_next_answer"),
    Connects: ("filled", "withdraws_access", "is_out_of_order"),
}

INSIDE = "It is a table of this installation, written in one transaction: there is no line on which anything is lost."


class Stage:
    """A network with a place on it, set for one test and struck after it.

    Set `network` and `place`, give `access` and `says`, and override whatever else can be played there: what is not
    overridden is not asked for. Begin servers in `__enter__` and end them in `__exit__`. The stages of a built-in
    network play all that its protocols need (`NEEDED`), or say in `unplayed` why something cannot be.
    """

    network: Any
    # The place that is read; empty where nobody types one, for a source or an account gets its address by itself.
    place: str = ""
    # What cannot be played here, each with the reason.
    unplayed: ClassVar[Mapping[str, str]] = {}
    # Who says what is said there, where an answer has to name them.
    author = RemoteAuthor()
    # Whether an organization of this installation has to act (the practice field lives inside it).
    needs_organization = False
    # How many posts are said to see whether a walk over several pages loses one.
    many = 45

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    @classmethod
    def plays(cls, what: str) -> bool:
        """Whether a stage can play something."""
        return getattr(cls, what) is not getattr(Stage, what)

    def access(self) -> Access:
        """The means by which the network is read and answered, as our account where it has one."""
        return Access(http=Http(["127.0.0.1"]))

    def says(self, text: str) -> str:
        """Somebody says something at the place; returns its id as the network gives it."""
        raise NotImplementedError

    def edits(self, post: str, text: str) -> None:
        """Its author changes it."""
        raise NotImplementedError

    def deletes(self, post: str) -> None:
        """Its author takes it down."""
        raise NotImplementedError

    def answers_to(self, post: str) -> Sequence[str]:
        """The texts of our answers to a post, as they stand at the network: asked there, not of the adapter."""
        raise NotImplementedError

    def pieces(self) -> Sequence[str]:
        """The words of what we published, as plain text, as they stand at the network: asked there as well."""
        raise NotImplementedError

    def loses_next_answer(self) -> None:
        """The next thing that is written arrives, and the network's answer to it is lost on the way."""
        raise NotImplementedError

    def asks_to_wait(self, seconds: int) -> None:
        """From now on the network asks to wait so long."""
        raise NotImplementedError

    def is_out_of_order(self) -> None:
        """From now on the network answers that it is broken."""
        raise NotImplementedError

    def withdraws_access(self) -> None:
        """From now on the network does not accept our credentials."""
        raise NotImplementedError

    def filled(self) -> tuple[str, Mapping[str, str]]:
        """A way to connect that asks for keys, and what a person types for it."""
        raise NotImplementedError


def missing(networks: Iterable[Any], stages: Iterable[type[Stage]]) -> dict[str, set[str]]:
    """Return what no stage plays of what a network's protocols need, by networks; `a stage` where there is none."""
    found: dict[str, set[str]] = {}
    everyone = list(stages)
    for network in networks:
        own = [stage for stage in everyone if stage.network.name == network.name]
        needed = {play for protocol, plays in NEEDED.items() if isinstance(network, protocol) for play in plays}
        played = {play for play in needed if any(stage.plays(play) or play in stage.unplayed for stage in own)}
        if lacking := needed - played if own else {"a stage"}:
            found[network.name] = lacking
    return found
