"""Review policies: what is seen first and by whom, read as sentences, each beside what reviews changed."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from content.actions import review_policies as actions
from content.models import ReviewPolicy
from content.review_policy_forms import ReviewBaseForm, ReviewPolicyForm
from content.review_record import record_of, records_of
from content.review_rules import steps_of
from roles import clock
from roles.forms import refusals_in
from roles.permissions import decide
from roles.respond import MemberRequest, acting, done, needs, page, wants_part
from roles.step_words import names_of, who_is_asked
from roles.tenancy import active_organization


@require_safe
@needs("content.manage_review")
def review_policies(request: MemberRequest) -> HttpResponse:
    """All policies in the order in which they count, and the base, each with what reviews changed there."""
    at = clock.now()
    rows = list(ReviewPolicy.objects.in_order().written())
    shown = [*rows, ReviewPolicy.objects.base()]
    steps = [steps_of(row) for row in shown]
    names = names_of(key for found in steps for step in found for key in step.member_ids)
    asked = [[{"who": who_is_asked(step, names), "hours": step.hours} for step in its] for its in steps]
    found = [
        {"policy": row, "record": record, "steps": its}
        for row, its, record in zip(shown, asked, records_of(shown, at=at), strict=True)
    ]
    context = {
        "entries": found[:-1],
        "base": found[-1],
        "may": decide(request.member, "content.manage_review", active_organization()),
    }
    return page(request, "content/review_policies.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("content.manage_review")
def add_review_policy(request: MemberRequest) -> HttpResponse:
    """Write a policy; it counts for what is asked from now on."""
    return _write(request, ReviewPolicyForm(request.POST or None, initial=_asked_for(request)), None)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("content.manage_review")
def change_review_policy(request: MemberRequest, pk: int) -> HttpResponse:
    """Change a policy; what was approved stays so."""
    row = get_object_or_404(ReviewPolicy.objects.in_order().written(), pk=pk)
    return _write(request, ReviewPolicyForm(request.POST or None, initial=ReviewPolicyForm.values_of(row)), row)


def _asked_for(request: MemberRequest) -> dict[str, Any]:
    """The conditions that an address names, so that a list can lead to a policy for one of its kinds."""
    form = ReviewPolicyForm(request.GET or None)
    form.is_valid()
    said = form.cleaned_data if form.is_bound else {}
    return {name: said[name] for name in actions.CONDITIONS if said.get(name)}


def _write(request: MemberRequest, form: ReviewPolicyForm, row: ReviewPolicy | None) -> HttpResponse:
    is_said = request.method == "POST" and form.is_valid()
    if is_said and "look" not in request.POST:
        told: dict[str, Any] = {"steps": form.steps, **form.fields_besides, **acting(request)}
        with refusals_in(form):
            if row:
                actions.change_review_policy(row, **told)
            else:
                actions.add_review_policy(active_organization(), **told)
            return done(request, _("Saved; it counts from now on."), to=reverse("content:review_policies"))
    at = clock.now()
    context = {"form": form, "policy": row, "record": record_of(form.scope(), at=at), "then": row and row.record_then}
    status = 422 if form.errors and "look" not in request.POST else 200
    return page(request, "content/review_policy_form.html", context, status=status)


@require_safe
@needs("content.manage_review")
def review_record(request: MemberRequest) -> HttpResponse:
    """What reviews changed in what a policy would be for, while it is being written."""
    if not wants_part(request):
        return redirect("content:review_policies")
    form = ReviewPolicyForm(request.GET)
    form.is_valid()
    return page(request, "content/review_record.html", {"record": record_of(form.scope(), at=clock.now())})


@require_http_methods(["GET", "HEAD", "POST"])
@needs("content.manage_review")
def set_review_base(request: MemberRequest) -> HttpResponse:
    """Say who sees everything for which no policy says otherwise."""
    row = ReviewPolicy.objects.base()
    form = ReviewBaseForm(request.POST or None, initial=ReviewBaseForm.values_of(row))
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            actions.set_review_base(active_organization(), steps=form.steps, **acting(request))
            return done(request, _("Saved; it counts from now on."), to=reverse("content:review_policies"))
    context = {"form": form, "policy": None, "record": record_of(row, at=clock.now()), "is_base": True}
    return page(request, "content/review_policy_form.html", context, status=422 if form.errors else 200)


@require_POST
@needs("content.manage_review")
def move_review_policy(request: MemberRequest, pk: int) -> HttpResponse:
    """Have a policy asked earlier or later."""
    row = get_object_or_404(ReviewPolicy.objects.written(), pk=pk)
    actions.move_review_policy(row, up=request.POST.get("where") == "up", **acting(request))
    return done(request, _("The order is changed."), to=reverse("content:review_policies"))


@require_POST
@needs("content.manage_review")
def remove_review_policy(request: MemberRequest, pk: int) -> HttpResponse:
    """Remove a policy."""
    actions.remove_review_policy(get_object_or_404(ReviewPolicy.objects.written(), pk=pk), **acting(request))
    return done(request, _("The policy is removed."), to=reverse("content:review_policies"))
