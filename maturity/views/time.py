"""How one spent one's time, and how those spent it whom one coaches."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from content.calendar_days import monday_of
from maturity.actions import time as actions
from maturity.middleware import COOKIE, COOKIE_SECONDS
from maturity.models import TimeEntry
from maturity.spent import day_of, week_of, week_of_people
from maturity.teams import coached_by
from maturity.time_forms import CorrectionForm, SignForm, TimeForm
from roles import clock
from roles.activities import Activity
from roles.forms import refusals_in
from roles.models import Member
from roles.permissions import decide, require
from roles.respond import MemberRequest, done, needs, page

LISTED = 20


@require_safe
@needs("maturity.enter_time")
def my_time(request: MemberRequest) -> HttpResponse:
    """Show a week of one's own, and one of its days with what was measured and what one says of it."""
    return _page(request)


@require_POST
@needs("maturity.enter_time")
def add_time(request: MemberRequest) -> HttpResponse:
    """Enter time that no page could measure."""
    form = TimeForm(request.POST, today=day_of(clock.now()))
    if form.is_valid():
        member = request.member
        with refusals_in(form):
            row = actions.add_time(member, **form.cleaned_data, by=member, at=clock.now())
            return done(request, _("The time is entered."), to=_address(row.day))
    return _page(request, time_form=form)


@require_POST
@needs("maturity.enter_time")
def correct_time(request: MemberRequest) -> HttpResponse:
    """Say how long it really was."""
    form = CorrectionForm(request.POST)
    if form.is_valid():
        member = request.member
        with refusals_in(form):
            actions.correct_time(member, **form.cleaned_data, by=member, at=clock.now())
            return done(request, _("The time is corrected."), to=_address(form.cleaned_data["day"]))
    return _page(request, correction=form)


@require_POST
@needs("maturity.enter_time")
def take_back_time(request: MemberRequest, pk: int) -> HttpResponse:
    """Take back what one said."""
    member = request.member
    row = get_object_or_404(TimeEntry.objects.filter(member=member), pk=pk)
    actions.take_back_time(row, by=member, at=clock.now())
    return done(request, _("The entry is taken back."), to=_address(row.day))


@require_POST
@needs("maturity.enter_time")
def be_at_it(request: MemberRequest) -> HttpResponse:
    """Hear from an open page that somebody is at it."""
    form = SignForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=422)
    member = request.member
    actions.be_at_it(member, **form.cleaned_data, by=member, at=clock.now())
    answer = HttpResponse(status=204)
    secure = request.is_secure()
    answer.set_cookie(COOKIE, "1", max_age=COOKIE_SECONDS, httponly=True, samesite="Lax", secure=secure)
    return answer


@require_safe
@needs("maturity.read_time")
def people(request: MemberRequest) -> HttpResponse:
    """Show the week of the people whom one coaches."""
    member = request.member
    monday = monday_of(_day(request))
    context = {"week": week_of_people(list(coached_by(member)), monday), **_around(monday)}
    return page(request, "maturity/time_people.html", context)


@require_safe
@needs("maturity.read_time")
def person(request: MemberRequest, pk: int) -> HttpResponse:
    """Show the week of one person, to their coach."""
    who = get_object_or_404(Member.objects.select_related("user"), pk=pk)
    require(request.member, "maturity.read_time", who)
    return _page(request, who=who)


def _page(
    request: MemberRequest,
    *,
    who: Member | None = None,
    time_form: TimeForm | None = None,
    correction: CorrectionForm | None = None,
) -> HttpResponse:
    member = request.member
    bad: forms.Form | None = time_form or correction
    said = bad.cleaned_data.get("day") if bad is not None else None
    day = said or _day(request)
    monday = monday_of(day)
    whose = who or member
    week = week_of(whose, monday)
    entries = TimeEntry.objects.filter(member=whose).between(monday, monday + timedelta(days=6)).newest_days_first()
    context = {
        "who": who,
        "week": week,
        "day": day,
        "cells": week.lines[day.weekday()].by_activity,
        "entries": list(entries[:LISTED]),
        "time_form": None if who else time_form or TimeForm(today=day_of(clock.now()), initial={"day": day}),
        "correction": correction,
        "may_see_people": decide(member, "maturity.read_time"),
        **_around(monday),
    }
    return page(request, "maturity/time.html", context, status=422 if bad is not None else 200)


def _around(monday: date) -> dict[str, Any]:
    now = monday_of(day_of(clock.now()))
    return {
        "activities": list(Activity),
        "before": monday - timedelta(days=7),
        "after": monday + timedelta(days=7) if monday < now else None,
    }


def _day(request: MemberRequest) -> date:
    """The day of the address, today where it names none that has been."""
    today = day_of(clock.now())
    try:
        asked = parse_date(request.GET.get("day", ""))
    except ValueError:
        asked = None
    return asked if asked is not None and date(2000, 1, 3) <= asked <= today else today


def _address(day: date) -> str:
    return f"{reverse('maturity:my_time')}?day={day.isoformat()}"
