"""Publications: what is due, under way, in trouble or out, and settling them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from content import publication_lists as lists
from content.actions import first_comments as comments
from content.actions import publications as actions
from content.by_hand import to_post
from content.gate import held_by_stops
from content.models import FirstComment, Publication, Variant
from content.plans import publications_for
from content.results import came_of
from engagement.refusals import Refusal
from listening.way_out.states import may_send_again
from roles.keys import key_in
from roles.models import Member
from roles.permissions import decide
from roles.respond import MemberRequest, acting, back_to, done, needs, page, refused_by

State = Publication.State


@require_safe
@needs("content.read")
def publications(request: MemberRequest) -> HttpResponse:
    """What did not simply go out first; every tab has its address."""
    tab = request.GET.get("tab", "")
    tab = tab if tab in lists.TABS else ("decide" if publications_for(request.member) else "coming")
    shown, after = lists.page_of(tab, request.GET.get("after", ""))
    here = reverse("content:publications")
    context = {
        "entries": _entries(shown, request.member),
        "tabs": [
            {"url": f"{here}?{urlencode({'tab': name})}", "label": label, "current": name == tab,
             "count": publications_for(request.member) if name == "decide" else None}
            for name, label in lists.TABS.items()
        ],
        "tab": tab,
        "next_url": f"{here}?{urlencode({'tab': tab, 'after': after})}" if after else "",
        "unplanned": lists.unplanned() if tab == "coming" and "after" not in request.GET else [],
        "may_plan": decide(request.member, "content.plan"),
    }  # fmt: skip
    return page(request, "content/publications.html", context)


@require_safe
@needs("content.read")
def publication(request: MemberRequest, pk: int) -> HttpResponse:
    """One publication in full: what was tried and looked up, and what a person may decide."""
    row = get_object_or_404(lists.with_history(Publication.objects.all()), pk=pk)
    return page(request, "content/publication.html", {"entry": _entries([row], request.member)[0], "publication": row})


def _entries(rows: list[Publication], member: Member) -> list[dict[str, Any]]:
    deciding = [row for row in rows if row.put_before_person_at]
    able = lists.people_who_decide(row.variant.piece.department_id for row in deciding) if deciding else {}
    reviews = lists.reviews_that_wait(rows, member)
    by_hand, stopped = to_post(rows), _stopped(rows)
    came = {one.publication.pk: one for one in came_of([row for row in rows if row.state == State.ACCEPTED])}
    return [
        {
            "publication": row,
            "comment": getattr(row, "comment", None),
            "people": able.get(row.variant.piece.department_id, []),
            "may_send_again": may_send_again(row) or row.state in {State.MISSED, State.HELD},
            "why_not": decide(member, "engagement.stop_sending", row).reason if row.key in stopped else "",
            "is_movable": row.state in actions.MOVABLE,
            "review": reviews.get(row.variant_id),
            "came": came.get(row.pk),
            "to_post": by_hand.get(row.pk),
        }
        for row in rows
    ]


def _stopped(rows: list[Publication]) -> set[str]:
    """The keys of publications that are, or whose first comment is, held under a crisis stop."""
    held = [row for row in rows if State.HELD in {row.state, getattr(getattr(row, "comment", None), "state", "")}]
    return held_by_stops(held) if held else set()


@require_POST
@needs("content.plan")
def plan_now(request: MemberRequest, pk: int) -> HttpResponse:
    """Have a variant said at once."""
    variant = get_object_or_404(Variant.objects.select_related("piece__department", "channel"), pk=pk)
    return _do(request, lambda: actions.plan_now(variant, **acting(request)), _("It is on its way."), tab="under_way")


@require_POST
@needs("content.settle_publication")
def settle_publication(request: MemberRequest, pk: int) -> HttpResponse:
    """Decide about a publication that did not simply go out."""
    row, said = _publication(pk), _decision(request)
    return _do(
        request,
        lambda: actions.settle_publication(row, **said, **acting(request)),
        _("The publication is settled."),
        tab="decide",
    )


@require_POST
@needs("content.settle_publication")
def settle_comment(request: MemberRequest, pk: int) -> HttpResponse:
    """Decide about a first comment that did not simply go out."""
    row = get_object_or_404(FirstComment.objects.select_related("publication__variant__piece__department"), pk=pk)
    said = _decision(request)
    return _do(
        request,
        lambda: comments.settle_comment(row, **said, **acting(request)),
        _("The comment is settled."),
        tab="decide",
    )


@require_POST
@needs("content.settle_publication")
def reassign_publication(request: MemberRequest, pk: int) -> HttpResponse:
    """Say who has to act."""
    row = _publication(pk)
    to = get_object_or_404(Member.objects.active().select_related("user"), pk=key_in(request.POST.get("to", "")))
    said = _("%(person)s has to act now.") % {"person": to}
    return _do(request, lambda: actions.reassign_publication(row, to=to, **acting(request)), said, tab="decide")


def _publication(pk: int) -> Publication:
    row: Publication = get_object_or_404(Publication.objects.with_everything(), pk=pk)
    return row


def _decision(request: HttpRequest) -> dict[str, Any]:
    return {"decision": request.POST.get("decision", ""), "url": request.POST.get("url", "")}


def _do(request: MemberRequest, act: Callable[[], object], said: str, *, tab: str) -> HttpResponse:
    here = back_to(request, f"{reverse('content:publications')}?{urlencode({'tab': tab})}")
    try:
        act()
    except (PermissionDenied, Refusal, ValidationError) as problem:
        return refused_by(request, problem, to=here)
    return done(request, said, to=here)
