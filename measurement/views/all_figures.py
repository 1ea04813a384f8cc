"""Every metric with its figure and its definition, as a page and as a file."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from measurement.files import as_csv
from measurement.investing import currency
from measurement.measuring import Measured, measure
from measurement.metrics import in_groups
from measurement.opening import place_url, rows_url
from measurement.promotion import promotion_picture
from measurement.saying import raw, said
from measurement.selecting import Selection
from measurement.selection_forms import SelectionForm, days_in_words
from roles import clock
from roles.respond import MemberRequest, needs, page


@require_safe
@needs("measurement.read")
def all_figures(request: MemberRequest) -> HttpResponse:
    """Show every metric beside what it is compared with, and say how each is made."""
    at = clock.now()
    form = SelectionForm.of_address(request.GET, at=at)
    selection = form.selection(at)
    other = form.other(selection) or selection.on(selection.window.before())
    found = measure(selection, at=at, beside=form.other(selection), viewer=request.member)
    money = currency()
    groups = [
        (label, [_shown(key, metric, found.get(key), selection, other, money) for key, metric in metrics.items()])
        for label, metrics in in_groups().items()
    ]
    context = {
        "form": form,
        "days": days_in_words(selection.window),
        "beside": form.said_beside(),
        "groups": groups,
        "promotion": promotion_picture(at=at),
        "query_string": request.GET.urlencode(),
        "tab": "all",
    }
    return page(request, "measurement/all_figures.html", context)


@require_safe
@needs("measurement.read")
def all_figures_file(request: MemberRequest) -> HttpResponse:
    """Give every metric, its figures and its definition as CSV."""
    at = clock.now()
    form = SelectionForm.of_address(request.GET, at=at)
    selection = form.selection(at)
    found = measure(selection, at=at, beside=form.other(selection), viewer=request.member)
    head = [_("Metric"), _("Figure"), _("Beside"), _("Unit"), _("Formula"), _("Counts"), _("Of"), _("Clock"),
            _("Left out"), _("Precision"), _("From"), _("Looked at")]  # fmt: skip
    rows = [
        [str(one.metric.label), raw(one.now), raw(one.before), _unit(one), *(str(text) for text in (
            one.metric.formula, one.metric.counts, one.metric.denominator, one.metric.clock, one.metric.exclusions,
            one.metric.precision, one.metric.source)), one.as_of.isoformat() if one.as_of else ""]
        for one in found.values()
    ]  # fmt: skip
    return as_csv([head, *rows], name=f"figures-{selection.window.first}-{selection.window.last}")


@require_safe
@needs("measurement.read")
def promotion_file(request: MemberRequest) -> HttpResponse:
    """Give what was about ourselves, week by week, as CSV."""
    picture = promotion_picture(at=clock.now())
    rows = [[cell.raw if isinstance(cell.raw, str) else raw(cell.raw) for cell in row] for row in picture.rows]
    return as_csv([list(picture.heads), *rows], name=picture.key)


def _shown(
    key: str, metric: Any, one: Measured | None, selection: Selection, other: Selection, money: str
) -> dict[str, Any]:
    if one is None:
        return {"key": key, "metric": metric, "place": place_url(metric.place)}
    return {
        "key": key,
        "metric": metric,
        "one": one,
        "now": said(metric.kind, one.now, currency=money),
        "before": said(metric.kind, one.before, currency=money),
        "url": rows_url(key, selection) if one.now is not None else "",
        "before_url": rows_url(key, other) if one.before is not None else "",
    }


def _unit(one: Measured) -> str:
    """In a file shares go from 0 to 1 and times are in seconds."""
    units = {"share": _("from 0 to 1"), "balance": _("from -1 to 1"), "seconds": _("seconds"), "level": _("0 to 3")}
    return str(units.get(one.metric.kind, one.metric.unit))
