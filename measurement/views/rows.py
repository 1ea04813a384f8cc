"""The rows behind a figure: exactly those that it counts, page by page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_safe

from engagement.models import Assignment, Reply
from listening.models import Mention
from measurement.forms import AssignmentsForm, MentionsForm, RepliesForm
from measurement.people import seen_by
from roles import clock
from roles.permissions import decide
from roles.respond import MemberRequest, needs, page

PER_PAGE = 50
COUNTED_TO = 10_000


@require_safe
@needs("measurement.read")
def mentions(request: MemberRequest) -> HttpResponse:
    """List the mentions that a figure counts, the newest first."""
    form = MentionsForm(request.GET)
    if not form.is_valid():
        return page(request, "measurement/mentions.html", {"form": form, "rows": []}, status=400)
    wanted = Mention.objects.filter(form.condition())
    context = _paged(request, wanted, wanted.with_posts(), "captured_at")
    return page(request, "measurement/mentions.html", {"form": form, "said": form.said(), **context})


@require_safe
@needs("measurement.read")
def assignments(request: MemberRequest) -> HttpResponse:
    """List the assignments that a figure counts, the newest first."""
    form = AssignmentsForm(request.GET)
    if not form.is_valid():
        return page(request, "measurement/assignments.html", {"form": form, "rows": []}, status=400)
    at = clock.now()
    wanted = Assignment.objects.filter(form.condition(at))
    if form.cleaned_data.get("member"):
        wanted = wanted.filter(seen_by(request.member))
    context = _paged(request, wanted, wanted.with_mentions(), "created_at")
    context["said"] = form.said()
    context["may_open"] = decide(request.member, "engagement.read")
    context["rows"] = [
        {
            "row": row,
            "wait": clock.seconds_between(row.mention.captured_at, row.first_answered_at)
            if row.first_answered_at
            else None,
            "late": row.is_late(at),
        }
        for row in context["rows"]
    ]
    return page(request, "measurement/assignments.html", {"form": form, **context})


@require_safe
@needs("measurement.read")
def replies(request: MemberRequest) -> HttpResponse:
    """List the replies that a figure counts, the newest first."""
    form = RepliesForm(request.GET)
    if not form.is_valid():
        return page(request, "measurement/replies.html", {"form": form, "rows": []}, status=400)
    wanted = Reply.objects.filter(form.condition())
    full = wanted.select_related("assignment__department", "assignment__mention__post", "by__user", "channel")
    context = _paged(request, wanted, full, "written_at")
    context |= {"said": form.said(), "may_open": decide(request.member, "engagement.read")}
    return page(request, "measurement/replies.html", {"form": form, **context})


def _paged(request: MemberRequest, wanted: QuerySet[Any], full: QuerySet[Any], field: str) -> dict[str, Any]:
    """Read one page by key, and count, up to a bound, all rows and those that are older."""
    shown = list(full.filter(_older(request.GET.get("before", ""), field)).order_by(f"-{field}", "-pk")[:PER_PAGE])
    before = f"{getattr(shown[-1], field).isoformat()},{shown[-1].pk}" if len(shown) == PER_PAGE else ""
    more = _count(wanted.filter(_older(before, field))) if before else 0
    query = request.GET.copy()
    query["before"] = before
    return {
        "rows": shown,
        "total": _count(wanted),
        "more": more,
        "counted_to": COUNTED_TO,
        "next_url": f"?{query.urlencode()}" if more else "",
    }


def _older(before: str, field: str) -> Q:
    """The condition that a row comes after the one named “moment,key”; none where nothing readable is named."""
    moment, _comma, key = before.partition(",")
    try:
        at: datetime | None = parse_datetime(moment)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not key.isdecimal() or len(key) > 18:
        return Q()
    same = Q(**{f"{field}__lt": at}) | Q(**{field: at, "pk__lt": int(key)})
    return Q(**{f"{field}__lte": at}) & same


def _count(rows: QuerySet[Any]) -> int:
    """Count rows, but never more than one above the bound."""
    return rows.order_by()[: COUNTED_TO + 1].count()
