"""Proactive engagement: conversations worth joining, starters, and the ledger of social capital."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from engagement import joining as reads
from engagement.actions import joinings as actions
from engagement.joining_forms import PromotionPolicyForm, StarterForm
from engagement.models import Starter
from engagement.models.joinings import ASKED_FOR, Step
from engagement.refusals import Refusal
from listening.models import Mention
from roles import clock
from roles.forms import refusals_in
from roles.keys import key_in
from roles.permissions import decide
from roles.respond import MemberRequest, acting, done, needs, page, refused_by

PER_PAGE = 20


def _around(request: MemberRequest, tab: str) -> dict[str, Any]:
    """What all three pages show: the tabs, the share of self-promotion, and what is locked."""
    member = request.member
    return {
        "tab": tab,
        "share": reads.share(at=clock.now()),
        "may_join": decide(member, "engagement.join"),
        "may_start": decide(member, "engagement.start"),
        "may_limit": decide(member, "engagement.limit_promotion"),
    }


@require_safe
@needs("engagement.find_conversations")
def worth_joining(request: MemberRequest) -> HttpResponse:
    """Conversations of others, in the order of how much we could give there, each with why."""
    found, is_cut = reads.worth_joining(at=clock.now())
    start = min(key_in(request.GET.get("from", "")) or 0, reads.LOOKED_AT)
    around = _around(request, "worth")
    steps = [
        {"value": step.value, "label": step.label, "why_not": around["share"].why_not(step), "asks": step in ASKED_FOR}
        for step in Step
    ]
    context = {
        **around,
        "found": found[start : start + PER_PAGE],
        "next": start + PER_PAGE if len(found) > start + PER_PAGE else None,
        "is_cut": is_cut,
        "looked_at": reads.LOOKED_AT,
        "steps": steps,
    }
    return page(request, "engagement/worth_joining.html", context)


@require_POST
@needs("engagement.join")
def join(request: MemberRequest, pk: int) -> HttpResponse:
    """Join one of them, along the step that was chosen."""
    row, to = get_object_or_404(Mention, pk=pk), reverse("engagement:worth_joining")
    try:
        made = actions.join(row, step=request.POST.get("step", ""), **acting(request))
    except (PermissionDenied, Refusal, ValidationError) as problem:
        return refused_by(request, problem, to=to)
    return done(request, _("It is yours: write there."), to=reverse("engagement:assignment", args=[made.pk]))


@require_http_methods(["GET", "HEAD", "POST"])
@needs("engagement.start")
def starters(request: MemberRequest) -> HttpResponse:
    """Conversations that we mean to start, or did; a form for the next."""
    form = StarterForm(request.POST or None, initial={"owner": request.member.pk})
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            actions.add_starter(**form.cleaned_data, **acting(request))
            return done(request, _("The starter is planned."), to=reverse("engagement:starters"))
    ended = request.GET.get("show") == "ended"
    rows = Starter.objects.shown(ended=ended)
    if before := key_in(request.GET.get("before", "")):
        rows = rows.filter(pk__lt=before)
    shown = list(rows[: PER_PAGE + 1])
    context = {
        **_around(request, "starters"),
        "form": form,
        "starters": shown[:PER_PAGE],
        "older": shown[PER_PAGE - 1].pk if len(shown) > PER_PAGE else None,
        "ended": ended,
    }
    return page(request, "engagement/starters.html", context, status=422 if form.errors else 200)


@require_POST
@needs("engagement.start")
def end_starter(request: MemberRequest, pk: int) -> HttpResponse:
    """Say that it was started or dropped, and what came of it."""
    row, to = get_object_or_404(Starter, pk=pk), reverse("engagement:starters")
    state, url, outcome = (request.POST.get(name, "") for name in ("state", "url", "outcome"))
    try:
        actions.end_starter(row, state=state, url=url, outcome=outcome, **acting(request))
    except (Refusal, ValidationError) as problem:
        return refused_by(request, problem, to=to)
    return done(request, _("Saved."), to=to)


@require_safe
@needs("engagement.find_conversations")
def ledger(request: MemberRequest) -> HttpResponse:
    """What we gave in each community beside what we asked for."""
    context = {
        **_around(request, "ledger"),
        "accounts": reads.ledger(at=clock.now()),
        "days": reads.LEDGER_DAYS,
    }
    return page(request, "engagement/ledger.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("engagement.limit_promotion")
def limit_promotion(request: MemberRequest) -> HttpResponse:
    """Say how much may be about ourselves."""
    now = reads.policy()
    initial = {"most_percent": now.most_percent, "window_days": now.window_days}
    form = PromotionPolicyForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        actions.limit_promotion(request.organization, **form.cleaned_data, **acting(request))
        return done(request, _("Saved."), to=reverse("engagement:worth_joining"))
    return page(request, "engagement/limit_promotion.html", {"form": form}, status=422 if form.errors else 200)
