"""What calls of a network cost, and what may be spent: in words, before it is spent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _

from listening import networks
from listening.connections.rates import money_left
from listening.models import Connection
from listening.networks.protocols import Charges, Price
from listening.translating import translated

THOUSAND = 1000
A_LINK = "https://example.org/"


@dataclass(frozen=True, slots=True)
class Charge:
    """What a connection's calls cost, in words, and how much of this month's budget is left."""

    prices: Sequence[tuple[str, str]]
    left: str
    most: str
    left_exactly: int
    answer: str
    answer_with_link: str

    @property
    def is_used_up(self) -> bool:
        """Whether nothing can be asked any more before the month ends."""
        return self.left_exactly <= 0


def dollars(thousandths: int) -> str:
    """Write a sum as the reader's language does: cents, and where it needs them tenths of one."""
    amount, places = Decimal(thousandths) / THOUSAND, 2 if thousandths % 10 == 0 else 3
    return _("$%(amount)s") % {"amount": formats.number_format(amount, places, use_l10n=True, force_grouping=True)}


def in_dollars(thousandths: int | None) -> Decimal | None:
    """Return a budget as people type it."""
    return None if thousandths is None else Decimal(thousandths) / THOUSAND


def thousandths_of(typed: Decimal | None) -> int | None:
    """Return what people type as it is kept."""
    return None if typed is None else int(typed * THOUSAND)


def charges(network: str) -> bool:
    """Whether a network takes money by the call."""
    return networks.can(network, Charges)


def prices_of(network: object, facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what each thing costs at most; nothing where a network is free."""
    if not isinstance(network, Charges):
        return []
    return [(translated(price.label), dollars(price.most)) for price in network.prices(facts)]


def charge_of(connection: Connection | None, *, at: datetime) -> Charge | None:
    """Return what calls through a connection cost and what is left for them; None where they cost nothing."""
    if connection is None or not charges(connection.network):
        return None
    left, network = money_left(connection, at=at), networks.get(connection.network)
    assert isinstance(network, Charges)
    plain, linking = (network.price_of_reply(text, connection.facts) for text in ("", A_LINK))
    return Charge(
        prices_of(network, connection.facts), dollars(left), dollars(connection.budget or 0), left,
        answer=dollars(plain.most), answer_with_link=dollars(linking.most),
    )  # fmt: skip


def charging(*, at: datetime) -> list[tuple[Connection, Charge]]:
    """Return the connections of the organization whose calls cost something, each with what they cost."""
    rows = ((row, charge_of(row, at=at)) for row in Connection.objects.by_name())
    return [(row, charge) for row, charge in rows if charge is not None]


def price_of_reply(connection: Connection | None, text: str) -> Price | None:
    """Return what an answer costs at most before it is sent; None where it costs nothing."""
    if connection is None or not networks.is_installed(connection.network):
        return None
    network = networks.get(connection.network)
    return network.price_of_reply(text, connection.facts) if isinstance(network, Charges) else None
