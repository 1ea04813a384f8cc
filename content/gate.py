"""The last look before a publication goes out: no crisis stop, nothing that waits, and everybody's yes to exactly this.

Whoever publishes passes here with `go_through()` and the piece held, so that a stop, an edit or a decision that was
committed before is seen. What else has to be asked is registered by those whose it is.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.utils.translation import gettext as _

from content.holding import held_back
from content.models import FirstComment, Publication
from engagement.models import SendingStop

KeepsBack = Callable[[Publication, datetime], str]
_askers: list[KeepsBack] = []


def keeps_back(ask: KeepsBack) -> KeepsBack:
    """Have a function say why a publication may not go out yet, as it stands now; nothing where it may."""
    _askers.append(ask)
    return ask


def waits_for(publication: Publication, *, at: datetime) -> str:
    """Return what a publication waits for before its turn can come, such as a review; empty where for nothing."""
    return next((reason for ask in _askers if (reason := ask(publication, at))), "")


def stopped(row: Publication | FirstComment, *, at: datetime) -> str:
    """Return what holds everything back now: a crisis stop, or a word from above; empty where nothing does."""
    department = row.department
    stops = SendingStop.objects.covering(row.channel.network, department.pk if department else None)
    if stop := stops.begun_after(row.released_at).order_by("pk").first():
        return _("Nothing goes out now: %(reason)s") % {"reason": stop.reason}
    # Who let it go has seen what is said from above; a crisis stop that begins later is another matter.
    return "" if row.released_at else held_back(department, at=at)
