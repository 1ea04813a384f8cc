"""Business hours: the calendars, one of them with its week, its holidays and what it means."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from roles import clock
from roles.actions import calendars as actions
from roles.business_hours import hours_of
from roles.calendar_forms import CalendarForm, ChooseCalendarForm, HolidayFileForm, HolidayForm, PreviewForm
from roles.forms import refusals_in
from roles.models import Calendar, Department, Holiday, Weekday
from roles.opening_words import spans_in_words, week_in_words
from roles.permissions import decide
from roles.respond import MemberRequest, acting, done, needs, page, refused, refused_by
from roles.wording import labelled, quoted

SHOWN_HOLIDAYS = 100
USUAL_WEEK: dict[str, Any] = {f"day{day}": ((9 * 60, 18 * 60),) if day < 5 else () for day in range(7)}


@require_safe
@needs("roles.read")
def calendars(request: MemberRequest) -> HttpResponse:
    """The calendars with their hours in words, and which department uses which."""
    return _calendars(request)


def _calendars(request: MemberRequest, *, status: int = 200) -> HttpResponse:
    rows = list(Calendar.objects.by_name().with_hours())
    member = request.member
    departments = [
        (row, ChooseCalendarForm(initial={"calendar": row.calendar_id}, prefix=f"d{row.pk}"))
        for row in Department.objects.select_related("calendar").order_by("name")
    ]
    context = {
        "calendars": [(row, week_in_words(actions.week_of(row)), len(row.holidays.all())) for row in rows],
        "departments": [(row, form, decide(member, "roles.manage_calendars", row)) for row, form in departments],
        "may_manage": decide(member, "roles.manage_calendars", member.organization),
    }
    return page(request, "roles/calendars.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("roles.manage_calendars")
def add_calendar(request: MemberRequest) -> HttpResponse:
    """Add business hours."""
    organization = request.organization
    usual = USUAL_WEEK | {"time_zone": organization.time_zone, "is_default": not Calendar.objects.exists()}
    form = CalendarForm(request.POST or None, initial=usual)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            row = actions.add_calendar(organization, **form.said(), **acting(request))
            return done(request, _("“%(name)s” is there. Add its holidays.") % {"name": row}, to=_url(row))
    context = {"form": form, "calendar": None}
    return page(request, "roles/calendar_form.html", context, status=422 if form.errors else 200)


@require_safe
@needs("roles.read")
def calendar(request: MemberRequest, pk: int) -> HttpResponse:
    """One calendar: its week, its holidays, and when something promised would be due."""
    return _calendar(request, _found(pk))


def _calendar(request: MemberRequest, row: Calendar, *, status: int = 200, **forms: Form) -> HttpResponse:
    at, zone = clock.now(), ZoneInfo(row.time_zone)
    today = at.astimezone(zone).date()
    week = actions.week_of(row)
    holidays = list(row.holidays.to_come(today)[: SHOWN_HOLIDAYS + 1])
    preview = PreviewForm.asked(request.GET, zone=zone, at=at)
    member = request.member
    context = {
        "calendar": row,
        "week": [(Weekday(number).label, spans_in_words(spans), spans) for number, spans in enumerate(week)],
        "said": week_in_words(week),
        "holidays": [(one, spans_in_words(_hours(one))) for one in holidays[:SHOWN_HOLIDAYS]],
        "more_holidays": len(holidays) > SHOWN_HOLIDAYS,
        "departments": list(row.departments.order_by("name")),
        "preview": preview,
        "example": _example(row, preview, zone),
        "may_manage": decide(member, "roles.manage_calendars", row),
        "holiday_form": HolidayForm(),
        "file_form": HolidayFileForm(),
        **forms,
    }
    return page(request, "roles/calendar.html", context, part="preview" if status == 200 else "", status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("roles.manage_calendars")
def change_calendar(request: MemberRequest, pk: int) -> HttpResponse:
    """Change hours, name or time zone."""
    row = _found(pk)
    form = CalendarForm(request.POST or None, initial=CalendarForm.values_of(row, actions.week_of(row)))
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            actions.change_calendar(row, **form.said(), **acting(request))
            return done(request, _("Saved. What runs is counted anew."), to=_url(row))
    context = {"form": form, "calendar": row}
    return page(request, "roles/calendar_form.html", context, status=422 if form.errors else 200)


@require_POST
@needs("roles.manage_calendars")
def remove_calendar(request: MemberRequest, pk: int) -> HttpResponse:
    """Remove a calendar that is not the default one."""
    row = _found(pk)
    try:
        actions.remove_calendar(row, **acting(request))
    except ValidationError as problem:
        return refused_by(request, problem, to=_url(row))
    return done(request, _("The business hours are removed."), to=reverse("roles:calendars"))


@require_POST
@needs("roles.manage_calendars")
def choose_calendar(request: MemberRequest, pk: int) -> HttpResponse:
    """Say by whose hours a department works."""
    row = get_object_or_404(Department, pk=pk)
    form = ChooseCalendarForm(request.POST, prefix=f"d{pk}")
    if not form.is_valid():
        return refused(request, _("There is no such calendar."), to=reverse("roles:calendars"))
    actions.choose_calendar(row, calendar=form.cleaned_data["calendar"], **acting(request))
    return done(request, _("Saved. It counts for what comes from now on."), to=reverse("roles:calendars"))


@require_POST
@needs("roles.manage_calendars")
def add_holiday(request: MemberRequest, pk: int) -> HttpResponse:
    """Add a holiday by hand."""
    row, form = _found(pk), HolidayForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            actions.add_holiday(row, **form.cleaned_data, **acting(request))
            return done(request, _("Added. What runs is counted anew."), to=f"{_url(row)}#holidays")
    return _calendar(request, row, status=422, holiday_form=form)


@require_POST
@needs("roles.manage_calendars")
def remove_holiday(request: MemberRequest, pk: int) -> HttpResponse:
    """Remove a holiday."""
    one = get_object_or_404(Holiday.objects.select_related("calendar"), pk=pk)
    actions.remove_holiday(one, **acting(request))
    return done(request, _("Removed: %(name)s.") % {"name": one}, to=f"{_url(one.calendar)}#holidays")


@require_POST
@needs("roles.manage_calendars")
def import_holidays(request: MemberRequest, pk: int) -> HttpResponse:
    """Take over the holidays of an iCalendar file."""
    row, form = _found(pk), HolidayFileForm(request.POST, request.FILES)
    if form.is_valid():
        with refusals_in(form):
            result = actions.import_holidays(row, text=form.cleaned_data["text"], **acting(request))
            return done(request, _said(result), to=f"{_url(row)}#holidays")
    return _calendar(request, row, status=422, file_form=form)


def _said(result: actions.Imported) -> str:
    """What an import did, in words."""
    if not (result.added or result.changed or result.removed) and not result.left_out:
        return _("Nothing is new in this file.")
    words = _("Added: %(added)s, changed: %(changed)s, removed: %(removed)s, as before: %(unchanged)s.") % vars(result)
    if result.left_out:
        named = "; ".join(labelled(quoted(name), reason) for name, reason in result.left_out[:3])
        left = ngettext("%(n)s event was left out", "%(n)s events were left out", len(result.left_out))
        words += " " + left % {"n": len(result.left_out)} + f" ({named}{'; …' if len(result.left_out) > 3 else ''})."
    return words


def _example(row: Calendar, preview: PreviewForm, zone: ZoneInfo) -> dict[str, Any]:
    """When what the preview asks for would be due, as it stands on the wall there; a problem where it never is."""
    if not preview.is_valid():
        return {}
    start: datetime = preview.cleaned_data["start"].replace(tzinfo=zone)
    minutes = float(preview.cleaned_data["within"]) * 60
    try:
        due = clock.due(start, minutes, hours=hours_of(row))
    except clock.NeverOpen as problem:
        return {"problem": str(problem)}
    # As the clock on the wall there shows it, wherever the reader is.
    on_the_wall = due.astimezone(zone).replace(tzinfo=None)
    return {"start": preview.cleaned_data["start"], "due": on_the_wall, "away": clock.seconds_between(start, due)}


def _hours(one: Holiday) -> clock.Spans:
    return ((one.opens, one.closes),) if one.opens is not None and one.closes is not None else ()


def _found(pk: int) -> Calendar:
    return get_object_or_404(Calendar.objects.with_hours(), pk=pk)


def _url(row: Calendar) -> str:
    return reverse("roles:calendar", args=[row.pk])
