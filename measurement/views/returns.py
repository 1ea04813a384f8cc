"""KPIs, and what the work was worth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from measurement import investing, payback_files
from measurement.actions import returns as actions
from measurement.aims import Aim
from measurement.files import as_csv
from measurement.kpis import Standing, standings
from measurement.metrics import METRICS
from measurement.models import Assumption, Kind, Kpi
from measurement.return_forms import OF_WHAT, AssumptionForm, KpiForm, PaybackFileForm
from measurement.saying import money, raw, said
from measurement.selection_forms import SelectionForm, days_in_words
from measurement.views.filling_in import filling_in
from roles import clock
from roles.forms import refusals_in
from roles.permissions import decide
from roles.respond import MemberRequest, Undo, acting, done, needs, page, refused_by

# So many assumptions are shown; the file has all.
MOST = 200


@require_safe
@needs("measurement.read")
def kpis(request: MemberRequest) -> HttpResponse:
    """Show what we measure ourselves by, and where each stands."""
    at = clock.now()
    form = SelectionForm.of_address(request.GET, at=at)
    selection = form.selection(at)
    member = request.member
    groups = standings(selection, at=at, viewer=member)
    if request.GET.get("as") == "csv":
        return as_csv(_standings(groups), name=f"kpis-{selection.window.first}-{selection.window.last}")
    context = {
        "groups": [(kind, rows) for kind, rows in groups if rows],
        # Kinds of which none is set: what is not looked at is worth a thought.
        "unset": [kind for kind, rows in groups if not rows],
        "part": form.cleaned_data.get("department") if form.is_valid() else None,
        "form": form,
        "query_string": request.GET.urlencode(),
        "days": days_in_words(selection.window),
        "may_set": decide(member, "measurement.set_kpis"),
        "tab": "kpis",
    }
    return page(request, "measurement/kpis.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("measurement.set_kpis")
def add_kpi(request: MemberRequest) -> HttpResponse:
    """Say that a metric matters."""
    form = KpiForm(request.POST or None, initial=_begun(request))
    if request.method == "POST" and form.is_valid():
        fields = dict(form.cleaned_data)
        where = fields.pop("department") or request.organization
        with refusals_in(form):
            actions.add_kpi(where, **fields, **acting(request))
            return done(request, _("Kept as a KPI."), to=reverse("measurement:kpis"))
    return _kpi_form(request, form, None)


def _begun(request: MemberRequest) -> dict[str, str]:
    """What an address chooses beforehand."""
    return {"metric": request.GET.get("metric", "targets_met"), "kind": request.GET.get("kind", "")}


@require_http_methods(["GET", "HEAD", "POST"])
@needs("measurement.set_kpis")
def change_kpi(request: MemberRequest, pk: int) -> HttpResponse:
    """Change a KPI."""
    row = get_object_or_404(Kpi.objects.select_related("department", "owner__user"), pk=pk)
    initial = {name: getattr(row, name) for name in ("name", "kind", "metric", "owner")}
    form = KpiForm(request.POST or None, is_new=False, initial={**initial, "target": Aim(row.metric).typed(row.target)})
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            actions.change_kpi(row, **form.cleaned_data, **acting(request))
            return done(request, _("Saved."), to=reverse("measurement:kpis"))
    return _kpi_form(request, form, row)


def _kpi_form(request: MemberRequest, form: KpiForm, row: Kpi | None) -> HttpResponse:
    back = (reverse("measurement:kpis"), _("KPIs"))
    return filling_in(request, form, title=row.name if row else _("Add a KPI"), back=back)


@require_POST
@needs("measurement.set_kpis")
def drop_kpi(request: MemberRequest, pk: int) -> HttpResponse:
    """Measure ourselves by it no more."""
    actions.drop_kpi(get_object_or_404(Kpi, pk=pk), **acting(request))
    undo = Undo(reverse("measurement:take_up_kpi", args=[pk]))
    return done(request, _("The KPI is dropped."), to=reverse("measurement:kpis"), undo=undo)


@require_POST
@needs("measurement.set_kpis")
def take_up_kpi(request: MemberRequest, pk: int) -> HttpResponse:
    """Measure ourselves by it again."""
    actions.take_up_kpi(get_object_or_404(Kpi, pk=pk), **acting(request))
    return done(request, _("It is a KPI again."), to=reverse("measurement:kpis"))


@require_safe
@needs("measurement.read")
def worth(request: MemberRequest) -> HttpResponse:
    """Show payback beside investment, and everything that they rest on."""
    at = clock.now()
    form = SelectionForm.of_address(request.GET, at=at)
    # Hours are told of days and departments, and of nothing else.
    selection = replace(form.selection(at), network="", query=None, topic=None)
    member = request.member
    found = investing.return_of(selection, at=at, viewer=member)
    if request.GET.get("as") == "csv":
        return as_csv(_table(found), name=f"return-{selection.window.first}-{selection.window.last}")
    before = investing.return_of(selection.on(selection.window.before()), at=at, viewer=member)
    rows = Assumption.objects.select_related("department", "stated_by__user").order_by("-first_day", "-pk")
    if request.GET.get("as") == "assumptions":
        return as_csv(_stated(rows), name="assumptions")
    context = {
        "form": form,
        "found": found,
        "said": said("balance", found.value),
        "said_before": said("balance", before.value) if before.value is not None else _("nothing to judge by"),
        "investment": money(found.put_in.amount, found.currency),
        "payback": money(found.payback, found.currency),
        "spent": _spent(found.put_in.hours),
        "is_all": rows.count() <= MOST,
        "lines": [(line, _times(line), money(line.amount, found.currency)) for line in _lines(found)],
        "assumptions": rows[:MOST],
        "of_what": OF_WHAT,
        "days": days_in_words(selection.window),
        "may_state": decide(member, "measurement.state_assumptions"),
        "query_string": request.GET.urlencode(),
        "tab": "worth",
    }
    return page(request, "measurement/return.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("measurement.state_assumptions")
def state_assumption(request: MemberRequest) -> HttpResponse:
    """State what a return rests on."""
    initial = {"currency": investing.currency() or "EUR", "about": request.GET.get("about", Assumption.About.HOUR)}
    form = AssumptionForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        fields = dict(form.cleaned_data)
        where = fields.pop("department") or request.organization
        with refusals_in(form):
            row = actions.state_assumption(where, **fields, **acting(request))
            undo = Undo(reverse("measurement:withdraw_assumption", args=[row.pk]))
            return done(request, _("The figure is stated."), to=reverse("measurement:worth"), undo=undo)
    back = (reverse("measurement:worth"), _("Return"))
    return filling_in(request, form, title=_("State an assumption"), back=back)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("measurement.state_assumptions")
def import_payback(request: MemberRequest) -> HttpResponse:
    """Take over what came in from a file."""
    form = PaybackFileForm(request.POST, request.FILES) if request.method == "POST" else PaybackFileForm()
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            lines = payback_files.read(form.cleaned_data["text"])
            stated = actions.import_payback(request.organization, lines=lines, **acting(request))
            message = ngettext("%(n)s line was imported.", "%(n)s lines were imported.", stated) % {"n": stated}
            return done(request, message, to=reverse("measurement:worth"))
    lead = _("What came in, or was saved, over some days: a line for each sum, as a shop or the books export it.")
    how = _(
        "The first line names the columns: %(names)s. Days are written as 2027-01-31, amounts as 1234.50; a department"
        " may be left out. A line that is there already is left as it is; where one line is wrong, none is imported."
    ) % {"names": ", ".join(payback_files.COLUMNS)}
    back = (reverse("measurement:worth"), _("Return"))
    return filling_in(
        request, form, title=_("Payback from a file"), back=back, label=_("Import"), lead=lead, lines=[how]
    )


@require_POST
@needs("measurement.state_assumptions")
def withdraw_assumption(request: MemberRequest, pk: int) -> HttpResponse:
    """Let no return rest on it any more."""
    actions.withdraw_assumption(get_object_or_404(Assumption, pk=pk), **acting(request))
    undo = Undo(reverse("measurement:restore_assumption", args=[pk]))
    return done(request, _("The figure is withdrawn."), to=reverse("measurement:worth"), undo=undo)


@require_POST
@needs("measurement.state_assumptions")
def restore_assumption(request: MemberRequest, pk: int) -> HttpResponse:
    """Let a return rest on it again."""
    try:
        actions.restore_assumption(get_object_or_404(Assumption, pk=pk), **acting(request))
    except ValidationError as problem:
        return refused_by(request, problem, to=reverse("measurement:worth"))
    return done(request, _("It holds again."), to=reverse("measurement:worth"))


def _standings(groups: Sequence[tuple[Kind, Sequence[Standing]]]) -> list[list[Any]]:
    head = [_("KPI"), _("Kind"), _("Metric"), _("Department"), _("Owner"), _("Now"), _("Before"),
            _("Usual of the last year"), _("Target"), _("State"), _("Looked at")]  # fmt: skip
    return [head, *(
        [
            one.kpi.name, str(kind.label), str(METRICS[one.kpi.metric].label), str(one.kpi.department or ""),
            str(one.kpi.owner or ""), raw(one.figure), raw(one.then), raw(one.usual.median if one.usual else None),
            raw(one.kpi.target),
            "" if one.is_reached is None else _("reached") if one.is_reached else _("not reached"),
            one.as_of.isoformat() if one.as_of else "",
        ]
        for kind, rows in groups for one in rows
    )]  # fmt: skip


def _stated(rows: Iterable[Assumption]) -> list[list[Any]]:
    head = [_("What"), _("Each of what"), _("Amount"), _("Currency"), _("Kind"), _("From"), _("Until"), _("Department"),
            _("How we know"), _("Stated at"), _("By"), _("Withdrawn at")]  # fmt: skip
    return [head, *(
        [
            row.get_about_display(), str(OF_WHAT.get(row.metric, "")), row.amount, row.currency, row.get_kind_display(),
            row.first_day.isoformat(), row.last_day.isoformat() if row.last_day else "", str(row.department or ""),
            row.source, row.stated_at.isoformat(), str(row.stated_by or ""),
            row.withdrawn_at.isoformat() if row.withdrawn_at else "",
        ]
        for row in rows
    )]  # fmt: skip


def _spent(hours: float | None) -> str:
    """How many hours were put in, in a sentence where there is no figure."""
    if hours is None:
        return _("the hours are not shown")
    return _("%(hours)s spent") % {"hours": said("hours", hours)} if hours else _("no hours were spent on these days")


def _lines(found: investing.Return) -> list[investing.Line]:
    return [*found.put_in.lines, *found.lines]


def _times(line: investing.Line) -> str:
    if line.assumption.about == Assumption.About.HOUR:
        return said("hours", line.times)
    return said("share", line.times) if line.assumption.about == Assumption.About.SUM else said("count", line.times)


def _table(found: investing.Return) -> list[list[Any]]:
    head = [_("What"), _("Each of what"), _("Amount"), _("Currency"), _("How often"), _("Together"), _("How we know")]
    rows = [
        [
            line.assumption.get_about_display(), str(OF_WHAT.get(line.assumption.metric, "")), line.assumption.amount,
            line.assumption.currency, round(line.times, 4), round(line.amount, 2), line.assumption.source,
        ]
        for line in _lines(found)
    ]  # fmt: skip
    whole = found.value
    return [head, *rows, [_("Return"), "", "", "", "", "" if whole is None else round(whole, 4), ""]]
