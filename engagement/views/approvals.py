"""Replies that wait for somebody's yes: for those who are asked, and for those who wait."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from engagement.actions import approvals as actions
from engagement.approving import digest_of
from engagement.attention import attention
from engagement.models import Approval
from engagement.refusals import Refusal
from engagement.steps import steps_in_words
from roles import clock
from roles.keys import key_in
from roles.models import Member
from roles.permissions import decide
from roles.respond import MemberRequest, back_to, done, needs, page, refused
from roles.step_words import keys_in, names_of, who_is_asked

PER_PAGE = 20
TABS = {
    "asked": gettext_lazy("You are asked"),
    "mine": gettext_lazy("You wait"),
    "all": gettext_lazy("All that wait"),
    "ended": gettext_lazy("Decided"),
}


@require_safe
@needs("engagement.approve")
def approvals(request: MemberRequest) -> HttpResponse:
    """What waits for the member's yes, or for somebody else's; what waits longest first."""
    member = request.member
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else "asked"
    rows = _behind(tab, member)
    newest_first = tab == "ended"
    if after := key_in(request.GET.get("after", "")):
        rows = rows.filter(pk__lt=after) if newest_first else rows.filter(pk__gt=after)
    found = list(rows.with_everything().order_by("-pk" if newest_first else "pk")[: PER_PAGE + 1])
    shown, here = found[:PER_PAGE], reverse("engagement:approvals")
    names = names_of(key for row in shown for key in keys_in(row))
    last = shown[-1].pk if len(found) > PER_PAGE else None
    context = {
        "entries": [_entry(row, member, names) for row in shown],
        "tab": tab,
        "tabs": [
            {"url": f"{here}?{urlencode({'tab': name})}", "label": label, "current": name == tab,
             "count": attention(member).approvals if name == "asked" else None}
            for name, label in TABS.items()
        ],
        "next_url": f"{here}?{urlencode({'tab': tab, 'after': last})}" if last else "",
    }  # fmt: skip
    return page(request, "engagement/approvals.html", context, part="list")


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
    return _decide(request, pk, lambda row, **acting: actions.approve(row, digest=digest, **acting))


@require_POST
@needs("engagement.approve")
def send_back(request: MemberRequest, pk: int) -> HttpResponse:
    """Say no, and why."""
    reason = request.POST.get("reason", "")
    return _decide(request, pk, lambda row, **acting: actions.send_back(row, reason=reason, **acting))


def _decide(request: MemberRequest, pk: int, act: Callable[..., Approval]) -> HttpResponse:
    member = request.member
    row, here = _row(pk, member), reverse("engagement:approval", args=[pk])
    try:
        step = act(row, by=member, at=clock.now())
    except PermissionDenied as problem:
        return refused(request, str(problem), to=here, status=403)
    except Refusal as problem:
        return refused(request, str(problem), to=here)
    except ValidationError as problem:
        return refused(request, " ".join(problem.messages), to=here, status=422)
    says = {
        Approval.State.APPROVED: _("Approved."),
        Approval.State.SENT_BACK: _("Sent back to the writer."),
    }
    said = says.get(Approval.State(step.state), _("Noted. Others are still asked."))
    return done(request, said, to=back_to(request, reverse("engagement:approvals")))
