"""Deliveries that failed or are unknown: a queue of their own, with an owner for each."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from engagement import waiting
from engagement.actions import deliveries as actions
from engagement.attention import attention
from engagement.models import Reply
from engagement.refusals import Refusal
from listening import networks
from listening.way_out.states import may_send_again
from roles import clock
from roles.keys import key_in
from roles.models import Department, Member
from roles.respond import MemberRequest, back_to, done, needs, page, refused_by


@require_safe
@needs("engagement.read")
def deliveries(request: MemberRequest) -> HttpResponse:
    """What did not simply go out, what waits longest first; every tab and filter has its address."""
    member = request.member
    tab = request.GET.get("tab", "")
    tab = tab if tab in waiting.TABS else "decide"
    filters = waiting.Filters(**{name: request.GET.get(name, "") for name in waiting.Filters.__dataclass_fields__})
    rows = filters.narrow(waiting.behind(tab, member, at=clock.now()), member)
    shown, after = waiting.page_of(rows, tab, request.GET.get("after", ""))
    here = reverse("engagement:deliveries")
    address = {"tab": tab, **filters.as_query()}
    context = {
        "entries": _entries(shown),
        "tabs": [
            {"url": f"{here}?{urlencode({'tab': name})}", "label": label, "current": name == tab,
             "count": attention(member).deliveries if name == "decide" else None}
            for name, label in waiting.TABS.items()
        ],
        "tab": tab, "filters": filters, "filtered": bool(filters),
        "clear_url": f"{here}?{urlencode({'tab': tab})}",
        "next_url": f"{here}?{urlencode({**address, 'after': after})}" if after else "",
        "networks": networks.choices(),
        "departments": [(str(row.pk), str(row)) for row in Department.objects.all()],
    }  # fmt: skip
    return page(request, "engagement/deliveries.html", context)


@require_safe
@needs("engagement.read")
def delivery(request: MemberRequest, pk: int) -> HttpResponse:
    """One delivery in full: what was tried and looked up, and what a person may decide."""
    member = request.member
    row = get_object_or_404(waiting.with_history(Reply.objects.visible_to(member)), pk=pk)
    return page(request, "engagement/delivery.html", {"entry": _entries([row])[0], "reply": row})


def _entries(rows: list[Reply]) -> list[dict[str, Any]]:
    able = waiting.people_who_decide(row.assignment.department_id for row in rows) if rows else {}
    return [
        {"reply": row, "people": able[row.assignment.department_id], "may_send_again": may_send_again(row)}
        for row in rows
    ]


@require_POST
@needs("engagement.settle_delivery")
def reassign_delivery(request: MemberRequest, pk: int) -> HttpResponse:
    """Say who has to act."""
    member = request.member
    row = get_object_or_404(Reply.objects.visible_to(member).select_related("assignment__department"), pk=pk)
    people = Member.objects.active().select_related("user")
    to = get_object_or_404(people, pk=key_in(request.POST.get("to", "")))
    here = back_to(request, reverse("engagement:delivery", args=[pk]))
    try:
        actions.reassign_delivery(row, to=to, by=member, at=clock.now())
    except (PermissionDenied, Refusal, ValidationError) as problem:
        return refused_by(request, problem, to=here)
    return done(request, _("%(person)s has to act now.") % {"person": to}, to=here)
