"""Response targets, and what became of their promises."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from engagement.actions import targets as actions
from engagement.models import ResponseTarget, TargetEvent
from engagement.promises import Targets
from engagement.target_forms import MissedForm, ResponseTargetForm
from engagement.target_words import applies_in_words, counted_in_words, promised_in_words
from roles import clock
from roles.forms import refusals_in
from roles.keys import key_in
from roles.permissions import decide
from roles.respond import MemberRequest, acting, done, needs, page, refused_by

PER_PAGE = 50
FRIDAY = 4


@require_safe
@needs("engagement.read")
def targets(request: MemberRequest) -> HttpResponse:
    """All targets in words, each with an example."""
    member = request.member
    known = Targets()
    rows = ResponseTarget.objects.select_related("department").order_by("-is_default", "name")
    zone = member.organization.zone
    friday = _friday(clock.now(), zone)
    context = {
        "targets": [
            {
                "row": row,
                "applies": applies_in_words(row),
                "promised": promised_in_words(row),
                "counted": counted_in_words(row),
                "start": friday,
                "due": _due(row, known, friday, zone),
            }
            for row in rows
        ],
        "has_calendar": known.calendars.of_department(None) is not None,
        "organization_minutes": member.organization.response_minutes,
        "may_manage": decide(member, "engagement.manage_targets"),
    }
    return page(request, "engagement/targets.html", context)


def _friday(at: datetime, zone: ZoneInfo) -> datetime:
    """Half past four on the next Friday, where most hours end soon after."""
    local = at.astimezone(zone).replace(hour=16, minute=30, second=0, microsecond=0)
    return local + timedelta(days=(FRIDAY - local.weekday()) % 7)


def _due(row: ResponseTarget, known: Targets, start: datetime, zone: ZoneInfo) -> datetime | None:
    if row.first_response_minutes is None:
        return None
    calendar = known.calendars.of_department(row.department_id) if row.in_business_hours else None
    try:
        return clock.due(start, row.first_response_minutes, hours=known.calendars.hours(calendar)).astimezone(zone)
    except clock.NeverOpen:
        return None


@require_http_methods(["GET", "HEAD", "POST"])
@needs("engagement.manage_targets")
def add_target(request: MemberRequest) -> HttpResponse:
    """Write a target."""
    return _edit(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("engagement.manage_targets")
def change_target(request: MemberRequest, pk: int) -> HttpResponse:
    """Change a target."""
    return _edit(request, _found(pk))


def _edit(request: MemberRequest, row: ResponseTarget | None) -> HttpResponse:
    if row is None:
        initial: dict[str, Any] = {"is_default": not ResponseTarget.objects.applying_by_themselves().exists()}
    else:
        initial = ResponseTargetForm.values_of(row)
    form = ResponseTargetForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        told = acting(request)
        with refusals_in(form, PermissionDenied):
            if row is None:
                actions.add_target(request.organization, **form.cleaned_data, **told)
            else:
                actions.change_target(row, **form.cleaned_data, **told)
            message = _("Saved. It applies to what is captured from now on.")
            return done(request, message, to=reverse("engagement:targets"))
    context = {"form": form, "target": row}
    return page(request, "engagement/target_form.html", context, status=422 if form.errors else 200)


@require_POST
@needs("engagement.manage_targets")
def remove_target(request: MemberRequest, pk: int) -> HttpResponse:
    """Remove a target."""
    try:
        actions.remove_target(_found(pk), **acting(request))
    except ValidationError as problem:
        return refused_by(request, problem, to=reverse("engagement:targets"))
    return done(request, _("Removed. What it promised goes on."), to=reverse("engagement:targets"))


@require_safe
@needs("engagement.read")
def missed(request: MemberRequest) -> HttpResponse:
    """What was missed, or warned of, the newest first."""
    form = MissedForm(request.GET)
    kind, department = form.chosen
    rows = TargetEvent.objects.visible_to(request.member).filter(kind=kind)
    if department is not None:
        rows = rows.filter(department=department)
    if (before := key_in(request.GET.get("before", ""))) is not None:
        rows = rows.filter(pk__lt=before)
    shown = list(rows.with_everything().newest_first()[: PER_PAGE + 1])
    more = len(shown) > PER_PAGE
    query = {"kind": kind} | ({"department": str(department.pk)} if department else {})
    context = {
        "events": [(event, _fate(event)) for event in shown[:PER_PAGE]],
        "form": form,
        "kind": kind,
        "filtered": department is not None,
        "next_url": f"?{urlencode({**query, 'before': shown[PER_PAGE - 1].pk})}" if more else "",
        "previous_url": f"?{urlencode(query)}" if before is not None else "",
    }
    return page(request, "engagement/missed.html", context, part="list")


def _fate(event: TargetEvent) -> dict[str, Any]:
    """What became of the promise: by how much it was late, or that it was kept after the warning."""
    promise = event.promise
    ended = promise.kept_at or promise.ended_at
    late = clock.seconds_between(event.due_at, ended) if ended else None
    return {"ended": ended, "kept": promise.kept_at is not None, "late": late}


def _found(pk: int) -> ResponseTarget:
    return get_object_or_404(ResponseTarget.objects.select_related("department"), pk=pk)
