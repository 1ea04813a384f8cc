"""Routing rules: read as sentences, in their order; written in an editor of nested conditions."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from engagement import rule_editor
from engagement.actions import rules as actions
from engagement.conditions import EVERYTHING, ConditionError, checked
from engagement.forms import RoutingRuleForm
from engagement.models import RoutingRule
from engagement.phrases import named, names_for, sentence_html
from engagement.simulating import DAYS, Simulation, simulate
from listening.searching.search import TooWide, patience
from roles import clock
from roles.forms import refusals_in
from roles.keys import key_in
from roles.levels import ASSIGNMENTS, closed_among
from roles.permissions import closed, decide
from roles.respond import MemberRequest, Undo, acting, done, needs, page, refused
from roles.tenancy import active_organization

PATIENCE_SECONDS = 10.0


@require_safe
@needs("engagement.read_rules")
def rules(request: MemberRequest) -> HttpResponse:
    """All rules in their order; the first that fits and does not say “go on” decides."""
    found = list(RoutingRule.objects.with_names().in_order())
    names, at = names_for(rule.condition for rule in found), clock.now()
    departments = {rule.department for rule in found if rule.department is not None}
    keys = closed_among(ASSIGNMENTS, departments)
    context = {
        "rules": [(rule, sentence_html(named(rule.condition, names)), _validity(rule, at)) for rule in found],
        "may_manage": decide(request.member, "engagement.manage_rules"),
        "locked": next((closed(ASSIGNMENTS, row) for row in departments if row.pk in keys), None),
    }
    return page(request, "engagement/rules.html", context)


def _validity(rule: RoutingRule, at: Any) -> str:
    """“past”, “future” or nothing."""
    if rule.valid_until is not None and rule.valid_until <= at:
        return "past"
    return "future" if rule.valid_from is not None and rule.valid_from > at else ""


@require_http_methods(["GET", "HEAD", "POST"])
@needs("engagement.manage_rules")
def add_rule(request: MemberRequest) -> HttpResponse:
    """Write a rule; it stands last until it is moved."""
    return _write(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("engagement.manage_rules")
def change_rule(request: MemberRequest, pk: int) -> HttpResponse:
    """Change a rule; it applies to what comes from now on."""
    return _write(request, get_object_or_404(RoutingRule, pk=pk))


def _write(request: MemberRequest, row: RoutingRule | None) -> HttpResponse:
    said = request.POST
    if request.method != "POST":
        initial = RoutingRuleForm.values_of(row) if row else None
        tree = dict(row.condition) if row else dict(EVERYTHING)
        return _editor(request, row, RoutingRuleForm(initial=initial), tree)
    tree, do = rule_editor.read(said), said.get("do", "save")
    if do not in {"save", "simulate"}:
        # Nothing is saved and nothing is found fault with: what was written comes back as it is.
        fresh = rule_editor.act(tree, do, said)
        return _editor(request, row, RoutingRuleForm(initial=_unchecked(said)), tree, fresh=fresh)
    form = RoutingRuleForm(said)
    is_right = form.is_valid()
    try:
        tree = checked(tree)
    except ConditionError as problem:
        return _editor(request, row, form, tree, problem=problem, status=422)
    if is_right and do == "simulate":
        return _simulated(request, row, form, tree)
    if is_right:
        with refusals_in(form):
            _save(request, row, {**form.cleaned_data, "condition": tree})
            return done(request, _("Saved; it applies to what comes from now on."), to=reverse("engagement:rules"))
    return _editor(request, row, form, tree, status=422)


def _simulated(
    request: MemberRequest, row: RoutingRule | None, form: RoutingRuleForm, tree: dict[str, Any]
) -> HttpResponse:
    """Try the draft on past mentions; it stands in the form as it was, and nothing is saved."""
    draft = RoutingRule(pk=row.pk if row else None, **form.cleaned_data, condition=tree)
    draft.is_active = row.is_active if row else True
    days = key_in(request.POST.get("days", ""))
    today = list(RoutingRule.objects.with_names().in_order())
    then = [draft if row and rule.pk == row.pk else rule for rule in today] + ([] if row else [draft])
    try:
        with patience(PATIENCE_SECONDS):
            found = simulate(today, then, days=days if days in DAYS else 7, at=clock.now())
    except TooWide:
        form.add_error(None, _("This took too long to try. Try fewer days."))
        return _editor(request, row, form, tree, status=422)
    return _editor(request, row, form, tree, simulation=found)


def _unchecked(said: Any) -> dict[str, Any]:
    """What stands in the form's fields, not judged."""
    return {
        name: name in said if name in {"needs_approval", "goes_on"} else said.get(name)
        for name in RoutingRuleForm.base_fields
    }


