"""One page that an executive understands in thirty seconds, and its tables as CSV."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_safe

from measurement import pictures, timeline
from measurement.figures import figures
from measurement.files import as_csv
from measurement.forms import SIDES, WindowForm
from measurement.headlines import headlines
from measurement.models import RollUp
from measurement.telling import sentences
from measurement.windows import LENGTHS
from roles import clock
from roles.permissions import decide
from roles.respond import MemberRequest, needs, page


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
    shown, past = headlines(found, at, member)
    context = {
        "figures": found,
        "headlines": shown,
        "past": past,
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
        "may_listen": found.is_empty and decide(member, "listening.manage_sources"),
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
    if seen_at is not None and seen_at.tzinfo is None:  # none of ours
        seen_at = None
    newer = rolled_up is not None and (seen_at is None or rolled_up.computed_at > seen_at)
    return {"newer": newer, "here": _address(form.window(clock.now()).days, form.side() or "")}


def _address(days: int, side: str) -> str:
    asked = {"days": days, "of": side} if side else {"days": days}
    return f"{reverse('measurement:executive')}?{urlencode(asked)}"
