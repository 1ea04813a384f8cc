"""One page that an executive understands in thirty seconds, and its tables as CSV."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from measurement import pictures
from measurement.figures import Figures, figures
from measurement.forms import SIDES, WindowForm
from measurement.metrics import METRICS
from measurement.models import RollUp
from measurement.windows import LENGTHS
from roles import clock
from roles.respond import needs, page

# A cell that begins so would be read as a formula by a spreadsheet.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True)
class Headline:
    """A figure in large type: what it is now, what it was before, and the rows behind it."""

    key: str
    name: str
    value: str
    then: str
    better: bool | None
    url: str
    title: str


@require_safe
@needs("measurement.read")
def executive(request: HttpRequest) -> HttpResponse:
    """Show the figures of a window: large numbers, then pictures, then their tables."""
    form = WindowForm(request.GET)
    if seen := request.GET.get("seen"):
        return page(request, "measurement/executive.html", _newer(request, form, seen), part="newer")
    at = clock.now()
    found = figures(form.window(at), at=at, side=form.side())
    context = {
        "figures": found,
        "headlines": _headlines(found),
        "pictures": [draw(found) for draw in pictures.PICTURES.values()],
        "rankings": [rank(found) for rank in pictures.RANKINGS.values()],
        "lengths": [
            {"days": days, "url": _address(days, found.side), "current": days == found.window.days} for days in LENGTHS
        ],
        "sides": [
            {"label": label, "url": _address(found.window.days, side), "current": side == found.side}
            for side, label in SIDES
        ],
        "metrics": METRICS.values(),
        "asked": urlencode({"days": found.window.days, "of": found.side}),
        "here": _address(found.window.days, found.side),
        "seen": found.computed_at.isoformat() if found.computed_at else "never",
    }
    return page(request, "measurement/executive.html", context)


@require_safe
@needs("measurement.read")
def table(request: HttpRequest, picture: str) -> HttpResponse:
    """Give the table behind a picture as CSV, safe to open in a spreadsheet."""
    if picture not in {*pictures.PICTURES, *pictures.RANKINGS}:
        raise Http404
    form = WindowForm(request.GET)
    at = clock.now()
    found = figures(form.window(at), at=at, side=form.side())
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    name = f"{picture}-{found.window.first}-{found.window.last}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    csv.writer(response).writerows([_safe(cell) for cell in row] for row in pictures.table(picture, found))
    return response


def _safe(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell


def _newer(request: HttpRequest, form: WindowForm, seen: str) -> dict[str, Any]:
    """Say whether figures were computed after those that the reader sees."""
    rolled_up = RollUp.objects.first()
    try:
        seen_at: datetime | None = parse_datetime(seen)
    except ValueError:
        seen_at = None
    newer = rolled_up is not None and (seen_at is None or rolled_up.computed_at > seen_at)
    return {"newer": newer, "here": _address(form.window(clock.now()).days, form.side() or "")}


def _address(days: int, side: str) -> str:
    asked = {"days": days, "of": side} if side else {"days": days}
    return f"{reverse('measurement:executive')}?{urlencode(asked)}"


def _headlines(found: Figures) -> list[Headline]:
    now, before, window, side = found.now, found.before, found.window, found.side
    answered = pictures.assignments_url(window, side, answered="yes")
    spoken = {"days": window.days}

    def headline(key: str, value: str, then: str, better: bool | None, url: str) -> Headline:
        metric = METRICS[key]
        return Headline(key, str(metric.label), value, then, better, url, str(metric.counts))

    def compared(words: str) -> str:
        return _("%(then)s in the %(days)s days before") % {"then": words, **spoken}

    unresolved = reverse("measurement:assignments") + "?" + urlencode({"of": side, "state": "unresolved"})
    overdue = reverse("measurement:assignments") + "?" + urlencode({"of": side, "state": "overdue"})
    return [
        headline("captured", pictures.number(now.captured), compared(pictures.number(before.captured)), None,
                 pictures.mentions_url(window, side)),
        headline("answered", pictures.share(now.share_answered), compared(pictures.share(before.share_answered)),
                 _better(now.share_answered, before.share_answered), answered),
        headline("first_response_median", pictures.duration(now.median), compared(pictures.duration(before.median)),
                 _better(before.median, now.median), answered),
        headline("first_response_p90", pictures.duration(now.p90), compared(pictures.duration(before.p90)),
                 _better(before.p90, now.p90), answered),
        headline("targets_met", pictures.share(now.share_in_time), compared(pictures.share(before.share_in_time)),
                 _better(now.share_in_time, before.share_in_time),
                 pictures.assignments_url(window, side, target="met")),
        headline("backlog", pictures.number(found.backlog), _("not resolved"), None, unresolved),
        headline("overdue", pictures.number(found.overdue), _("past their response target"), None, overdue),
    ]  # fmt: skip


def _better(more: float | None, less: float | None) -> bool | None:
    """Whether the first is more than the second by enough to be worth a word: a twentieth of it."""
    if more is None or less is None or abs(more - less) <= 0.05 * max(abs(more), abs(less)):
        return None
    return more > less
