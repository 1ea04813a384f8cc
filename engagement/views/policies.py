"""Approval policies: which replies somebody else sees first, read as sentences."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from engagement.actions import approvals as actions
from engagement.models import ApprovalPolicy
from engagement.reply_forms import ApprovalPolicyForm
from roles import clock
from roles.forms import refusals_in
from roles.models import Member
from roles.respond import MemberRequest, acting, done, needs, page
from roles.step_words import names_of, who_is_asked
from roles.tenancy import active_organization


@require_safe
@needs("engagement.manage_approval")
def policies(request: MemberRequest) -> HttpResponse:
    """All policies; those that fit a reply count together."""
    rows = list(ApprovalPolicy.objects.in_order())
    names = names_of(key for row in rows for step in row.steps.all() for key in step.member_ids)
    learning = Member.objects.active().filter(training_until__gte=clock.now()).select_related("user").by_name()
    context = {
        "policies": [{"policy": row, "steps": [who_is_asked(step, names) for step in row.steps.all()]} for row in rows],
        "learning": learning[:50],
    }
    return page(request, "engagement/policies.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("engagement.manage_approval")
def add_policy(request: MemberRequest) -> HttpResponse:
    """Write a policy; it applies to what is sent from now on."""
    return _write(request, ApprovalPolicyForm(request.POST or None), None)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("engagement.manage_approval")
def change_policy(request: MemberRequest, pk: int) -> HttpResponse:
    """Change a policy; what is asked for now goes on as it was asked."""
    row = get_object_or_404(ApprovalPolicy.objects.in_order(), pk=pk)
    return _write(request, ApprovalPolicyForm(request.POST or None, initial=ApprovalPolicyForm.values_of(row)), row)


def _write(request: MemberRequest, form: ApprovalPolicyForm, row: ApprovalPolicy | None) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        told = acting(request)
        with refusals_in(form):
            if row:
                actions.change_policy(row, steps=form.steps, **form.fields_besides, **told)
            else:
                actions.add_policy(active_organization(), steps=form.steps, **form.fields_besides, **told)
            return done(request, _("Saved; it applies from now on."), to=reverse("engagement:approval_policies"))
    return page(
        request, "engagement/policy_form.html", {"form": form, "policy": row}, status=422 if form.errors else 200
    )


@require_POST
@needs("engagement.manage_approval")
def remove_policy(request: MemberRequest, pk: int) -> HttpResponse:
    """Remove a policy."""
    actions.remove_policy(get_object_or_404(ApprovalPolicy, pk=pk), **acting(request))
    return done(request, _("The policy is removed."), to=reverse("engagement:approval_policies"))
