"""The playbook: where we stand, what shows it, what comes next, and who decided so."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from maturity.actions.levels import set_level
from maturity.comparing import DRAWN, history
from maturity.evidence.asked import Asked
from maturity.forms import LevelForm
from maturity.judging import judge
from maturity.models import Assessment
from maturity.practice_forms import OpeningForm
from maturity.showing import lockable, openings, practised, show, steps
from roles import clock
from roles.forms import refusals_in
from roles.models import AuditEntry, Department, Level, Organization
from roles.permissions import decide
from roles.respond import MemberRequest, acting, done, needs, page

HISTORY = 30
Where = Organization | Department


@require_safe
@needs("maturity.read")
def playbook(request: MemberRequest) -> HttpResponse:
    """Show the ladder of the whole organization, with its departments below."""
    return ladder_page(request, request.organization)


@require_safe
@needs("maturity.read")
def department(request: MemberRequest, pk: int) -> HttpResponse:
    """Show the ladder of one department."""
    return ladder_page(request, find_department(pk))


def find_department(pk: int) -> Department:
    """The department of this key, or 404."""
    return get_object_or_404(Department.objects.select_related("organization"), pk=pk)


def address_of(where: Where) -> str:
    """The ladder of the organization, or of a department."""
    if isinstance(where, Department):
        return reverse("maturity:department", args=[where.pk])
    return reverse("maturity:playbook")


def ladder_page(
    request: MemberRequest,
    where: Where,
    *,
    level_form: forms.Form | None = None,
    opening_form: forms.Form | None = None,
) -> HttpResponse:
    """Draw the ladder; a form that was refused stands in its place with what was typed."""
    member = request.member
    asked = Asked(clock.now())
    found = judge(asked)
    row = where if isinstance(where, Department) else None
    judgement = found[row.pk if row else None]
    early = openings(row.pk if row else None, follows=row is not None and not row.level)
    kept = list(Assessment.objects.of(row.pk if row else None)[:DRAWN])
    may_open = decide(member, "maturity.open_early", where)
    may_set = decide(member, "maturity.set_level", where)
    if may_open and lockable(judgement.level):
        opening_form = opening_form or OpeningForm(level=judgement.level)
    context = {
        "where": where,
        "department": row,
        "judgement": judgement,
        "practised": practised(asked),
        "steps": steps(judgement, asked, member, early),
        "next_steps": [show(verdict, asked, member, judgement) for verdict in judgement.next_steps],
        "departments": [judged for key, judged in found.items() if key is not None] if row is None else [],
        "openings": [(opening, decide(member, "maturity.open_early", opening)) for opening in early],
        "opening_form": opening_form,
        "level_form": level_form or (LevelForm(where=where) if may_set else None),
        "may_set": may_set,
        "may_assess": decide(member, "maturity.assess"),
        "kept": kept,
        "picture": history(kept[::-1], [reverse("maturity:assessment", args=[one.pk]) for one in reversed(kept)]),
        "history": _history(where),
    }
    bad = any(form is not None and form.is_bound for form in (level_form, opening_form))
    return page(request, "maturity/playbook.html", context, status=422 if bad else 200)


def _history(where: Where) -> list[dict[str, Any]]:
    """Return the last changes of level, with names instead of keys; for the organization those of departments too."""
    names = dict(Level.choices)
    same = _("the organization's")
    entries = AuditEntry.objects.chosen(verb="set_level").newest_first()
    if isinstance(where, Department):
        entries = entries.about("department", where.pk)
    return [
        {
            "entry": entry,
            "before": names.get((entry.before or {}).get("level", ""), same),
            "after": names.get((entry.after or {}).get("level", ""), same),
            "reason": (entry.after or {}).get("reason", ""),
        }
        for entry in entries[:HISTORY]
    ]


@require_POST
@needs("maturity.set_level")
def set_organization_level(request: MemberRequest) -> HttpResponse:
    """Set the organization's level."""
    return _set(request, request.organization)


@require_POST
@needs("maturity.set_level")
def set_department_level(request: MemberRequest, pk: int) -> HttpResponse:
    """Set a department's own level, or let it follow the organization's."""
    return _set(request, find_department(pk))


def _set(request: MemberRequest, where: Where) -> HttpResponse:
    form = LevelForm(request.POST, where=where)
    if form.is_valid():
        with refusals_in(form, PermissionDenied):
            set_level(where, **form.cleaned_data, **acting(request))
            message = _("The level of %(where)s is set.") % {"where": where}
            return done(request, message, to=address_of(where))
    return ladder_page(request, where, level_form=form)
