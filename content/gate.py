"""The last look before a publication goes out: no crisis stop, nothing that waits, and everybody's yes to exactly this.

Whoever publishes passes here with `go_through()` and the piece held, so that a stop, an edit or a decision that was
committed before is seen. What else has to be asked is registered by those whose it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from content.holding import held_back
from content.models import FirstComment, Publication
from engagement.models import SendingStop
from engagement.stop_querysets import SendingStopQuerySet
from listening.models import Channel
from roles.models import Member
from roles.permissions import require

KeepsBack = Callable[[Publication, datetime], str]
_askers: list[KeepsBack] = []


def keeps_back(ask: KeepsBack) -> KeepsBack:
    """Have a function say why a publication may not go out yet, as it stands now; nothing where it may."""
    _askers.append(ask)
    return ask


def waits_for(publication: Publication, *, at: datetime) -> str:
    """Return what a publication waits for before its turn can come, such as a review; empty where for nothing."""
    if reason := switched_off(publication):
        return reason
    return next((reason for ask in _askers if (reason := ask(publication, at))), "")


def switched_off(publication: Publication) -> str:
    """Return that its channel is off, and what can be done; nothing where it is on, or a person posts it already."""
    is_taken = publication.channel.is_active or publication.state == Publication.State.BY_HAND
    return "" if is_taken else said_of_a_channel_off(publication.channel)


def said_of_a_channel_off(channel: Channel) -> str:
    """What can be done about what is to be said on a channel that is switched off."""
    said = _("The channel “%(name)s” is switched off: switch it on again, or move this to another channel.")
    return said % {"name": channel.name[:120]}


def stopped(row: Publication | FirstComment, *, at: datetime) -> str:
    """Return what holds everything back now: a crisis stop, or a word from above; empty where nothing does."""
    if stop := _stops_over(row).begun_after(row.released_at).order_by("pk").first():
        return _("Nothing goes out now: %(reason)s") % {"reason": stop.reason}
    # Who let it go has seen what is said from above; a crisis stop that begins later is another matter.
    return "" if row.released_at else held_back(row.department, at=at)


def _stops_over(row: Publication | FirstComment) -> SendingStopQuerySet:
    """The crisis stops that are in force over a row, whoever let it go before."""
    department = row.department
    return SendingStop.objects.covering(row.channel.network, department.pk if department else None)


def held_by_stops(rows: Iterable[Publication]) -> set[str]:
    """The keys of those over which a crisis stop is in force; asked once for however many."""
    stops = list(SendingStop.objects.in_force())
    return {
        row.key
        for row in rows
        for stop in stops
        if stop.network in {"", row.channel.network}
        and (stop.department_id is None or (row.department and stop.department_id == row.department.pk))
    }


def may_let_go(row: Publication | FirstComment, *, by: Member) -> None:
    """Raise NotAllowed where only those who may lift a crisis stop let what it holds go."""
    if _stops_over(row).exists():
        require(by, "engagement.stop_sending", row)


def goes_on_by_itself(row: Publication, *, at: datetime) -> bool:
    """Whether what was held back has its turn again: a word from above that is over; never after a crisis stop."""
    department = row.department
    stops = SendingStop.objects.reaching(row.channel.network, department.pk if department else None)
    return not stops.in_force_since(row.due_at).exists() and not stopped(row, at=at)