def _save(request: MemberRequest, row: RoutingRule | None, fields: dict[str, Any]) -> None:
    told = acting(request)
    if row:
        actions.change_rule(row, **fields, **told)
    else:
        actions.add_rule(fields.pop("department") or active_organization(), **fields, **told)


def _editor(
    request: MemberRequest,
    row: RoutingRule | None,
    form: RoutingRuleForm,
    tree: dict[str, Any],
    *,
    problem: ConditionError | None = None,
    fresh: str = "",
    simulation: Simulation | None = None,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "rule": row,
        "condition": rule_editor.drawn(tree, problem=problem, fresh=fresh),
        "reading": _reading(tree),
        "simulation": simulation,
        "days": DAYS,
        "chosen_days": simulation.days if simulation else 7,
    }
    return page(request, "engagement/rule_form.html", context, part="editor", status=status)


def _reading(tree: dict[str, Any]) -> str:
    """The condition as a sentence, where it can be read already."""
    try:
        clean = checked(tree)
    except ConditionError:
        return ""
    return sentence_html(named(clean, names_for([clean])))


@require_POST
@needs("engagement.manage_rules")
def move_rule(request: MemberRequest, pk: int) -> HttpResponse:
    """Move a rule one place up or down."""
    row = get_object_or_404(RoutingRule, pk=pk)
    up = request.POST.get("direction") == "up"
    actions.move_rule(row, up=up, **acting(request))
    undo = Undo(reverse("engagement:move_rule", args=[pk]), fields={"direction": "down" if up else "up"})
    return done(request, _("The order is changed."), to=reverse("engagement:rules"), undo=undo)


@require_POST
@needs("engagement.manage_rules")
def order_rules(request: MemberRequest) -> HttpResponse:
    """Put all rules into the order in which they were dragged."""
    keys = [key for text in request.POST.getlist("rule") if (key := key_in(text)) is not None]
    before = list(RoutingRule.objects.in_order().values_list("pk", flat=True))
    if sorted(keys) != sorted(before):
        return refused(request, _("The rules have changed since you opened this."), to=reverse("engagement:rules"))
    actions.order_rules(active_organization(), keys=keys, **acting(request))
    return done(request, _("The order is changed."), to=reverse("engagement:rules"))


@require_POST
@needs("engagement.manage_rules")
def switch_rule(request: MemberRequest, pk: int) -> HttpResponse:
    """Switch a rule on or off."""
    row = get_object_or_404(RoutingRule, pk=pk)
    on = request.POST.get("on") == "on"
    actions.switch_rule(row, on=on, **acting(request))
    undo = Undo(reverse("engagement:switch_rule", args=[pk]), fields={"on": "" if on else "on"})
    return done(
        request,
        _("The rule is switched on.") if on else _("The rule is switched off."),
        to=reverse("engagement:rules"),
        undo=undo,
    )


@require_POST
@needs("engagement.manage_rules")
def remove_rule(request: MemberRequest, pk: int) -> HttpResponse:
    """Remove a rule; what it routed stays where it is."""
    actions.remove_rule(get_object_or_404(RoutingRule, pk=pk), **acting(request))
    return done(request, _("The rule is removed; what it routed stays."), to=reverse("engagement:rules"))
