"""What a network's stage can do; a test asks only for what a stage has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from listening.networks.http import Http
from listening.networks.protocols import Access, RemoteAuthor


class Stage:
    """A network with a place on it, set for one test and struck after it.

    Set `network` and `place`, give `access` and `says`, and override whatever else can be played there: what is not
    overridden is not asked for. Begin servers in `__enter__` and end them in `__exit__`.
    """

    network: Any
    # The place that is read.
    place: str = ""
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
