"""Roles that were composed here: compose, change, remove."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from roles.actions import custom_roles as actions
from roles.forms import refusals_in
from roles.granting import carried_by
from roles.models import CustomRole, Role
from roles.respond import MemberRequest, acting, done, needs, page, refused_by
from roles.role_forms import CustomRoleForm


@require_safe
@needs("roles.manage_roles")
def custom_roles(request: MemberRequest) -> HttpResponse:
    """Show the roles that were composed here, and with what another can begin."""
    people = Count("positions__member", filter=Q(positions__member__is_active=True), distinct=True)
    context = {"rows": CustomRole.objects.annotate(people=people), "roles": list(Role)}
    return page(request, "roles/custom_roles.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("roles.manage_roles")
def compose_role(request: MemberRequest) -> HttpResponse:
    """Compose a role, from nothing or beginning with what a built-in one may."""
    like = request.GET.get("like", "")
    initial = {"capabilities": sorted(carried_by(like))} if like in Role.values else {}
    form = CustomRoleForm(request.POST or None, initial=initial, by=request.member)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form, PermissionDenied, beside="capabilities"):
            row = actions.compose_role(request.organization, **form.cleaned_data, **acting(request))
            message = _("“%(name)s” can be given on the page of each member, and in invitations.") % {"name": row}
            return done(request, message, to=reverse("roles:custom_roles"))
    return page(request, "roles/custom_role.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("roles.manage_roles")
def change_role(request: MemberRequest, pk: int) -> HttpResponse:
    """Change what the holders of a role may do."""
    row = get_object_or_404(CustomRole, pk=pk)
    initial = {"name": row.name, "description": row.description, "capabilities": row.capabilities}
    form = CustomRoleForm(request.POST or None, initial=initial, by=request.member, role=row)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form, PermissionDenied, beside="capabilities"):
            actions.change_role(row, **form.cleaned_data, **acting(request))
            message = _("Saved; it holds at once for everybody who has this role.")
            return done(request, message, to=reverse("roles:custom_roles"))
    return page(request, "roles/custom_role.html", {"form": form, "row": row}, status=422 if form.errors else 200)


@require_POST
@needs("roles.manage_roles")
def remove_role(request: MemberRequest, pk: int) -> HttpResponse:
    """Remove a role that nobody holds."""
    row, here = get_object_or_404(CustomRole, pk=pk), reverse("roles:custom_roles")
    try:
        actions.remove_role(row, **acting(request))
    except ValidationError as problem:
        return refused_by(request, problem, to=here)
    return done(request, _("“%(name)s” is removed.") % {"name": row.name}, to=here)
