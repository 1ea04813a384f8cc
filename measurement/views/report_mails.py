"""Reports by e-mail: who wants them, and those that could not be mailed."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from measurement.actions import report_mails as actions
from measurement.models import Report
from measurement.report_links import read_stop_key
from roles import clock
from roles.housekeeping import member_of
from roles.respond import MemberRequest, acting, done, needs, refused_by
from roles.tenancy import answering_for


@require_POST
@needs("measurement.read")
def choose_report_mails(request: MemberRequest, pk: int) -> HttpResponse:
    """Say whether one wants a report by e-mail."""
    there = reverse("measurement:report", args=[pk])
    wants_it = request.POST.get("wants") == "yes"
    try:
        actions.choose_report_mails(get_object_or_404(Report, pk=pk), wants_it=wants_it, **acting(request))
    except ValidationError as problem:
        return refused_by(request, problem, to=there)
    return done(request, _("You get it by e-mail.") if wants_it else _("You get no more mails of it."), to=there)


@csrf_exempt  # mail programs send it with one click and know no cookie; the key in the address says who it is
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop_report_mails(request: HttpRequest, key: str) -> HttpResponse:
    """The page behind a mail's link: end the mails of a report for the one whom the link names."""
    named = read_stop_key(key)
    member = member_of(named[0], named[2]) if named else None
    if named is None or member is None:
        raise Http404
    with answering_for(member.organization):
        row = get_object_or_404(Report, pk=named[1])
        is_stopped = request.method == "POST"
        if is_stopped:
            actions.stop_report_mails(row, member=member, at=clock.now())
        context = {"report": row, "member": member, "stopped": is_stopped}
        return render(request, "measurement/stop_report_mails.html", context)


@require_POST
@needs("measurement.compose_reports")
def try_report_again(request: MemberRequest, pk: int) -> HttpResponse:
    """Have a report that could not be mailed tried again."""
    there = reverse("measurement:report", args=[pk])
    try:
        actions.try_report_again(get_object_or_404(Report, pk=pk), **acting(request))
    except ValidationError as problem:
        return refused_by(request, problem, to=there)
    return done(request, _("It is tried again now."), to=there)
