"""Surge plans: what is prepared, what is in force, and how it went."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from maturity.actions import surges as actions
from maturity.aftermath import aftermath
from maturity.models import SurgePlan
from maturity.surge_forms import LessonsForm, SurgeForm
from maturity.surge_levels import held_back
from maturity.surge_pictures import timeline
from roles import clock
from roles.forms import refusals_in
from roles.keys import key_in
from roles.permissions import decide, require
from roles.respond import MemberRequest, acting, done, needs, page, refused_by

PAGE = 30


@require_safe
@needs("maturity.read_surges")
def surges(request: MemberRequest) -> HttpResponse:
    """Show plans, the newest first, and those with times on a time line."""
    rows = SurgePlan.objects.with_people().order_by("-pk")
    if before := key_in(request.GET.get("before", "")):
        rows = rows.filter(pk__lt=before)
    shown = list(rows[: PAGE + 1])
    context = {
        "plans": shown[:PAGE],
        "older": shown[PAGE - 1].pk if len(shown) > PAGE else None,
        "timeline": timeline(shown[:PAGE], at=clock.now()),
        "may_plan": decide(request.member, "maturity.plan_surges"),
    }
    return page(request, "maturity/surges.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("maturity.plan_surges")
def plan_surge(request: MemberRequest) -> HttpResponse:
    """Plan for more than usual."""
    member = request.member
    form = SurgeForm(request.POST if request.method == "POST" else None, member=member)
    if request.method == "POST" and form.is_valid():
        where = form.cleaned_data["department"] or request.organization
        with refusals_in(form, PermissionDenied):
            row = actions.plan_surge(where, **form.said(), by=member, at=clock.now())
            return done(request, _("The surge plan is made."), to=reverse("maturity:surge", args=[row.pk]))
    return _form_page(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("maturity.plan_surges")
def change_surge(request: MemberRequest, pk: int) -> HttpResponse:
    """Change a plan."""
    row, member = _found(pk), request.member
    require(member, "maturity.plan_surges", row)
    form = SurgeForm(request.POST if request.method == "POST" else None, member=member, instance=row)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form, PermissionDenied):
            actions.change_surge(row, **form.said(), by=member, at=clock.now())
            return done(request, _("Saved."), to=reverse("maturity:surge", args=[pk]))
    return _form_page(request, form, row)


@require_safe
@needs("maturity.read_surges")
def surge(request: MemberRequest, pk: int) -> HttpResponse:
    """Show a plan with what it brings, and how it went."""
    return _page(request, _found(pk))


@require_POST
@needs("maturity.plan_surges")
def switch_surge_on(request: MemberRequest, pk: int) -> HttpResponse:
    """Bring it into force."""
    return _do(request, pk, actions.switch_surge_on, _("It is in force; everybody who helps has been written to."))


@require_POST
@needs("maturity.plan_surges")
def switch_surge_off(request: MemberRequest, pk: int) -> HttpResponse:
    """End it."""
    return _do(request, pk, actions.switch_surge_off, _("It is over; what it brought is taken away."))


@require_POST
@needs("maturity.plan_surges")
def drop_surge(request: MemberRequest, pk: int) -> HttpResponse:
    """Drop it."""
    return _do(request, pk, actions.drop_surge, _("The surge plan is dropped."))


@require_POST
@needs("maturity.plan_surges")
def write_lessons(request: MemberRequest, pk: int) -> HttpResponse:
    """Write down what was learned."""
    row, form = _found(pk), LessonsForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            actions.write_lessons(row, **form.cleaned_data, **acting(request))
            return done(request, _("Saved."), to=reverse("maturity:surge", args=[pk]))
    return _page(request, row, form)


def _do(request: MemberRequest, pk: int, action: Any, message: str) -> HttpResponse:
    row = _found(pk)
    address = reverse("maturity:surge", args=[pk])
    try:
        action(row, **acting(request))
    except ValidationError as problem:
        return refused_by(request, problem, to=address)
    return done(request, message, to=address)


def _found(pk: int) -> SurgePlan:
    return get_object_or_404(SurgePlan.objects.with_people(), pk=pk)


def _form_page(request: MemberRequest, form: SurgeForm, row: SurgePlan | None = None) -> HttpResponse:
    return page(request, "maturity/surge_form.html", {"form": form, "plan": row}, status=422 if form.errors else 200)


def _page(request: MemberRequest, row: SurgePlan, form: LessonsForm | None = None) -> HttpResponse:
    member, at = request.member, clock.now()
    may_plan = decide(member, "maturity.plan_surges", row)
    parts = list(row.parts.select_related("member__user", "rule", "saved_reply").order_by("is_on_call", "pk"))
    called = [part for part in parts if part.is_on_call]
    others = [part for part in parts if not part.is_on_call]
    titles = ((_("Who helps"), "member"), (_("Routing rules"), "rule"), (_("Saved replies"), "saved_reply"))
    context = {
        "plan": row,
        "parts": [
            *((title, [part for part in others if getattr(part, f"{name}_id")]) for title, name in titles),
            (_("On call"), called),
        ],
        "held_back": held_back([row]).get(row.pk, []),
        "after": aftermath(row, member, at=at),
        "may_plan": may_plan,
        "lessons_form": form or (LessonsForm(initial={"text": row.lessons}) if may_plan and row.on_at else None),
    }
    return page(request, "maturity/surge.html", context, status=422 if form is not None else 200)
