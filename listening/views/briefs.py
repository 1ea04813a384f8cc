"""Briefs: what was said that concerns a department, for people who are not here daily."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from listening.actions import briefs as actions
from listening.briefs import read_stop_key, readers, tell
from listening.forms import BriefPlanForm
from listening.models import Brief, BriefPlan
from roles import clock
from roles.forms import refusals_in
from roles.housekeeping import member_of
from roles.keys import key_in
from roles.permissions import decide
from roles.respond import MemberRequest, acting, done, needs, page, refused_by
from roles.tenancy import answering_for

PAGE = 30


@require_safe
@needs("listening.read_briefs")
def briefs(request: MemberRequest) -> HttpResponse:
    """Show the briefs that were made, and when the next ones are."""
    return _page(request)


@require_safe
@needs("listening.read_briefs")
def brief(request: MemberRequest, pk: int) -> HttpResponse:
    """One brief."""
    row = get_object_or_404(Brief.objects.select_related("department", "plan__department"), pk=pk)
    return page(request, "listening/brief.html", {"brief": row, "said": tell(row.content)})


@require_POST
@needs("listening.manage_briefs")
def plan_briefs(request: MemberRequest) -> HttpResponse:
    """Say when the briefs of a department are made."""
    form = BriefPlanForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            actions.plan_briefs(request.organization, **form.cleaned_data, **acting(request))
            return done(request, _("Saved."), to=reverse("listening:briefs"))
    return _page(request, form=form, status=422)


@require_POST
@needs("listening.manage_briefs")
def make_brief(request: MemberRequest, pk: int) -> HttpResponse:
    """Make the next brief now and mail it."""
    plan = get_object_or_404(BriefPlan.objects.select_related("department__organization"), pk=pk)
    try:
        row = actions.make_brief(plan, **acting(request))
    except ValidationError as problem:
        return refused_by(request, problem, to=reverse("listening:briefs"))
    message = (
        _("Made; there was nothing to tell, so nobody is mailed.")
        if row.is_quiet
        else _("Made, and mailed to %(count)d.") % {"count": row.sent_to}
    )
    return done(request, message, to=reverse("listening:brief", args=[row.pk]))


@require_POST
@needs("listening.read_briefs")
def choose_briefs(request: MemberRequest, pk: int) -> HttpResponse:
    """Say whether one wants the briefs of a plan by e-mail."""
    plan = get_object_or_404(BriefPlan.objects.select_related("department__organization"), pk=pk)
    wants_it = request.POST.get("wants") == "yes"
    actions.choose_briefs(plan, wants_it=wants_it, **acting(request))
    message = _("You get these briefs by e-mail.") if wants_it else _("You get no more of these briefs.")
    return done(request, message, to=reverse("listening:briefs"))


@csrf_exempt  # mail programs send it with one click and know no cookie; the key in the address says who it is
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop_briefs(request: HttpRequest, key: str) -> HttpResponse:
    """The page behind a mail's link: end these briefs for the one whom the link names."""
    named = read_stop_key(key)
    member = member_of(named[0], named[2]) if named else None
    if named is None or member is None:
        raise Http404
    with answering_for(member.organization):
        plan = get_object_or_404(BriefPlan.objects.select_related("department__organization"), pk=named[1])
        is_stopped = request.method == "POST"
        if is_stopped:
            actions.choose_briefs(plan, wants_it=False, by=member, at=clock.now())
        return render(request, "listening/stop_briefs.html", {"plan": plan, "member": member, "stopped": is_stopped})


def _page(request: MemberRequest, *, form: BriefPlanForm | None = None, status: int = 200) -> HttpResponse:
    member = request.member
    plans = list(BriefPlan.objects.select_related("department__organization").order_by("department__name", "pk"))
    rows = Brief.objects.select_related("department").order_by("-until", "-pk")
    if before := key_in(request.GET.get("before", "")):
        rows = rows.filter(pk__lt=before)
    shown = list(rows[: PAGE + 1])
    to = readers(plans)
    context = {
        "plans": [{"plan": plan, "readers": to[plan.pk], "is_mine": member in to[plan.pk]} for plan in plans],
        "briefs": shown[:PAGE],
        "older": shown[PAGE - 1].pk if len(shown) > PAGE else None,
        "form": form or BriefPlanForm(initial={"weekdays": ["0"], "at_time": "08:00", "is_active": True}),
        "may_manage": decide(member, "listening.manage_briefs"),
    }
    return page(request, "listening/briefs.html", context, status=status)
