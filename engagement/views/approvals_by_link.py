"""Approve one reply from its mail: the signed link is the key to exactly one text; to open it changes nothing."""

from __future__ import annotations

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from engagement import housekeeping
from engagement.actions import approvals as actions
from engagement.approving import digest_of
from engagement.mailing import read_approval_token
from engagement.models import Approval
from engagement.views.by_link import answered, reason_in, shown
from roles import clock
from roles.limits import limited
from roles.models import Member
from roles.permissions import decide
from roles.tenancy import answering_for

TEMPLATE = "engagement/approve_by_link.html"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limited("approval-link", most=60, seconds=600)
def approve_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Show what would go out, and take the yes or the no of the one person who was asked."""
    try:
        organization_id, key, member_id, digest = read_approval_token(token)
        found = housekeeping.approval_of_link(organization_id, key, member_id)
    except (signing.BadSignature, ValueError, TypeError):
        found = None
    if found is None:
        return shown(request, TEMPLATE)
    step, member = found
    with answering_for(member.organization):
        if not decide(member, "engagement.approve", Approval.objects.with_everything().get(pk=step.pk)):
            return shown(request, TEMPLATE)
        told = answered(request, lambda: _decide(request, step, member, digest))
        row = Approval.objects.with_everything().get(pk=step.pk)
        context = {
            **told,
            "approval": row,
            "reply": row.reply,
            "post": row.reply.post,
            "is_other": digest_of(row.reply) != digest,
            "is_asked": row.state == Approval.State.WAITING and not row.decisions.filter(by=member).exists(),
        }
        return shown(request, TEMPLATE, context)


def _decide(request: HttpRequest, step: Approval, member: Member, digest: str) -> str:
    decision, at = request.POST.get("decision", ""), clock.now()
    if decision == "approve":
        actions.approve(step, digest=digest, by=member, at=at)
        return _("Approved. It goes out when everybody who is asked has said yes.")
    actions.send_back(step, reason=reason_in(request), by=member, at=at)
    return _("Sent back to the writer, with what should be different.")
