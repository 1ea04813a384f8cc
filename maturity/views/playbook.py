"""The playbook: where we stand, and who decided so."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from maturity.actions.levels import set_level
from maturity.forms import LevelForm
from maturity.ladder import ladder
from roles import clock
from roles.forms import take_over
from roles.models import AuditEntry, Department, Level, Organization
from roles.permissions import decide
from roles.respond import done, needs, page

HISTORY = 30


@require_safe
@needs("maturity.read")
def playbook(request: HttpRequest) -> HttpResponse:
    """Show the level of the organization and of each department as a ladder, and its history."""
    return _page(request)


def _page(request: HttpRequest, bad: LevelForm | None = None) -> HttpResponse:
    organization: Organization = request.organization  # type: ignore[attr-defined]
    member = request.member  # type: ignore[attr-defined]

    def form_for(where: Organization | Department) -> LevelForm | None:
        if not decide(member, "maturity.set_level", where):
            return None
        form = LevelForm(where=where)
        return bad if bad is not None and bad.prefix == form.prefix else form

    departments = Department.objects.select_related("organization")
    context = {
        "level": Level(organization.level),
        "rungs": ladder(Level(organization.level)),
        "organization_form": form_for(organization),
        "departments": [
            {
                "department": row,
                "level": row.effective_level,
                "rungs": ladder(row.effective_level),
                "form": form_for(row),
            }
            for row in departments
        ],
        "history": _history(),
        "may_set": decide(member, "maturity.set_level", organization),
    }
    return page(request, "maturity/playbook.html", context, status=422 if bad is not None else 200)


def _history() -> list[dict[str, Any]]:
    """Return the last changes of level, with names instead of keys."""
    names = dict(Level.choices)
    same = _("the organization's")
    return [
        {
            "entry": entry,
            "before": names.get((entry.before or {}).get("level", ""), same),
            "after": names.get((entry.after or {}).get("level", ""), same),
            "reason": (entry.after or {}).get("reason", ""),
        }
        for entry in AuditEntry.objects.chosen(verb="set_level").newest_first()[:HISTORY]
    ]


@require_POST
@needs("maturity.set_level")
def set_organization_level(request: HttpRequest) -> HttpResponse:
    """Set the organization's level."""
    return _set(request, request.organization)  # type: ignore[attr-defined]


@require_POST
@needs("maturity.set_level")
def set_department_level(request: HttpRequest, pk: int) -> HttpResponse:
    """Set a department's own level, or let it follow the organization's."""
    return _set(request, get_object_or_404(Department.objects.select_related("organization"), pk=pk))


def _set(request: HttpRequest, where: Organization | Department) -> HttpResponse:
    form = LevelForm(request.POST, where=where)
    if form.is_valid():
        try:
            set_level(where, **form.cleaned_data, by=request.member, at=clock.now())  # type: ignore[attr-defined]
        except ValidationError as problem:
            take_over(form, problem)
        except PermissionDenied as refusal:
            form.add_error(None, str(refusal))
        else:
            message = _("The level of %(where)s is set.") % {"where": where}
            return done(request, message, to=reverse("maturity:playbook"))
    return _page(request, form)
