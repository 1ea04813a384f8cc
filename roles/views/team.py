"""The team: who is here, what each does, and who may do what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from roles import clock
from roles.actions import absences, terms
from roles.actions import people as actions
from roles.capability_words import LABELS
from roles.forms import AwayForm, HeldPositionForm, NewPositionForm, TrainingForm, last_day, refusals_in
from roles.levels import needed_for
from roles.models import Absence, CustomRole, Department, Level, Member, PlannedPosition, Position, Role
from roles.permissions import CAPABILITIES
from roles.respond import MemberRequest, Undo, acting, back_to, done, needs, page, refused, refused_by

# Planned absences that begin within this time stand on the team's page.
SOON = timedelta(days=14)


@require_safe
@needs("roles.read")
def team(request: MemberRequest) -> HttpResponse:
    """Show the people by department, with their positions and whether they are here."""
    at = clock.now()
    members = list(Member.objects.with_positions().by_name())
    soon = Absence.objects.planned().filter(begins_at__lt=at + SOON)
    away_from = {row.member_id: row.begins_at for row in reversed(soon)}
    for member in members:
        member.here = member.is_available(at)  # type: ignore[attr-defined]
        member.away_from = away_from.get(member.pk)  # type: ignore[attr-defined]
    places: dict[int | None, list[tuple[Member, list[Position]]]] = {}
    for member in members:
        mine: dict[int | None, list[Position]] = {}
        for position in member.positions.all():
            mine.setdefault(position.department_id, []).append(position)
        for department_id, positions in mine.items() if member.is_active else ():
            places.setdefault(department_id, []).append((member, positions))
    groups: list[tuple[Department | None, list[Any]]] = [(None, places.get(None, []))]
    groups += [(department, places.get(department.pk, [])) for department in Department.objects.all()]
    context = {
        "groups": groups,
        "without": [member for member in members if member.is_active and not member.positions.all()],
        "gone": [member for member in members if not member.is_active],
        "active_count": sum(member.is_active for member in members),
        "away_count": sum(member.is_active and not member.here for member in members),  # type: ignore[attr-defined]
    }
    return page(request, "roles/team.html", context)


@require_safe
@needs("roles.read")
def member(request: MemberRequest, pk: int) -> HttpResponse:
    """Show one person: what they do, whether they are here, and what may be changed about it."""
    return _member_page(request, _member(pk))


def _member(pk: int) -> Member:
    return get_object_or_404(Member.objects.with_positions(), pk=pk)


def _member_page(request: MemberRequest, who: Member, *, status: int = 200, **forms: Any) -> HttpResponse:
    bad: HeldPositionForm | None = forms.pop("position_form", None)
    positions = [
        (
            position,
            bad if bad is not None and bad.prefix == f"p{position.pk}" else _position_form(position),
        )
        for position in who.positions.order_by("department__name", "role")
    ]
    context = {
        "who": who,
        "is_here": who.is_available(clock.now()),
        "positions": positions,
        "planned_absences": _planned_absences(who, forms.pop("absence_form", None)),
        "planned": who.planned_positions.select_related("department", "custom_role").order_by("begins_at"),
        "new_position_form": NewPositionForm(),
        "away_form": AwayForm(who=who, initial=_away(who)),
        "training_form": TrainingForm(initial={"until": who.training_until}),
        **forms,
    }
    return page(request, "roles/member.html", context, status=status)


def _away(who: Member) -> dict[str, Any]:
    if not who.is_away:
        return {}
    return {"stand_in": who.stand_in_id, "until": localdate(who.away_until) if who.away_until else None}


def _planned_absences(who: Member, bad: AwayForm | None) -> list[tuple[Absence, AwayForm]]:
    """Those that have not begun, each with the form that changes it; one that was refused stands in its place."""
    rows = list(Absence.objects.filter(member=who).planned().with_people())
    forms = [AwayForm(who=who, prefix=f"a{row.pk}", initial=_said(row), planned=row) for row in rows]
    # Each offers the same people, who are read once.
    offered = [list(form.fields["stand_in"].choices) for form in forms[:1]]  # type: ignore[attr-defined]
    for form in forms:
        form.fields["stand_in"].choices = offered[0]  # type: ignore[attr-defined]
    return [
        (row, bad if bad is not None and bad.prefix == form.prefix else form)
        for row, form in zip(rows, forms, strict=True)
    ]


def _said(row: Absence) -> dict[str, Any]:
    assert row.ends_at is not None
    return {"begins_on": localdate(row.begins_at), "until": localdate(row.ends_at), "stand_in": row.stand_in_id}


def _position_form(position: Position, data: Any = None) -> HeldPositionForm:
    initial = {"capacity": position.capacity, "languages": position.languages, "skills": position.skills}
    last = last_day(position.ends_at) if position.ends_at else None
    return HeldPositionForm(data, initial=initial | {"ends_on": last}, prefix=f"p{position.pk}")


@require_POST
@needs("roles.manage_members")
def give_position(request: MemberRequest, pk: int) -> HttpResponse:
    """Give a member a duty."""
    who = _member(pk)
    form = NewPositionForm(request.POST)
    if form.is_valid():
        with refusals_in(form, PermissionDenied, beside="role"):
            return _given(request, who, form)
    return _member_page(request, who, status=422, new_position_form=form)


def _given(request: MemberRequest, who: Member, form: NewPositionForm) -> HttpResponse:
    """Give the position now, or plan it for the day on which it begins."""
    fields, told = form.with_moments(request.organization.time_zone), acting(request)
    begins_at = fields.pop("begins_at")
    if begins_at is not None and begins_at > told["at"]:
        planned = terms.plan_position(who, begins_at=begins_at, **fields, **told)
        undo = Undo(reverse("roles:drop_plan", args=[planned.pk]))
        message = _("%(name)s will be %(position)s.") % {"name": who, "position": planned}
        return done(request, message, to=_address(who), undo=undo)
    position = actions.give_position(who, **fields, **told)
    undo = Undo(reverse("roles:take_position", args=[position.pk]))
    message = _("%(name)s is now %(position)s.") % {"name": who, "position": position}
    return done(request, message, to=_address(who), undo=undo)


@require_POST
@needs("roles.manage_members")
def drop_plan(request: MemberRequest, pk: int) -> HttpResponse:
    """Take back a position that has not begun."""
    planned = get_object_or_404(PlannedPosition.objects.select_related("member__user"), pk=pk)
    terms.drop_plan(planned, **acting(request))
    return done(request, _("It will not begin."), to=_address(planned.member))


@require_POST
@needs("roles.manage_members")
def change_position(request: MemberRequest, pk: int) -> HttpResponse:
    """Change capacity, languages and skills of a position."""
    position = get_object_or_404(Position.objects.select_related("member__user", "department"), pk=pk)
    form = _position_form(position, request.POST)
    if form.is_valid():
        said = form.with_end(position.ends_at, request.organization.time_zone)
        with refusals_in(form, PermissionDenied):
            actions.change_position(position, **said, **acting(request))
            return done(request, _("Saved."), to=_address(position.member))
    return _member_page(request, position.member, status=422, position_form=form)


@require_POST
@needs("roles.manage_members")
def take_position(request: MemberRequest, pk: int) -> HttpResponse:
    """Take a duty from a member; Undo gives it back."""
    position = get_object_or_404(Position.objects.select_related("member__user", "department", "custom_role"), pk=pk)
    who = position.member
    fields = {
        "role": position.role or f"own-{position.custom_role_id}",
        "department": str(position.department_id or ""),
        "capacity": str(position.capacity),
        "languages": ", ".join(position.languages),
        "skills": ", ".join(position.skills),
    }
    words = str(position)
    undo = Undo(reverse("roles:give_position", args=[who.pk]), fields=fields)
    message = _("%(name)s is no longer %(position)s.") % {"name": who, "position": words}
    return _do(request, who, partial(actions.take_position, position), message, undo)


def _do(
    request: MemberRequest, who: Member, act: Callable[..., object], message: str, undo: Undo | None = None
) -> HttpResponse:
    """Act on a member and answer; what cannot be done is said where the person was."""
    to = back_to(request, _address(who))
    try:
        act(**acting(request))
    except ValidationError as problem:
        return refused_by(request, problem, to=to)
    return done(request, message, to=to, undo=undo)


def _address(who: Member) -> str:
    return reverse("roles:member", args=[who.pk])


@require_POST
@needs("roles.set_availability")
def go_away(request: MemberRequest, pk: int) -> HttpResponse:
    """Say that a member is away, until the morning of a day or until further notice."""
    who = _member(pk)
    form = AwayForm(request.POST, who=who)
    if not form.is_valid():
        return _member_page(request, who, status=422, away_form=form)
    said = form.with_moments(request.organization.time_zone)
    begins_at, until, stand_in = said["begins_at"], said["ends_at"], said["stand_in"]
    if begins_at is not None and begins_at > clock.now():
        return _planned_away(request, who, form, said)
    # What was said before of an absence that goes on is not known any more.
    undo = None if who.is_away else Undo(reverse("roles:come_back", args=[who.pk]))
    return _do(
        request,
        who,
        partial(actions.go_away, who, until=until, stand_in=stand_in),
        _("%(name)s is away; no new work is assigned.") % {"name": who},
        undo,
    )


def _planned_away(request: MemberRequest, who: Member, form: AwayForm, said: dict[str, Any]) -> HttpResponse:
    if said["ends_at"] is None:
        form.add_error("until", _("A planned absence has an end."))
    else:
        with refusals_in(form):
            planned = absences.plan_absence(who, **said, **acting(request))
            undo = Undo(reverse("roles:drop_absence", args=[planned.pk]))
            return done(request, _("It is planned, and begins by itself."), to=_address(who), undo=undo)
    return _member_page(request, who, status=422, away_form=form)


@require_POST
@needs("roles.set_availability")
def change_absence(request: MemberRequest, pk: int) -> HttpResponse:
    """Change the days of an absence that has not begun, or who stands in."""
    planned = get_object_or_404(Absence.objects.with_people(), pk=pk)
    who = _member(planned.member_id)
    form = AwayForm(request.POST, who=who, prefix=f"a{pk}", planned=planned)
    if form.is_valid():
        with refusals_in(form):
            said = form.with_moments(request.organization.time_zone)
            absences.change_absence(planned, **said, by=request.member, at=clock.now())
            return done(request, _("It is changed, and begins by itself."), to=_address(who))
    if begun := form.non_field_errors():
        return refused(request, " ".join(map(str, begun)), to=_address(who))
    return _member_page(request, who, status=422, absence_form=form)


@require_POST
@needs("roles.set_availability")
def drop_absence(request: MemberRequest, pk: int) -> HttpResponse:
    """Take back an absence that has not begun."""
    planned = get_object_or_404(Absence.objects.select_related("member__user"), pk=pk)
    who = planned.member
    message = _("%(name)s will not be away then.") % {"name": who}
    return _do(request, who, partial(absences.drop_absence, planned), message)


@require_POST
@needs("roles.set_availability")
def come_back(request: MemberRequest, pk: int) -> HttpResponse:
    """Say that a member is here again."""
    who = _member(pk)
    message = _("%(name)s is here again.") % {"name": who}
    return _do(request, who, partial(actions.come_back, who), message)


@require_POST
@needs("roles.set_availability")
def set_availability(request: MemberRequest) -> HttpResponseBase:
    """Say of oneself that one is away until further notice, or here again: the switch in the person's menu."""
    say = go_away if request.POST.get("is_away") else come_back
    return say(request, request.member.pk)


