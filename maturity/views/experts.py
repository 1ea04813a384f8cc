"""Experts: who knows what first-hand, for questions, for content, and as ambassadors."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from listening.models import Topic
from maturity.actions import experts as actions
from maturity.expert_forms import ExpertForm
from maturity.giving import ANSWER, DECISION, IDEA, given_by
from maturity.models import Expert
from roles import clock
from roles.forms import refusals_in
from roles.keys import key_in
from roles.models import Member, Role
from roles.permissions import decide, require
from roles.respond import MemberRequest, acting, done, needs, page

MOST = 300
FOR = {"content": {"writes_well": True}, "ambassadors": {"is_ambassador": True}}


@require_safe
@needs("maturity.read")
def experts(request: MemberRequest) -> HttpResponse:
    """Show who knows what, all or for one purpose or topic, with the time that they have given."""
    member = request.member
    purpose, topic = request.GET.get("for", ""), key_in(request.GET.get("topic", ""))
    rows = Expert.objects.standing().with_everything()
    if purpose in FOR:
        rows = rows.filter(**FOR[purpose])
    if topic:
        rows = rows.on(topic)
    shown = list(rows[: MOST + 1])
    given = given_by(shown[:MOST], at=clock.now())
    may_name_all = Role.COACH in member.roles
    listed = {row.member_id for row in shown}
    context = {
        "experts": [
            (row, given[row.member_id], decide(member, "maturity.name_expert", row.member)) for row in shown[:MOST]
        ],
        "more": len(shown) > MOST,
        "purpose": purpose if purpose in FOR else "",
        "topics": list(Topic.objects.active().by_name()),
        "topic": topic,
        "assumed": {"answer": ANSWER, "decision": DECISION, "idea": IDEA},
        "may_name_all": may_name_all,
        "may_name_oneself": member.pk not in listed and not purpose and not topic,
        "people": Member.objects.active().by_name().named() if may_name_all else [],
    }
    return page(request, "maturity/experts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("maturity.name_expert")
def name_expert(request: MemberRequest, pk: int) -> HttpResponse:
    """Say what a member knows first-hand."""
    member = get_object_or_404(Member.objects.active().select_related("user"), pk=pk)
    require(request.member, "maturity.name_expert", member)
    row = Expert.objects.filter(member=member).first()
    initial = {}
    if row is not None:
        initial = {name: getattr(row, name) for name in ("knows", "writes_well", "is_ambassador", "hours")}
        initial["topics"] = list(row.topics.values_list("topic", flat=True))
    form = ExpertForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            actions.name_expert(member, **form.cleaned_data, **acting(request))
            return done(
                request, _("Noted: %(name)s can be found now.") % {"name": member}, to=reverse("maturity:experts")
            )
    context = {"form": form, "who": member, "expert": row if row and not row.dropped_at else None}
    return page(request, "maturity/expert_form.html", context, status=422 if form.errors else 200)


@require_safe
@needs("maturity.name_expert")
def choose_expert(request: MemberRequest) -> HttpResponse:
    """Go on to the form of the member who was chosen."""
    member = get_object_or_404(Member.objects.active(), pk=key_in(request.GET.get("member", "")) or 0)
    return HttpResponseRedirect(reverse("maturity:name_expert", args=[member.pk]))


@require_POST
@needs("maturity.name_expert")
def drop_expert(request: MemberRequest, pk: int) -> HttpResponse:
    """Take somebody off the list."""
    member = get_object_or_404(Member.objects.active(), pk=pk)
    require(request.member, "maturity.name_expert", member)
    actions.drop_expert(member, **acting(request))
    return done(request, _("Taken off the list."), to=reverse("maturity:experts"))
