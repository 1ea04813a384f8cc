"""Reports: composed, read, taken along as paper or file."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from measurement.actions import report_addresses
from measurement.actions import reports as actions
from measurement.files import as_csv
from measurement.letters import in_words_of_paper
from measurement.models import Report
from measurement.only import Names
from measurement.paper import as_pdf
from measurement.report_forms import AddressForm, ReportForm, block_forms
from measurement.reporting import as_rows, tell
from measurement.rules import may_change_report
from roles import clock
from roles.forms import take_over
from roles.keys import key_in
from roles.links import outside_address
from roles.models import Member
from roles.permissions import decide
from roles.respond import MemberRequest, Undo, acting, done, needs, page

PAGE = 50


@require_safe
@needs("measurement.read")
def reports(request: MemberRequest) -> HttpResponse:
    """List the reports that are kept."""
    rows = Report.objects.kept().select_related("owner__user")
    if after := key_in(request.GET.get("after", "")):
        rows = rows.behind(after)
    shown = list(rows[: PAGE + 1])
    names = Names.of(row.only for row in shown)
    context = {
        "rows": [(row, names.of_part(row.only).short) for row in shown[:PAGE]],
        "next_url": f"?after={shown[PAGE - 1].pk}" if len(shown) > PAGE else "",
        "may_publish": decide(request.member, "measurement.publish_reports"),
        "may_compose": decide(request.member, "measurement.compose_reports"),
        "may_allow": decide(request.member, "measurement.allow_report_addresses"),
        "are_allowed": report_addresses.are_allowed(),
        "tab": "reports",
    }
    return page(request, "measurement/reports.html", context)


@require_safe
@needs("measurement.read")
def report(request: MemberRequest, pk: int) -> HttpResponse:
    """Show a report: of its newest period, or of an earlier one."""
    row = get_object_or_404(Report.objects.select_related("owner__user"), pk=pk)
    member, at = request.member, clock.now()
    told = tell(row, at=at, viewer=member, until=_until(request))
    earlier = told.window.before()
    context = {
        "report": row, "told": told, "earlier": earlier.last, "is_newest": _until(request) is None,
        "readers": Member.objects.active().filter(pk__in=row.readers.wanting().values("member"))
        .select_related("user").by_name(),
        "reads_mails": row.readers.filter(member=member).values_list("wants_it", flat=True).first(),
        "may_compose": may_change_report(member, row, at=at), **_address(row, member),
    }  # fmt: skip
    return page(request, "measurement/report.html", context)


def _address(row: Report, member: Member) -> dict[str, Any]:
    """What whoever may open a report to others sees of its address."""
    if not decide(member, "measurement.publish_reports", row):
        return {"may_publish": False}
    address = row.addresses.filter(revoked_at=None, expires_at__gt=clock.now()).first()
    url = outside_address("measurement:public_report", address.token) if address else ""
    allowed = report_addresses.are_allowed()
    return {"may_publish": allowed, "address": address if allowed else None, "address_url": url, "terms": AddressForm()}


@require_safe
@needs("measurement.read")
def report_paper(request: MemberRequest, pk: int) -> HttpResponse:
    """Give a report as PDF."""
    row = get_object_or_404(Report, pk=pk)
    with in_words_of_paper():
        return as_paper(tell(row, at=clock.now(), viewer=None, until=_until(request)))


@require_safe
@needs("measurement.read")
def report_file(request: MemberRequest, pk: int) -> HttpResponse:
    """Give a report as CSV."""
    row = get_object_or_404(Report, pk=pk)
    told = tell(row, at=clock.now(), viewer=None, until=_until(request))
    return as_csv(as_rows(told), name=told.name)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("measurement.compose_reports")
def compose_report(request: MemberRequest) -> HttpResponse:
    """Compose a report."""
    return _compose(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("measurement.compose_reports")
def change_report(request: MemberRequest, pk: int) -> HttpResponse:
    """Compose it otherwise."""
    return _compose(request, get_object_or_404(Report.objects.select_related("owner__user"), pk=pk))


@require_POST
@needs("measurement.compose_reports")
def drop_report(request: MemberRequest, pk: int) -> HttpResponse:
    """Keep it no more."""
    actions.drop_report(get_object_or_404(Report, pk=pk), **acting(request))
    undo = Undo(reverse("measurement:take_up_report", args=[pk]))
    return done(request, _("The report is dropped."), to=reverse("measurement:reports"), undo=undo)


@require_POST
@needs("measurement.compose_reports")
def take_up_report(request: MemberRequest, pk: int) -> HttpResponse:
    """Keep it again."""
    actions.take_up_report(get_object_or_404(Report, pk=pk), **acting(request))
    return done(request, _("It is kept again."), to=reverse("measurement:report", args=[pk]))


def as_paper(told: Any) -> HttpResponse:
    """Answer with a report as PDF."""
    response = HttpResponse(as_pdf(told), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{told.name}.pdf"'
    return response


def _until(request: MemberRequest) -> date | None:
    """The last day of an earlier period, where the address names one."""
    try:
        return parse_date(request.GET.get("until", ""))
    except ValueError:
        return None


def _compose(request: MemberRequest, row: Report | None) -> HttpResponse:
    typed = (request.POST,) if request.method == "POST" else ()
    form, blocks = ReportForm.of(row, *typed, member=request.member), block_forms(row, *typed)
    if typed and form.is_valid() & blocks.is_valid():
        fields = {**form.cleaned_data, "blocks": blocks.chosen}
        try:
            if row is None:
                kept = actions.compose_report(request.organization, **fields, **acting(request))
            else:
                kept = actions.change_report(row, **fields, **acting(request))
        except ValidationError as problem:
            take_over(form, problem)
        else:
            return done(request, _("Saved."), to=reverse("measurement:report", args=[kept.pk]))
    context = {"form": form, "blocks": blocks, "report": row}
    return page(request, "measurement/report_form.html", context, status=422 if typed else 200)
