"""Where one can publish, and what can be done there."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy

from content.models import Publication, Variant
from listening import networks
from listening.models import Channel
from listening.networks.protocols import Replies, TellsResults
from listening.networks.publishing import FindsPieces, Publishes, Withdraws

BY_HAND = "by-hand"
CAN: tuple[tuple[type, Any], ...] = (
    (Publishes, gettext_lazy("publishes by itself")),
    (FindsPieces, gettext_lazy("finds again what got no answer")),
    (Replies, gettext_lazy("takes a first comment")),
    (TellsResults, gettext_lazy("tells results")),
    (Withdraws, gettext_lazy("takes posts back")),
)


def channels_to_publish() -> QuerySet[Channel]:
    """The channels for which one can write variants: those whose networks publish, and those served by hand."""
    names = [network.name for network in networks.all_networks() if networks.can(network, Publishes)]
    return Channel.objects.filter(network__in=[*names, BY_HAND]).select_related("connection")


def with_what_is_to_come(rows: QuerySet[Channel]) -> QuerySet[Channel]:
    """Channels with how many variants have no time there yet, as `to_plan`, and how many are `planned`."""
    return rows.annotate(
        to_plan=_counted(Variant.objects.to_be_planned()), planned=_counted(Publication.objects.not_begun())
    )


def _counted(rows: Any) -> Any:
    there = rows.filter(channel=OuterRef("pk")).order_by().values("channel").annotate(count=Count("pk"))
    return Coalesce(Subquery(there.values("count")), 0, output_field=IntegerField())


def ways_of(channel: Channel) -> list[str]:
    """What a channel can do, in words."""
    said = [str(words) for protocol, words in CAN if networks.can(channel.network, protocol)]
    return said or [str(gettext_lazy("a person posts there and says where it stands"))]
