"""The organization's settings and its departments."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from roles.actions import organization as actions
from roles.department_tree import in_tree
from roles.forms import DepartmentForm, OrganizationForm, PartOfForm, refusals_in, take_over
from roles.models import Department
from roles.respond import MemberRequest, acting, done, needs, page


@require_safe
@needs("roles.read")
def departments(request: MemberRequest) -> HttpResponse:
    """Show the parts of the organization and its settings."""
    return _page(request)


def _page(request: MemberRequest, *, status: int = 200, **forms: Any) -> HttpResponse:
    organization = request.organization
    people = Count("positions__member", filter=Q(positions__member__is_active=True), distinct=True)
    bad = {form.prefix: form for form in forms.pop("bad", ()) if isinstance(form, Form)}
    found = Department.objects.select_related("organization", "parent").annotate(people=people).order_by("name")
    rows = [
        (
            department,
            bad.get(f"d{department.pk}")
            or DepartmentForm(initial={"name": department.name}, prefix=f"d{department.pk}"),
            bad.get(f"m{department.pk}") or _part_of(department),
        )
        for department in in_tree(found)
    ]
    context = {
        "rows": rows,
        "department_form": DepartmentForm(),
        "organization_form": OrganizationForm(
            initial={
                "name": organization.name,
                "time_zone": organization.time_zone,
                "response_minutes": organization.response_minutes,
            },
            prefix="organization",
        ),
        **forms,
    }
    return page(request, "roles/departments.html", context, status=status)


@require_POST
@needs("roles.manage_departments")
def add_department(request: MemberRequest) -> HttpResponse:
    """Add a department."""
    form = DepartmentForm(request.POST)
    if form.is_valid():
        with refusals_in(form, PermissionDenied):
            row = actions.add_department(
                request.organization,
                name=form.cleaned_data["name"],
                **acting(request),
            )
            message = _("%(name)s is a department now. Give people positions in it.") % {"name": row}
            return done(request, message, to=reverse("roles:departments"))
    return _page(request, status=422, department_form=form)


@require_POST
@needs("roles.manage_departments")
def rename_department(request: MemberRequest, pk: int) -> HttpResponse:
    """Give a department another name."""
    row = get_object_or_404(Department.objects.select_related("organization"), pk=pk)
    form = DepartmentForm(request.POST, prefix=f"d{pk}")
    if form.is_valid():
        with refusals_in(form):
            actions.rename_department(row, name=form.cleaned_data["name"], **acting(request))
            return done(request, _("Saved."), to=reverse("roles:departments"))
    return _page(request, status=422, bad=[form])


@require_POST
@needs("roles.manage_departments")
def move_department(request: MemberRequest, pk: int) -> HttpResponse:
    """Make a department part of another."""
    row = get_object_or_404(Department.objects.select_related("organization"), pk=pk)
    form = _part_of(row, request.POST)
    if form.is_valid():
        with refusals_in(form):
            actions.move_department(row, parent=form.cleaned_data["parent"], **acting(request))
            return done(request, _("Saved."), to=reverse("roles:departments"))
    return _page(request, status=422, bad=[form])


def _part_of(department: Department, data: Any = None) -> PartOfForm:
    initial = {"parent": department.parent_id}
    return PartOfForm(data, initial=initial, department=department, prefix=f"m{department.pk}")


@require_POST
@needs("roles.manage_organization")
def change_organization(request: MemberRequest) -> HttpResponse:
    """Save the organization's settings."""
    form = OrganizationForm(request.POST, prefix="organization")
    if not form.is_valid():
        return _page(request, status=422, organization_form=form)
    try:
        actions.change_organization(request.organization, **form.cleaned_data, **acting(request))
    except ValidationError as problem:
        take_over(form, problem)
        return _page(request, status=422, organization_form=form)
    return done(request, _("The settings are saved."), to=reverse("roles:departments"))
