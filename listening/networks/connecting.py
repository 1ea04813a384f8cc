"""How an organization connects itself to a network: what is offered, what is asked, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol, runtime_checkable

from listening.networks.protocols import Access, RemoteAuthor
from listening.networks.words import _


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that a person types to connect; what is `secret` is sealed and never shown again."""

    name: str
    label: str
    help: str = ""
    kind: Literal["text", "address", "secret"] = "text"
    is_required: bool = True
    initial: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to connect. `signs_in` means that the person is sent to the network and comes back (OAuth).

    `steps` says, in sentences, what the person does at the network before, such as where an app password is made;
    `names_return` that our address, to which the network leads back, has to be entered there.
    """

    name: str
    label: str
    asked: tuple[Asked, ...] = ()
    signs_in: bool = False
    steps: tuple[str, ...] = ()
    names_return: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """What a network offers to whoever connects it: the ways, what it costs, and whose approval it needs."""

    ways: tuple[Way, ...]
    about: str = ""
    costs: str = _("Free.")
    approval: str = _("None.")


@dataclass(frozen=True, slots=True)
class Connected:
    """What came of connecting, or of renewing: credentials to keep, and what the network says of the account.

    Only `credentials` is sealed. `expires_at` is when they run out; `renew_at` when they should be renewed, where that
    can be done. `facts` is anything that the adapter wants to be handed again, such as the limits of the server.
    """

    credentials: Mapping[str, str] = field(repr=False)
    account: RemoteAuthor
    server: str = ""
    expires_at: datetime | None = None
    renew_at: datetime | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that has begun: where the person is sent, and what is kept, sealed, until they come back.

    `state` is what the network hands back with them, by which the sign-in is found again.
    """

    address: str = field(repr=False)
    state: str = field(repr=False)
    kept: Mapping[str, str] = field(default_factory=dict, repr=False)


@runtime_checkable
class Connects(Protocol):
    """Is connected with what a person types.

    Raises ValueError with a sentence for what was typed wrongly, NetworkError for what went wrong at the network.
    """

    offer: Offer

    def connect(self, access: Access, way: str, filled: Mapping[str, str]) -> Connected: ...

    def check(self, access: Access) -> Connected:
        """Ask whether the credentials still work; gives them back with what is true of account and server now."""
        ...


@runtime_checkable
class SignsIn(Protocol):
    """Is connected by signing in at the network; `back` is the one address of ours that it leads back to."""

    def begin(self, access: Access, way: str, filled: Mapping[str, str], back: str) -> Begun: ...

    def finish(self, access: Access, way: str, kept: Mapping[str, str], answer: Mapping[str, str]) -> Connected:
        """`answer` is what the network put into our address, such as `code`, `state`, `error`."""
        ...


@runtime_checkable
class Renews(Protocol):
    """Renews credentials before they run out; it is called by one worker at a time for one connection."""

    def renew(self, access: Access) -> Connected: ...


@runtime_checkable
class Disconnects(Protocol):
    """Tells the network that the credentials are not wanted any more."""

    def disconnect(self, access: Access) -> None: ...


@runtime_checkable
class ShowsDocuments(Protocol):
    """Shows documents of its own at our address `networks/<network>/<name>`, to anybody, such as a client's keys."""

    def document(self, access: Access, name: str) -> Mapping[str, Any] | None: ...


@runtime_checkable
class OffersPlaces(Protocol):
    """Says which places a connection can listen to at once, as (place, label), such as its own notifications."""

    def offered_places(self, access: Access) -> Sequence[tuple[str, str]]: ...
