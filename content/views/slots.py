"""Slots: at which times of the week a channel usually says something, and which are free next."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from content.actions import slots as actions
from content.models import Slot
from content.slot_forms import SlotForm
from content.slots import AHEAD, Opening, free_between
from listening.models import Channel
from roles import clock
from roles.forms import refusals_in
from roles.permissions import decide
from roles.respond import MemberRequest, acting, done, needs, page


@require_http_methods(["GET", "HEAD"])
@needs("content.read")
def slots(request: MemberRequest) -> HttpResponse:
    """Show the slots of each channel, and which of them is free next."""
    return _page(request, SlotForm())


@require_POST
@needs("content.manage_campaigns")
def add_slots(request: MemberRequest) -> HttpResponse:
    """Add a time on some days of the week."""
    form = SlotForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            said = dict(form.cleaned_data)
            actions.add_slots(said.pop("channel"), **said, **acting(request))
            return done(request, _("The slot is added."), to=reverse("content:slots"))
    return _page(request, form)


@require_POST
@needs("content.manage_campaigns")
def remove_slot(request: MemberRequest, pk: int) -> HttpResponse:
    """Remove a slot."""
    actions.remove_slot(get_object_or_404(Slot, pk=pk), **acting(request))
    return done(request, _("Removed; what is planned at it stays planned."), to=reverse("content:slots"))


def _page(request: MemberRequest, form: SlotForm) -> HttpResponse:
    at = clock.now()
    rows = Slot.objects.select_related("channel").order_by("channel__name", "channel", "weekday", "at_time")
    slots = list(rows)
    upcoming: dict[int, Opening] = {}
    for one in free_between(at, at + AHEAD, at=at) if slots else []:
        upcoming.setdefault(one.channel, one)
    context = {
        "slots": slots,
        "upcoming": {key: one.due_at for key, one in upcoming.items()},
        "form": form,
        "has_channels": Channel.objects.filter(is_active=True).exists(),
        "may_manage": decide(request.member, "content.manage_campaigns"),
    }
    return page(request, "content/slots.html", context, status=422 if form.errors else 200)
