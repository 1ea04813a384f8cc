"""Reads of connections that have a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Concat

from roles.tenancy import OwnedQuerySet

if TYPE_CHECKING:
    from listening.models import Connection, RateLimit  # noqa: F401


class ConnectionQuerySet(OwnedQuerySet["Connection"]):
    """Connections of the active organization."""

    def by_name(self) -> Self:
        """In the order of names."""
        return self.order_by("name", "pk")

    def mended_first(self) -> Self:
        """What somebody has to connect again before what is in trouble, and that before the rest; each by name."""
        order = Case(When(state="withdrawn", then=0), When(state="trouble", then=1), default=2)
        return self.order_by(order, "name", "pk")

    def withdrawn(self) -> Self:
        """Those through which nothing goes any more."""
        return self.filter(state="withdrawn")

    def usable(self, network: str) -> Self:
        """Those of a network through which something can go."""
        return self.filter(network=network).exclude(state="withdrawn")

    def with_what_they_serve(self) -> Self:
        """Together with the accounts that speak through them and the sources that are read through them."""
        return self.select_related("created_by__user").prefetch_related("channels", "sources")

    def at_account(self, network: str, server: str, account_id: str) -> Self:
        """The one that is known so at the network, if there is one."""
        return self.filter(Q(network=network) & Q(server=server) & Q(account_id=account_id))


class RateLimitQuerySet(QuerySet["RateLimit"]):
    """Limits of networks, which are of the whole installation where nobody is signed in."""

    def in_use(self) -> Self:
        """Those that calls of the active organization take from: of its connections, and of servers that it reads."""
        from listening.models import Connection, Source
        from listening.networks import all_networks

        begins = Q()
        for scheme in ("https://", "http://"):
            begins |= Q(place__startswith=Concat(Value(scheme), OuterRef("host")))
        # Where places name no server, whoever reads the network asks the one that it names.
        begins |= Q(network__in=[network.name for network in all_networks() if getattr(network, "limited_at", "")])
        read = Source.objects.filter(begins, network=OuterRef("network"), connection=None)
        own = Q(connection__in=Connection.objects.all())
        return self.filter(own | Q(Exists(read), connection=None) & ~Q(host=""))
