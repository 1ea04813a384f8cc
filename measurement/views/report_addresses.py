"""Reports that are opened to others: the address, and what whoever has it reads."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from measurement.actions import report_addresses as actions
from measurement.housekeeping import open_report
from measurement.letters import in_words_of_paper
from measurement.models import Report, ReportAddress
from measurement.report_forms import AddressForm
from measurement.reporting import for_anybody, tell
from measurement.views.reports import as_paper
from roles import clock
from roles.keys import key_in
from roles.limits import limited
from roles.links import outside_address
from roles.permissions import decide
from roles.respond import MemberRequest, Undo, acting, back_to, done, needs, page, refused_by
from roles.tenancy import answering_for

PAGE = 50


@require_safe
@limited("report-address", most=60, seconds=60)
def public_report(request: HttpRequest, token: str) -> HttpResponse:
    """A report for whoever has its address: without words of other people, and without a way into the application."""
    at = clock.now()
    address = open_report(token, at=at)
    if address is None:
        raise Http404
    with answering_for(address.organization):
        told = for_anybody(tell(address.report, at=at, viewer=None))
        if request.GET.get("as") == "pdf":
            with in_words_of_paper() as lacking:
                response = as_paper(for_anybody(tell(address.report, at=at, viewer=None)) if lacking else told)
        else:
            context = {"report": address.report, "told": told, "organization": address.organization}
            response = render(request, "measurement/public_report.html", context)
        actions.note_reading(address, at=at)
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    # Nothing on the way keeps it: an address that is revoked opens nothing from then on.
    response.headers["Cache-Control"] = "private, no-store"
    return response


@require_POST
@needs("measurement.publish_reports")
def publish_report(request: MemberRequest, pk: int) -> HttpResponse:
    """Open an address at which anybody may read it."""
    there = f"{reverse('measurement:report', args=[pk])}#address"
    form = AddressForm(request.POST)
    row, doing = get_object_or_404(Report, pk=pk), acting(request)
    try:
        address = actions.publish_report(row, days=form.cleaned_data["days"] if form.is_valid() else 0, **doing)
    except ValidationError as problem:
        return refused_by(request, problem, to=there)
    # One that was open before is kept open longer or shorter; to revoke it would take it from all who have it.
    is_new = address.opened_at == doing["at"]
    undo = Undo(reverse("measurement:unpublish_report", args=[pk])) if is_new else None
    message = _("Whoever has the address can read it until %(day)s.") % {
        "day": formats.date_format(address.expires_at.astimezone(request.organization.zone))
    }
    return done(request, message, to=there, undo=undo)


@require_POST
@needs("measurement.publish_reports")
def unpublish_report(request: MemberRequest, pk: int) -> HttpResponse:
    """Revoke its address."""
    actions.unpublish_report(get_object_or_404(Report, pk=pk), **acting(request))
    message = _("The address opens nothing any more. If you open one again, it is another.")
    return done(request, message, to=back_to(request, f"{reverse('measurement:report', args=[pk])}#address"))


@require_safe
@needs("measurement.publish_reports")
def open_addresses(request: MemberRequest) -> HttpResponse:
    """List all addresses at which anybody may read a report now, the newest first."""
    rows = ReportAddress.objects.open(clock.now()).select_related("report", "opened_by__user").order_by("-pk")
    if before := key_in(request.GET.get("before", "")):
        rows = rows.filter(pk__lt=before)
    shown = list(rows[: PAGE + 1])
    may_close = decide(request.member, "measurement.publish_reports", request.organization)
    context = {
        "rows": [
            (row, outside_address("measurement:public_report", row.token) if may_close else "") for row in shown[:PAGE]
        ],
        "next_url": f"?before={shown[PAGE - 1].pk}" if len(shown) > PAGE else "",
        "here": request.get_full_path(),
        "may_close": may_close,
    }
    return page(request, "measurement/open_addresses.html", context)


@require_POST
@needs("measurement.allow_report_addresses")
def allow_report_addresses(request: MemberRequest) -> HttpResponse:
    """Say whether reports may be opened to others at all."""
    allows = request.POST.get("allows") == "yes"
    actions.allow_report_addresses(request.organization, allows=allows, **acting(request))
    message = _("Reports can be opened to others now.") if allows else _("No report is open to others any more.")
    return done(request, message, to=reverse("measurement:reports"))
