"""Open something before its level, and leave it to the level again."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from maturity.actions import openings as actions
from maturity.practice_forms import OpeningForm
from maturity.views.playbook import Where, address_of, find_department, ladder_page
from roles.forms import refusals_in
from roles.models import Department, EarlyOpening, Level
from roles.respond import MemberRequest, acting, done, needs


@require_POST
@needs("maturity.open_early")
def open_early(request: MemberRequest) -> HttpResponse:
    """Open something for the whole organization."""
    return _open(request, request.organization)


@require_POST
@needs("maturity.open_early")
def open_early_in_department(request: MemberRequest, pk: int) -> HttpResponse:
    """Open something in one department."""
    return _open(request, find_department(pk))


@require_POST
@needs("maturity.open_early")
def close_early(request: MemberRequest, pk: int) -> HttpResponse:
    """Leave it to the level again."""
    row = get_object_or_404(EarlyOpening.objects.with_people(), pk=pk)
    actions.close_early(row, **acting(request))
    where: Where = row.department or request.organization
    return done(request, _("It is left to the level again."), to=address_of(where))


def _open(request: MemberRequest, where: Where) -> HttpResponse:
    level = where.effective_level if isinstance(where, Department) else Level(where.level)
    form = OpeningForm(request.POST, level=level)
    if form.is_valid():
        with refusals_in(form, PermissionDenied):
            actions.open_early(where, **form.cleaned_data, **acting(request))
            return done(request, _("It is open from now on."), to=address_of(where))
    return ladder_page(request, where, opening_form=form)
