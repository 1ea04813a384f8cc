"""One metric in depth, as a page and as a file."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils import formats
from django.utils.dateparse import parse_date
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from measurement import charts, exploring, pictures, timeline
from measurement.exploring import Part
from measurement.files import as_csv
from measurement.measuring import looked_at
from measurement.metric import Kind
from measurement.metrics import METRICS
from measurement.pictures import NARROW, TIME_STEPS, WIDE
from measurement.saying import IN_SHORT, looked, number, raw, said, short
from measurement.selection_forms import SelectionForm, days_in_words
from roles import clock
from roles.permissions import decide
from roles.respond import MemberRequest, needs, page
from roles.wording import in_order, labelled

SHARE_STEPS = (0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0)
# Which are drawn, with their table behind the picture; the others are picture and table in one.
DRAWN = ("time", "spread")


@require_safe
@needs("measurement.read")
def explore(request: MemberRequest) -> HttpResponse:
    """Show a metric over time, by department, network, query, topic or hour of the week, or how it is spread."""
    at = clock.now()
    form, by, key = _asked(request, at)
    asked = form.selection(at)
    selection = exploring.in_weeks(asked, by)
    other = form.other(selection) or selection.on(selection.window.before())
    found = exploring.parts(key, by, selection, other, at=at, viewer=request.member)
    context: dict[str, Any] = {
        "form": form, "by": by, "key": key, "metric": METRICS[key], "days": days_in_words(selection.window),
        "beside": form.said_beside(), "tab": "explore", "parts": found, "by_label": exploring.BY[by],
        "ways": exploring.BY.items(), "may_people": decide(request.member, "measurement.read_people"),
        "metrics": [(name, exploring.named(name, by)) for name in exploring.choices(by)],
        "title": exploring.title_of(key, by),
        "query_string": _query(request, by, key),
        "told": selection.tells(METRICS[key].about, by=by),
        "looked": looked(looked_at(selection, [key]).get(key), at=at) if found else "",
    }  # fmt: skip
    if by == "hour" and found:
        context["weeks"] = _weeks(key, found, context["days"], form.said_beside())
        context["hours"] = range(24)
        context["in_short"] = IN_SHORT.get(METRICS[key].kind, "")
        context["is_cut"], context["is_beside"] = selection != asked, exploring.can_lie_beside(key, selection, other)
    elif by in DRAWN and any(part.now is not None for part in found):
        context["picture"] = _picture(key, by, found, form.said_beside())
        if by == "time":
            marks = timeline.marks(selection.window, selection.department)
            shown = [(mark, mark.url_for(request.member)) for mark in marks]
            context["picture"]["notes"] = pictures.notes_on(shown, list(selection.window.steps()))
    return page(request, "measurement/explore.html", context)


@require_safe
@needs("measurement.read")
def explore_file(request: MemberRequest) -> HttpResponse:
    """Give the same as CSV."""
    at = clock.now()
    form, by, key = _asked(request, at)
    selection = exploring.in_weeks(form.selection(at), by)
    other = form.other(selection) or selection.on(selection.window.before())
    label = str(METRICS[key].label)
    found = exploring.parts(key, by, selection, other, at=at, viewer=request.member)
    rows: list[list[Any]]
    if by == "hour":
        rows = [[_("Days"), _("Day"), *range(24)]]
        for days, week in _weeks(key, found, days_in_words(selection.window), form.said_beside()) if found else []:
            rows += [[days, day, *(raw(count) for count, *_rest in cells)] for day, cells in week]
    else:
        label = _("Number") if by == "spread" else label
        rows = [[str(exploring.BY[by]), label, f"{label} ({form.said_beside()})"]]
        rows += [[part.key if by == "time" else part.label, raw(part.now), raw(part.before)] for part in found]
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


# The hours of a day: how much, the same in few signs and in words, the way to the rows, and its tone.
Week = list[tuple[str, list[tuple[float | None, str, str, str, str]]]]


def _weeks(key: str, found: list[Part], days: str, beside: str) -> list[tuple[str, Week]]:
    """The hours of the week, of these days and of those beside them; what is as much is as dark in both."""
    highest = max(max(abs(part.now or 0), abs(part.before or 0)) for part in found)
    cells = [[(part.now, part.said, part.url) for part in found]]
    cells += [[(part.before, part.said_before, part.before_url) for part in found]] if _has_before(found) else []
    return [(name, _week(one, highest, METRICS[key].kind)) for name, one in zip((days, beside), cells, strict=False)]


def _has_before(found: list[Part]) -> bool:
    return any(part.before for part in found)


def _week(cells: list[tuple[float | None, str, str]], highest: float, kind: Kind) -> Week:
    tones = [tone for day in exploring.tones([one[0] for one in cells], highest) for tone in day]
    shown = [
        (value, short(kind, value), words, url, tone) for (value, words, url), tone in zip(cells, tones, strict=True)
    ]
    return [(str(name), shown[24 * day : 24 * day + 24]) for day, name in enumerate(WEEKDAYS.values())]


def _picture(key: str, by: str, found: list[Part], beside: str) -> dict[str, Any]:
    """Columns for a distribution, two lines for what went on and what it is laid beside."""
    metric = METRICS[key]
    series: tuple[tuple[int, str], ...]
    if by == "spread":
        labels = [part.label for part in found]
        values = [[part.now or 0.0 for part in found]]
        wide, narrow = (
            charts.columns(values, labels, width=width, height=height, say=number) for width, height in (WIDE, NARROW)
        )
        series, summary = ((3, _("Number")),), _("%(n)s times") % {"n": number(sum(values[0]))}
    else:
        labels = [formats.date_format(parse_date(part.key) or "", in_order("j M")) for part in found]
        steps = {"seconds": TIME_STEPS, "share": SHARE_STEPS}.get(metric.kind, ())
        wide, narrow = (
            charts.lines(
                [[part.now for part in found], [part.before for part in found]], labels, width=width, height=height,
                say=lambda value: said(metric.kind, value), steps=steps,
            )
            for width, height in (WIDE, NARROW)
        )  # fmt: skip
        series = ((1, str(metric.label)), (8, beside))
        known = [part for part in found if part.now is not None]
        highest = max(known, key=lambda part: part.now or 0)
        summary = _("Most: %(figure)s, %(when)s") % {"figure": highest.said, "when": highest.label}
    return {
        "key": by,
        "title": exploring.title_of(key, by),
        "summary": summary,
        "series": series,
        # What has no rows of its own leads to where it stands.
        "steps": [
            (part.url or "#depth-head", f"{part.label}\n{part.said}\n{labelled(beside, part.said_before)}")
            for part in found
        ],
        "wide": wide,
        "narrow": narrow,
    }