@require_POST
@needs("roles.manage_members")
def deactivate_member(request: MemberRequest, pk: int) -> HttpResponse:
    """Let a member leave."""
    who = _member(pk)
    undo = Undo(reverse("roles:reactivate_member", args=[who.pk]))
    message = _("%(name)s has left. Their open work goes to others.") % {"name": who}
    return _do(request, who, partial(actions.deactivate_member, who), message, undo)


@require_POST
@needs("roles.manage_members")
def reactivate_member(request: MemberRequest, pk: int) -> HttpResponse:
    """Let a member who left return."""
    who = _member(pk)
    message = _("%(name)s is back, in the positions held before.") % {"name": who}
    return _do(request, who, partial(actions.reactivate_member, who), message)


@require_safe
@needs("roles.read")
def who_may_do_what(request: MemberRequest) -> HttpResponse:
    """Draw the table by which the application itself decides."""
    member = request.member
    mine, composed = member.roles, list(CustomRole.objects.all())
    my_own = {position.custom_role_id for position in member.held_positions}
    areas: dict[str, list[dict[str, Any]]] = {}
    for capability, holders in CAPABILITIES.items():
        level = needed_for(capability)
        areas.setdefault(capability.split(".")[0], []).append(
            {
                "label": LABELS[capability],
                "name": capability,
                "cells": [role in holders for role in Role] + [capability in role.capabilities for role in composed],
                "level": level,
                "is_open": level.rank <= Level(request.organization.level).rank,
            }
        )
    titles = {
        "listening": _("Listening"),
        "engagement": _("Engagement"),
        "measurement": _("Measurement"),
        "content": _("Content"),
        "maturity": _("Playbook"),
        "roles": _("Team"),
    }
    ordered = [(titles[area], areas[area]) for area in titles if area in areas]
    roles = [(role.label, role in mine) for role in Role] + [(str(role), role.pk in my_own) for role in composed]
    return page(request, "roles/who_may_do_what.html", {"areas": ordered, "roles": roles})


@require_POST
@needs("roles.set_on_call")
def set_on_call(request: MemberRequest, pk: int) -> HttpResponse:
    """Say whether a warning reaches this coach first."""
    who, is_on_call = _member(pk), request.POST.get("is_on_call") == "on"
    said = _("%(name)s is on call.") if is_on_call else _("%(name)s is not on call any more.")
    return _do(request, who, partial(actions.set_on_call, who, is_on_call=is_on_call), said % {"name": who})


@require_POST
@needs("roles.set_training")
def set_training(request: MemberRequest, pk: int) -> HttpResponse:
    """Say until which day somebody is in training; an empty day ends it."""
    who, form = _member(pk), TrainingForm(request.POST)
    if not form.is_valid():
        return _member_page(request, who, status=422, training_form=form)
    return _do(request, who, partial(actions.set_training, who, **form.cleaned_data), _("Saved."))
