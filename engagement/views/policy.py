"""How work finds a person, who has what, and handing it over."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from engagement.actions import policy as actions
from engagement.forms import AssignmentPolicyForm, HandOverForm
from engagement.models import Assignment, AssignmentPolicy
from engagement.policy_words import in_words
from engagement.querysets import open_loads
from roles import clock
from roles.forms import refusals_in
from roles.keys import key_in
from roles.models import Member
from roles.permissions import decide, require
from roles.respond import MemberRequest, done, needs, page
from roles.tenancy import active_organization


@require_http_methods(["GET", "HEAD", "POST"])
@needs("engagement.read_rules")
def policy(request: MemberRequest) -> HttpResponse:
    """The policy in words, the people it chooses from, and, for coaches, the way to change it."""
    row = AssignmentPolicy.objects.current()
    member = request.member
    may = decide(member, "engagement.set_policy", active_organization())
    form = AssignmentPolicyForm(request.POST or None, instance=row)
    if request.method == "POST":
        require(member, "engagement.set_policy", active_organization())
        # The form writes into its row; what is told and kept starts from the row as it stands.
        if form.is_valid():
            with refusals_in(form):
                actions.set_policy(active_organization(), **form.cleaned_data, by=member, at=clock.now())
                return done(request, _("Saved; it holds from now on."), to=reverse("engagement:policy"))
    context = {"form": form, "may_set": may, "words": in_words(AssignmentPolicy.objects.current()), "people": _people()}
    return page(request, "engagement/policy.html", context, status=422 if form.errors else 200)


def _people() -> list[dict[str, Any]]:
    """Who answers, whether they are here, and how much they have of what they can carry."""
    at = clock.now()
    able = Member.objects.who_may("engagement.claim")
    rows = list(able.with_positions().prefetch_related("time_blocks").by_name())
    since = at
    loads = {key: load for key, load, _given, _share in open_loads([row.pk for row in rows], since=since)}
    return [
        {
            "member": row,
            "is_available": row.is_available(at),
            "is_here": row.is_here(at),
            "load": loads.get(row.pk, 0),
            "positions": [position for position in row.positions.all() if position.carries("engagement.claim")],
        }
        for row in rows
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@needs("engagement.hand_over")
def hand_over(request: MemberRequest, pk: int) -> HttpResponse:
    """Pass on what somebody has: all of it or some, to a colleague or to whom the policy chooses."""
    who = get_object_or_404(Member.objects.with_positions(), pk=pk)
    member = request.member
    require(member, "engagement.hand_over", who)
    rows = Assignment.objects.unresolved().of(who).for_list().most_urgent_first()[: actions.AT_ONCE + 1]
    found = list(rows)
    form = HandOverForm(request.POST or None, member=who)
    if request.method == "POST" and form.is_valid():
        chosen = [key for text in request.POST.getlist("assignment") if (key := key_in(text)) is not None]
        keys = None if "everything" in request.POST else chosen
        moved, stayed = actions.hand_over(who, **form.cleaned_data, assignments=keys, by=member, at=clock.now())
        message = ngettext("%(n)s assignment is handed over.", "%(n)s assignments are handed over.", moved)
        message %= {"n": moved}
        if stayed:
            message += " " + _("%(n)s stayed: a reply is on its way, or the person may not have it.") % {"n": stayed}
        return done(request, message, to=reverse("engagement:hand_over", args=[pk]))
    context = {"who": who, "rows": found[: actions.AT_ONCE], "more": len(found) > actions.AT_ONCE, "form": form}
    return page(request, "engagement/hand_over.html", context, status=422 if form.errors else 200)
