"""One page that an executive understands in thirty seconds, and its tables as CSV."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from measurement import investing, pictures, timeline
from measurement.counts import READ
from measurement.figures import Figures, figures
from measurement.files import as_csv
from measurement.forms import SIDES, WindowForm
from measurement.measuring import Measured
from measurement.metrics import METRICS
from measurement.models import RollUp
from measurement.opening import rows_url
from measurement.saying import number, said
from measurement.selecting import Selection
from measurement.telling import sentences
from measurement.windows import LENGTHS
from roles import clock
from roles.models import Member
from roles.permissions import decide
from roles.respond import MemberRequest, needs, page

# Loud, friendly, fast, much, and at what cost: what one screen has to say.
HEADLINES = (
    "captured", "net_sentiment", "first_response_median", "targets_met", "answered", "backlog", "hours_spent", "cost",
)  # fmt: skip


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
def executive(request: MemberRequest) -> HttpResponse:
    """Show the figures of a window: large numbers, then pictures, then their tables."""
    form = WindowForm(request.GET)
    if seen := request.GET.get("seen"):
        return page(request, "measurement/executive.html", _newer(request, form, seen), part="newer")
    at = clock.now()
    found = figures(form.window(at), at=at, side=form.side())
    member = request.member
    found.marks = [(mark, mark.url_for(member)) for mark in timeline.marks(found.window)]
    context = {
        "figures": found,
        "headlines": _headlines(found, at, member),
        "sentences": sentences(found),
        "pictures": [draw(found) for draw in pictures.PICTURES.values()],
        "rankings": [rank(found) for rank in pictures.RANKINGS.values()],
        "lengths": [
            {"days": days, "url": _address(days, found.side), "current": days == found.window.days} for days in LENGTHS
        ],
        "sides": [
            {"label": label, "url": _address(found.window.days, side), "current": side == found.side}
            for side, label in SIDES
        ],
        "may_annotate": decide(member, "measurement.annotate"),
        "tab": "overview",
        "asked": urlencode({"days": found.window.days, "of": found.side}),
        "here": _address(found.window.days, found.side),
        "seen": found.computed_at.isoformat() if found.computed_at else "never",
    }
    return page(request, "measurement/executive.html", context)


@require_safe
@needs("measurement.read")
def table(request: MemberRequest, picture: str) -> HttpResponse:
    """Give the table behind a picture as CSV, safe to open in a spreadsheet."""
    if picture not in {*pictures.PICTURES, *pictures.RANKINGS}:
        raise Http404
    form = WindowForm(request.GET)
    at = clock.now()
    found = figures(form.window(at), at=at, side=form.side())
    return as_csv(pictures.table(picture, found), name=f"{picture}-{found.window.first}-{found.window.last}")


def _newer(request: MemberRequest, form: WindowForm, seen: str) -> dict[str, Any]:
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


def _headlines(found: Figures, at: datetime, viewer: Member) -> list[Headline]:
    selection = Selection(found.window, found.side)
    values = {key: (READ[key](found.now), READ[key](found.before)) for key in HEADLINES if key in READ}
    values["backlog"] = (found.backlog, None)
    now, before = (investing.invested(one, viewer) for one in (selection, selection.on(found.before.window)))
    values |= {"hours_spent": (now.hours, before.hours), "cost": (now.amount, before.amount)}
    money = investing.currency()
    headlines = []
    for key in HEADLINES:
        if key not in METRICS:
            continue
        one = Measured(key, *values[key])
        kind = one.metric.kind
        words = _("%(then)s in the %(days)s days before") % {
            "then": said(kind, one.before, currency=money), "days": found.window.days,
        }  # fmt: skip
        if one.before is None:
            words = _("nothing in the %(days)s days before") % {"days": found.window.days}
        url = rows_url(key, selection)
        if key == "backlog":
            words = _("%(n)s of them overdue") % {"n": number(found.overdue)}
        elif key in {"hours_spent", "cost"} and now.hours is None:
            words, url = _("not shown: it would tell of few people"), ""
        elif key == "cost" and one.now is None:
            words = _("nobody stated what an hour costs")
        headlines.append(
            Headline(key, str(one.metric.label), said(kind, one.now, currency=money), words, one.is_better, url,
                     str(one.metric.counts))
        )  # fmt: skip
    return headlines
