"""Replies that wait for somebody's yes: for those who are asked, and for those who wait."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from engagement.actions import approvals as actions
from engagement.approving import digest_of
from engagement.attention import attention
from engagement.models import Approval
from engagement.refusals import Refusal
from engagement.steps import steps_in_words
from engagement.views.asked import listed, tab_in
from roles.models import Member
from roles.permissions import decide
from roles.respond import MemberRequest, acting, back_to, done, needs, page, refused_by
from roles.step_words import keys_in, names_of, who_is_asked


@require_safe
@needs("engagement.approve")
def approvals(request: MemberRequest) -> HttpResponse:
    """What waits for the member's yes, or for somebody else's; what waits longest first."""
    member, here = request.member, reverse("engagement:approvals")
    rows, lists = listed(request, _behind(tab_in(request), member), here=here, asked=attention(member).approvals)
    names = names_of(key for row in rows for key in keys_in(row))
    entries = [_entry(row, member, names) for row in rows]
    return page(request, "engagement/approvals.html", {"entries": entries, **lists})


def _behind(tab: str, member: Member) -> Any:
    rows = Approval.objects.all()
    match tab:
        case "mine":
            return rows.waiting().filter(reply__by=member)
        case "all":
            return rows.waiting().visible_to(member)
        case "ended":
            return rows.filter(state__in=[Approval.State.APPROVED, Approval.State.SENT_BACK]).visible_to(member)
        case _:
            return rows.asked_of(member)


def _entry(row: Approval, member: Member, names: dict[int, str]) -> dict[str, Any]:
    has_said = any(said.by_id == member.pk for said in row.decisions.all())
    return {
        "approval": row,
        "reply": row.reply,
        "post": row.reply.post,
        "who": who_is_asked(row, names),
        "digest": digest_of(row.reply),
        "may": decide(member, "engagement.approve", row),
        "is_asked": row.state == Approval.State.WAITING and not has_said,
        "may_open": decide(member, "engagement.read", row.reply),
    }


@require_safe
@needs("engagement.approve")
def approval(request: MemberRequest, pk: int) -> HttpResponse:
    """One reply as it would go out, what it answers, and every step."""
    member = request.member
    row = _row(pk, member)
    steps = Approval.objects.filter(reply=row.reply).exclude(state=Approval.State.WITHDRAWN).order_by("number", "pk")
    found = list(steps.select_related("reply"))
    entry = _entry(row, member, names_of(keys_in(row)))
    return page(
        request, "engagement/approval.html", {"entry": entry, "steps": steps_in_words(found, member), "approval": row}
    )


def _row(pk: int, member: Member) -> Approval:
    return get_object_or_404(Approval.objects.visible_to(member).with_everything(), pk=pk)


@require_POST
@needs("engagement.approve")
def approve(request: MemberRequest, pk: int) -> HttpResponse:
    """Say yes to exactly what was shown."""
    digest = request.POST.get("digest", "")
    return _decide(request, pk, lambda row, **told: actions.approve(row, digest=digest, **told))


@require_POST
@needs("engagement.approve")
def send_back(request: MemberRequest, pk: int) -> HttpResponse:
    """Say no, and why."""
    reason = request.POST.get("reason", "")
    return _decide(request, pk, lambda row, **told: actions.send_back(row, reason=reason, **told))


def _decide(request: MemberRequest, pk: int, act: Callable[..., Approval]) -> HttpResponse:
    try:
        step = act(_row(pk, request.member), **acting(request))
    except (PermissionDenied, Refusal, ValidationError) as problem:
        return refused_by(request, problem, to=reverse("engagement:approval", args=[pk]))
    says = {
        Approval.State.APPROVED: _("Approved."),
        Approval.State.SENT_BACK: _("Sent back to the writer."),
    }
    said = says.get(Approval.State(step.state), _("Noted. Others are still asked."))
    return done(request, said, to=back_to(request, reverse("engagement:approvals")))
