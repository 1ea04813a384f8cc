"""The rules as a set: its history, going back, and one mention tried on it."""

from __future__ import annotations

from itertools import zip_longest

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from engagement.actions import rules as actions
from engagement.forms import TriedMentionForm
from engagement.models import RoutingRule, RuleSetVersion
from engagement.refusals import Refusal
from engagement.rule_sets import difference
from engagement.simulating import ask_each
from engagement.trying import imagined
from listening.models import Mention
from roles import clock
from roles.keys import key_in
from roles.permissions import decide
from roles.respond import MemberRequest, acting, done, needs, page, refused_by
from roles.sentences import GAP, verb_in_words
from roles.tenancy import active_organization

AT_ONCE = 20


@require_safe
@needs("engagement.read_rules")
def rule_history(request: MemberRequest) -> HttpResponse:
    """Every state of the rules, the newest first, with what changed."""
    rows = RuleSetVersion.objects.select_related("by__user").order_by("-number")
    newest = rows.values_list("number", flat=True).first()
    if (before := key_in(request.GET.get("before", ""))) is not None:
        rows = rows.filter(number__lt=before)
    found = list(rows[: AT_ONCE + 1])
    shown = [
        (row, verb_in_words(row.verb, subject=row.subject or GAP), difference(older.rules if older else [], row.rules))
        for row, older in zip_longest(found, found[1:])
    ][:AT_ONCE]
    context = {
        "versions": shown,
        "newest": newest,
        "next_url": f"?before={found[AT_ONCE - 1].number}" if len(found) > AT_ONCE else "",
        "may_manage": decide(request.member, "engagement.manage_rules"),
    }
    return page(request, "engagement/rule_history.html", context)


@require_POST
@needs("engagement.manage_rules")
def restore_rules(request: MemberRequest, number: int) -> HttpResponse:
    """Make the rules what they were after a change."""
    version = get_object_or_404(RuleSetVersion, number=number)
    newest = key_in(request.POST.get("newest", ""))
    told = acting(request)
    to = reverse("engagement:rule_history")
    try:
        actions.restore_rules(active_organization(), version=version, newest=newest, **told)
    except (Refusal, ValidationError) as problem:
        return refused_by(request, problem, to=to)
    return done(request, _("The rules are as they were after change %(n)s.") % {"n": number}, to=to)


@require_safe
@needs("engagement.read_rules")
def try_rules(request: MemberRequest) -> HttpResponse:
    """Say of one mention, past or made up, which rule takes it, and why each other does not."""
    mention: Mention | None = None
    if (key := key_in(request.GET.get("mention", ""))) is not None:
        mention = get_object_or_404(Mention.objects.select_related("post__author"), pk=key)
    form = TriedMentionForm(request.GET if "text" in request.GET else None)
    at = clock.now()
    if mention is None and form.is_bound and form.is_valid():
        mention = imagined(**form.cleaned_data, at=at)
    rules = list(RoutingRule.objects.with_names().in_order())
    recent = Mention.objects.select_related("post__author").order_by("-pk")[:10]
    context = {
        "form": form,
        "tried": mention,
        "answers": ask_each(rules, mention, at=at) if mention else [],
        "recent": recent,
    }
    return page(request, "engagement/try_rules.html", context)
