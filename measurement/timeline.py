"""What happened, beside what was measured: notes by hand, warnings, and what apps above have to say of some days."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from listening.models import EarlyWarning
from measurement.models import Annotation
from measurement.windows import Window
from roles.models import Member
from roles.permissions import decide
from roles.statements import Statement

MOST = 40
KINDS: Mapping[str, str | Promise] = {
    "note": _("Note"),
    "warning": _("Warning"),
    "surge": _("Surge plan"),
    "guideline": _("Guideline"),
    "level": _("Level"),
}


@dataclass(frozen=True)
class Mark:
    """Something that happened on a day, or from one day to another; `route` names its page, with the key in it."""

    kind: str
    title: str
    first: date
    last: date | None = None
    route: tuple[object, ...] = ()
    # Who may open that page.
    capability: str = ""

    @property
    def label(self) -> str:
        """Of which kind it is, in a word."""
        return str(KINDS[self.kind])

    def url_for(self, viewer: Member | None) -> str:
        """Its page, where whoever looks may open it."""
        if not self.route or (self.capability and (viewer is None or not decide(viewer, self.capability))):
            return ""
        name, *keys = self.route
        return reverse(str(name), args=keys)


# From a moment until another, of one department or of all.
Tell = Callable[[datetime, datetime, int | None], Iterable[Mark]]
_tellers: list[Tell] = []


def tell_with(tell: Tell) -> None:
    """Let an app above say what happened there."""
    _tellers.append(tell)


def marks(window: Window, department: int | None = None) -> list[Mark]:
    """What happened on some days, in the order of time; of very much the newest."""
    found = [*_notes(window, department), *_warnings(window)]
    for tell in _tellers:
        found += tell(window.start, window.end, department)
    found.sort(key=lambda mark: (mark.first, mark.kind, mark.title))
    return found[-MOST:]


def _notes(window: Window, department: int | None) -> Iterable[Mark]:
    for key, title, first, last in _NOTES.rows(first=window.first, last=window.last, department=department):
        yield Mark("note", title, first, last, ("measurement:annotation", key))


def _noted(*, first: date, last: date, department: int | None) -> QuerySet[Any, Any]:
    lasting = Q(last_day=None, first_day__gte=first) | Q(last_day__gte=first)
    rows = Annotation.objects.filter(lasting, first_day__lte=last)
    if department is not None:
        rows = rows.filter(Q(department=None) | Q(department=department))
    return rows.order_by("-first_day", "-pk").values_list("pk", "title", "first_day", "last_day")[:MOST]


def _warnings(window: Window) -> Iterable[Mark]:
    """Those that somebody should have seen; a false alarm says nothing of what happened."""
    for key, kind, subject, began_at in _WARNINGS.rows(begins=window.start, ends=window.end):
        day, title = began_at.astimezone(window.zone).date(), str(EarlyWarning(kind=kind, subject=subject))
        yield Mark("warning", title, day, None, ("listening:warning", key), "listening.read_warnings")


def _warned(*, begins: datetime, ends: datetime) -> QuerySet[Any, Any]:
    rows = EarlyWarning.objects.filter(
        began_at__gte=begins, began_at__lt=ends, severity__gte=EarlyWarning.Severity.SERIOUS
    ).exclude(outcome=EarlyWarning.Outcome.FALSE)
    return rows.order_by("-pk").values_list("pk", "kind", "subject", "began_at")[:MOST]


_NOTES, _WARNINGS = Statement(_noted), Statement(_warned)
