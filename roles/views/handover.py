"""Hand over everything that somebody has: nothing stays with nobody."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from roles import clock
from roles.actions import handover as actions
from roles.belongings import MOST, belongings
from roles.forms import refusals_in
from roles.handover_forms import HandOverForm
from roles.models import Member
from roles.permissions import decide, require
from roles.respond import MemberRequest, done, may_open, needs, page

SHOWN = 20


@require_http_methods(["GET", "HEAD", "POST"])
@needs("roles.hand_over")
def hand_over(request: MemberRequest, pk: int) -> HttpResponse:
    """Show all that somebody has, and pass it on in one go."""
    who = get_object_or_404(Member.objects.with_positions(), pk=pk)
    by = request.member
    require(by, "roles.hand_over", who)
    kinds = ((kind, list(kind.things(who))) for kind in belongings())
    found = [(kind, things) for kind, things in kinds if things]
    may_leave = bool(decide(by, "roles.manage_members", who)) and who.is_active
    form = HandOverForm(
        request.POST if request.method == "POST" else None,
        who=who,
        found=found,
        may_leave=may_leave,
        initial={"leaves": "leave" in request.GET},
    )
    if request.method == "POST" and form.is_valid():
        leaves = bool(form.cleaned_data.get("leaves"))
        with refusals_in(form, PermissionDenied):
            moved = actions.hand_over_everything(
                who, to=form.recipients, note=form.cleaned_data["note"], leaves=leaves, by=by, at=clock.now()
            )
            return done(request, _said(who, sum(moved.values()), leaves), to=reverse("roles:member", args=[pk]))
    context = _context(who, found, form, by)
    return page(request, "roles/hand_over.html", context, status=422 if form.errors else 200)


def _context(who: Member, found: list[Any], form: HandOverForm, by: Member) -> dict[str, Any]:
    kinds = [
        {
            "title": kind.title,
            "things": [
                thing if not thing.url or may_open(by, thing.url) else thing._replace(url="")
                for thing in things[:SHOWN]
            ],
            "count": f"{MOST}+" if len(things) > MOST else len(things),
            "more": max(0, len(things) - SHOWN),
            "field": form[f"to_{kind.name}"],
        }
        for kind, things in found
    ]
    return {"who": who, "kinds": kinds, "form": form}


def _said(who: Member, count: int, leaves: bool) -> str:
    message = ngettext("%(n)s thing is handed over.", "%(n)s things are handed over.", count) % {"n": count}
    return f"{message} {_('%(name)s has left.') % {'name': who}}" if leaves else message
