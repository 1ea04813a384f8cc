"""The inventory: where we are, where they talk, where we should be."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from maturity.actions import presences as actions
from maturity.inventory import cost, newest_map, place_of, spots
from maturity.models import Presence
from maturity.presence_forms import PresenceForm
from roles.forms import refusals_in
from roles.permissions import decide
from roles.respond import MemberRequest, Undo, acting, done, needs, page

MOST = 300


@require_safe
@needs("maturity.read")
def presences(request: MemberRequest) -> HttpResponse:
    """Show the inventory beside the venue map, with what one place more would cost."""
    member = request.member
    rows = list(Presence.objects.standing().with_everything().by_name()[:MOST])
    drawn = newest_map() if decide(member, "listening.read") else None
    context = {
        "groups": [(kind, [row for row in rows if row.kind == kind]) for kind in Presence.Kind],
        "presences": rows,
        "spots": spots(drawn, rows),
        "map": drawn,
        "advice": cost(rows).advice() if rows or drawn else [],
        "checked_at": min((row.checked_at for row in rows), default=None),
        "may_manage": decide(member, "maturity.manage_presences"),
        "may_budget": decide(member, "maturity.read_budget"),
    }
    return page(request, "maturity/presences.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("maturity.manage_presences")
def note_presence(request: MemberRequest) -> HttpResponse:
    """Note a place."""
    initial = {name: request.GET.get(name, "") for name in ("kind", "place", "name")}
    form = PresenceForm(request.POST or None, initial={**initial, "kind": initial["kind"] or Presence.Kind.OWNED})
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            actions.note_presence(request.organization, **form.cleaned_data, **acting(request))
            return done(request, _("Saved."), to=reverse("maturity:presences"))
    return _form(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("maturity.manage_presences")
def change_presence(request: MemberRequest, pk: int) -> HttpResponse:
    """Say of a place otherwise."""
    row = get_object_or_404(Presence.objects.with_everything(), pk=pk)
    initial = {name: getattr(row, name) for name in ("kind", "name", "address", "member", "department", "note")}
    form = PresenceForm(
        request.POST or None, initial={**initial, "place": place_of(row), "place_name": str(row.source or row.network)}
    )
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            actions.change_presence(row, **form.cleaned_data, **acting(request))
            return done(request, _("Saved."), to=reverse("maturity:presences"))
    return _form(request, form, row)


def _form(request: MemberRequest, form: PresenceForm, row: Presence | None) -> HttpResponse:
    context = {"form": form, "presence": row}
    return page(request, "maturity/presence_form.html", context, status=422 if form.errors else 200)


@require_POST
@needs("maturity.manage_presences")
def drop_presence(request: MemberRequest, pk: int) -> HttpResponse:
    """Take a place off the inventory."""
    actions.drop_presence(get_object_or_404(Presence, pk=pk), **acting(request))
    undo = Undo(reverse("maturity:take_up_presence", args=[pk]))
    return done(request, _("Taken off the inventory."), to=reverse("maturity:presences"), undo=undo)


@require_POST
@needs("maturity.manage_presences")
def take_up_presence(request: MemberRequest, pk: int) -> HttpResponse:
    """Put a place on the inventory again."""
    actions.take_up_presence(get_object_or_404(Presence, pk=pk), **acting(request))
    return done(request, _("It is on the inventory again."), to=reverse("maturity:presences"))


@require_POST
@needs("maturity.manage_presences")
def look_over_presences(request: MemberRequest) -> HttpResponse:
    """Say that the inventory is right as it stands."""
    count = actions.look_over_presences(request.organization, **acting(request))
    said = ngettext("%(n)s place is looked over.", "%(n)s places are looked over.", count) % {"n": count}
    return done(request, said, to=reverse("maturity:presences"))
