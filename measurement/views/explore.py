"""One metric in depth, as a page and as a file."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from measurement import exploring
from measurement.files import as_csv
from measurement.metrics import METRICS
from measurement.opening import rows_url
from measurement.pictures import spread_picture
from measurement.reading import by_hour_of_week
from measurement.saying import raw
from measurement.selecting import Selection
from measurement.selection_forms import SelectionForm, days_in_words
from roles import clock
from roles.permissions import decide
from roles.respond import MemberRequest, needs, page


@require_safe
@needs("measurement.read")
def explore(request: MemberRequest) -> HttpResponse:
    """Show a metric by department, network, query, topic or hour of the week, or how it is spread."""
    at = clock.now()
    form, by, key = _asked(request, at)
    selection = form.selection(at)
    other = form.other(selection) or selection.on(selection.window.before())
    context: dict[str, Any] = {
        "form": form, "by": by, "key": key, "metric": METRICS[key], "days": days_in_words(selection.window),
        "beside": form.said_beside(), "tab": "explore",
        "ways": exploring.BY.items(), "may_people": decide(request.member, "measurement.read_people"),
        "metrics": [(name, METRICS[name].label) for name in exploring.choices(by)],
        "query_string": _query(request, by, key),
        "told": selection.tells(of_work=METRICS[key].of_departments, by=by),
    }  # fmt: skip
    if context["told"]:
        context |= _shown(key, by, selection, other, at)
    return page(request, "measurement/explore.html", context)


def _shown(key: str, by: str, selection: Selection, other: Selection, at: datetime) -> dict[str, Any]:
    if by == "hour":
        week = by_hour_of_week(selection, key)
        days = list(zip(map(str, WEEKDAYS.values()), exploring.shades(week), strict=True))
        return {"week": days, "hours": range(24)} if any(week) else {}
    if by == "spread":
        steps = exploring.spread(key, selection, at=at)
        if not any(count for _label, count in steps):
            return {}
        return {"picture": spread_picture("spread", str(METRICS[key].label), steps, rows_url(key, selection))}
    return {"parts": exploring.parts(key, by, selection, other, at=at)}


@require_safe
@needs("measurement.read")
def explore_file(request: MemberRequest) -> HttpResponse:
    """Give the same as CSV."""
    at = clock.now()
    form, by, key = _asked(request, at)
    selection = form.selection(at)
    other = form.other(selection) or selection.on(selection.window.before())
    label = str(METRICS[key].label)
    rows: list[list[Any]]
    if by == "hour":
        week = by_hour_of_week(selection, key)
        rows = [[_("Day"), *range(24)]]
        rows += [[str(WEEKDAYS[day]), *week[24 * day : 24 * day + 24]] for day in range(7)]
    elif by == "spread":
        rows = [[label, _("Number")], *map(list, exploring.spread(key, selection, at=at))]
    else:
        found_parts = exploring.parts(key, by, selection, other, at=at)
        rows = [[str(exploring.BY[by]), label, f"{label} ({form.said_beside()})"]]
        rows += [[part.label, raw(part.now), raw(part.before)] for part in found_parts]
    if not selection.tells(of_work=METRICS[key].of_departments, by=by):
        rows = rows[:1]
    return as_csv(rows, name=f"{key}-{by}-{selection.window.first}-{selection.window.last}")


def _asked(request: MemberRequest, at: datetime) -> tuple[SelectionForm, str, str]:
    """The filters, the way of looking, and a metric that can be looked at in that way."""
    by = request.GET.get("by", "")
    by = by if by in exploring.BY else "department"
    offered = exploring.choices(by)
    key = request.GET.get("metric", "")
    if key not in offered:
        key = "targets_met" if by == "department" else offered[0]
    return SelectionForm.of_address(request.GET, at=at), by, key


def _query(request: MemberRequest, by: str, key: str) -> str:
    query = request.GET.copy()
    query["by"], query["metric"] = by, key
    return query.urlencode()
