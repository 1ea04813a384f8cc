"""One page that an executive understands in thirty seconds, and its tables as CSV."""

from __future__ import annotations

import csv
from collections.abc import Callable
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
from measurement.figures import Counts, Figures, figures
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
    window, side = found.window, found.side
    answered = pictures.assignments_url(window, side, answered="yes")
    compared: list[tuple[str, Callable[[Counts], Any], Callable[[Any], str], int, str]] = [
        ("captured", lambda c: c.captured, pictures.number, 0, pictures.mentions_url(window, side)),
        ("assigned", lambda c: c.assigned, pictures.number, 0, pictures.assignments_url(window, side)),
        ("answered", lambda c: c.share_answered, pictures.share, 1, answered),
        (
            "targets_met",
            lambda c: c.share_in_time,
            pictures.share,
            1,
            pictures.assignments_url(window, side, target="met"),
        ),
        ("first_response_median", lambda c: c.median, pictures.duration, -1, answered),
        ("first_response_p90", lambda c: c.p90, pictures.duration, -1, answered),
    ]
    headlines = []
    for key, read, said, good, url in compared:
        now, before = read(found.now), read(found.before)
        then = (
            _("%(then)s in the %(days)s days before")
            if before is not None
            else _("nothing in the %(days)s days before")
        )
        then = then % {"then": said(before), "days": window.days}
        headlines.append(_headline(key, said(now), then, _better(now, before, good), url))
    rows = reverse("measurement:assignments")
    for key, value, then, state in (
        ("backlog", found.backlog, _("not resolved"), "unresolved"),
        ("overdue", found.overdue, _("past their response target"), "overdue"),
    ):
        url = f"{rows}?{urlencode({'of': side, 'state': state})}"
        headlines.append(_headline(key, pictures.number(value), then, None, url))
    return headlines


def _headline(key: str, value: str, then: str, better: bool | None, url: str) -> Headline:
    metric = METRICS[key]
    return Headline(key, str(metric.label), value, then, better, url, str(metric.counts))


def _better(now: float | None, before: float | None, good: int) -> bool | None:
    """Whether a figure went the good way (1 up, -1 down, 0 neither) by enough to be worth a word: a twentieth of it."""
    if not good or now is None or before is None or abs(now - before) <= 0.05 * max(abs(now), abs(before)):
        return None
    return (now > before) == (good > 0)
