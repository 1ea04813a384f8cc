"""Routing rules: read as sentences, in their order."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from engagement.actions import rules as actions
from engagement.forms import RoutingRuleForm
from engagement.models import RoutingRule
from roles import clock
from roles.permissions import decide
from roles.respond import Undo, done, needs, page


@require_safe
@needs("engagement.read_rules")
def rules(request: HttpRequest) -> HttpResponse:
    """All rules in their order; the first that fits decides."""
    context = {
        "rules": RoutingRule.objects.select_related("query", "source", "topic", "department").order_by(
            "position", "pk"
        ),
        "may_manage": decide(request.member, "engagement.manage_rules"),  # type: ignore[attr-defined]
    }
    return page(request, "engagement/rules.html", context, part="list")


@require_http_methods(["GET", "HEAD", "POST"])
@needs("engagement.manage_rules")
def add_rule(request: HttpRequest) -> HttpResponse:
    """Write a rule; it stands last until it is moved."""
    return _write(request, RoutingRuleForm(request.POST or None), None)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("engagement.manage_rules")
def change_rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a rule; it applies to what comes from now on."""
    row = get_object_or_404(RoutingRule, pk=pk)
    return _write(request, RoutingRuleForm(request.POST or None, initial=RoutingRuleForm.values_of(row)), row)


def _write(request: HttpRequest, form: RoutingRuleForm, row: RoutingRule | None) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        acting: dict[str, Any] = {"by": request.member, "at": clock.now()}  # type: ignore[attr-defined]
        fields = dict(form.cleaned_data)
        try:
            if row:
                actions.change_rule(row, **fields, **acting)
            else:
                actions.add_rule(fields.pop("department"), **fields, **acting)
        except ValidationError as problem:
            form.add_error(None, problem)
        else:
            return done(request, _("Saved; it applies to what comes from now on."), to=reverse("engagement:rules"))
    context = {"form": form, "rule": row}
    return page(request, "engagement/rule_form.html", context, status=422 if form.errors else 200)


@require_POST
@needs("engagement.manage_rules")
def move_rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Move a rule one place up or down."""
    row = get_object_or_404(RoutingRule, pk=pk)
    up = request.POST.get("direction") == "up"
    actions.move_rule(row, up=up, by=request.member, at=clock.now())  # type: ignore[attr-defined]
    undo = Undo(reverse("engagement:move_rule", args=[pk]), fields={"direction": "down" if up else "up"})
    return done(request, _("Moved."), to=reverse("engagement:rules"), undo=undo)


@require_POST
@needs("engagement.manage_rules")
def switch_rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Switch a rule on or off."""
    row = get_object_or_404(RoutingRule, pk=pk)
    on = request.POST.get("on") == "on"
    actions.switch_rule(row, on=on, by=request.member, at=clock.now())  # type: ignore[attr-defined]
    undo = Undo(reverse("engagement:switch_rule", args=[pk]), fields={"on": "" if on else "on"})
    return done(request, _("Switched on.") if on else _("Switched off."), to=reverse("engagement:rules"), undo=undo)


@require_POST
@needs("engagement.manage_rules")
def remove_rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a rule; what it routed stays where it is."""
    actions.remove_rule(get_object_or_404(RoutingRule, pk=pk), by=request.member, at=clock.now())  # type: ignore[attr-defined]
    return done(request, _("The rule is removed; what it routed stays."), to=reverse("engagement:rules"))
