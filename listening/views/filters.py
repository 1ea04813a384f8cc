"""Saved filters: the list of them, saving, changing, moving, removing."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from listening import stream as reads
from listening.actions import filters as actions
from listening.filtering import StreamFilter
from listening.models import SavedFilter
from listening.views.stream import chips, fields_of
from roles.keys import key_in
from roles.models import Department, Member
from roles.permissions import decide
from roles.respond import MemberRequest, acting, done, needs, page, refused_by


@require_safe
@needs("listening.read")
def filters(request: MemberRequest) -> HttpResponse:
    """Every saved filter that one sees, and a form that keeps the filter in the address."""
    member = request.member
    wanted = StreamFilter.of(request.GET.dict())
    known = reads.around(member).choices
    rows = SavedFilter.objects.visible_to(member).in_order().select_related("department", "owner__user")[:200]
    context = {
        "wanted": wanted,
        "chips": chips(wanted, fields_of(wanted, known)),
        "filters": [_line(row, member, known) for row in rows],
        "departments": known["department"],
        "may_share": bool(decide(member, "listening.triage")),
    }
    return page(request, "listening/filters.html", context)


@require_POST
@needs("listening.save_filter")
def save_filter(request: MemberRequest) -> HttpResponse:
    """Keep a filter under a name."""
    wanted = StreamFilter.read(request.POST.get("query", ""))
    said = {"name": request.POST.get("name", ""), "wanted": wanted, **_circle(request), **acting(request)}
    to = f"{reverse('listening:stream')}?{wanted}"
    return _do(
        request,
        lambda: actions.save_filter(**said),
        _("Saved."),
        to=to,
        back=f"{reverse('listening:filters')}?{wanted}",
    )


@require_POST
@needs("listening.save_filter")
def change_filter(request: MemberRequest, pk: int) -> HttpResponse:
    """Change a saved filter's name, what it says, or who sees it."""
    row = _row(request, pk)
    wanted = StreamFilter.read(request.POST.get("now") or request.POST.get("query", row.query))
    said = {"name": request.POST.get("name", ""), "wanted": wanted, **_circle(request), **acting(request)}
    return _do(request, lambda: actions.change_filter(row, **said), _("The filter is changed."))


@require_POST
@needs("listening.save_filter")
def move_filter(request: MemberRequest, pk: int) -> HttpResponse:
    """Move a saved filter up or down in its list."""
    row, is_up = _row(request, pk), request.POST.get("to") == "up"
    return _do(request, lambda: actions.move_filter(row, up=is_up, **acting(request)), _("The order is changed."))


@require_POST
@needs("listening.save_filter")
def remove_filter(request: MemberRequest, pk: int) -> HttpResponse:
    """Forget a saved filter."""
    row = _row(request, pk)
    return _do(request, lambda: actions.remove_filter(row, **acting(request)), _("The filter is removed."))


def _row(request: MemberRequest, pk: int) -> SavedFilter:
    return get_object_or_404(SavedFilter.objects.visible_to(request.member), pk=pk)


def _line(row: SavedFilter, member: Member, known: dict[str, list[tuple[str, str]]]) -> dict[str, Any]:
    wanted = StreamFilter.read(row.query)
    said = [chip["label"] for chip in chips(wanted, fields_of(wanted, known))]
    return {
        "row": row,
        "wanted": wanted,
        "said": said,
        "may_change": bool(decide(member, "listening.save_filter", row)),
    }


def _circle(request: MemberRequest) -> dict[str, Any]:
    """For whom: “me”, “everyone”, or the key of a department."""
    whose = request.POST.get("for", "me")
    if (key := key_in(whose)) is not None:
        return {"shared": True, "department": get_object_or_404(Department, pk=key)}
    return {"shared": whose == "everyone", "department": None}


def _do(request: MemberRequest, act: Any, message: str, *, to: str = "", back: str = "") -> HttpResponse:
    back = back or reverse("listening:filters")
    try:
        act()
    except (PermissionDenied, ValidationError) as problem:
        return refused_by(request, problem, to=back)
    return done(request, message, to=to or reverse("listening:filters"))
