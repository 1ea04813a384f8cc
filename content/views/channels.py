"""Channels: where one publishes, what can be done there, and those that are our own."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from content.actions import channels as actions
from content.channel_forms import ChannelForm
from content.channels import channels_to_publish, ways_of, with_what_is_to_come
from listening.models import Channel
from roles.forms import take_over
from roles.permissions import decide
from roles.respond import MemberRequest, acting, done, needs, page, refused_by


@require_safe
@needs("content.read")
def channels(request: MemberRequest) -> HttpResponse:
    """Where one publishes."""
    return _page(request)


@require_POST
@needs("content.manage_channels")
def add_channel(request: MemberRequest) -> HttpResponse:
    """Open a feed of our own, or a place by hand."""
    network = request.POST.get("network", "")
    form = ChannelForm(request.POST, has_address=network == actions.HAND)
    if form.is_valid():
        try:
            row = actions.add_channel(request.organization, network=network, **form.cleaned_data, **acting(request))
        except ValidationError as problem:
            take_over(form, problem)
        else:
            return done(request, _("“%(name)s” is open.") % {"name": row.name}, to=reverse("content:channels"))
    return _page(request, form=form, network=network)


@require_POST
@needs("content.manage_channels")
def change_channel(request: MemberRequest, pk: int) -> HttpResponse:
    """Call it otherwise, or switch it off or on."""
    row = get_object_or_404(Channel.objects.filter(network__in=actions.MADE_HERE), pk=pk)
    here = reverse("content:channels")
    is_active = {"off": False, "on": True}.get(request.POST.get("switch", ""), row.is_active)
    said: dict[str, Any] = {"name": request.POST.get("name", row.name), "url": request.POST.get("url", row.url)}
    try:
        actions.change_channel(row, **said, is_active=is_active, **acting(request))
    except ValidationError as problem:
        return refused_by(request, problem, to=here)
    return done(request, _("Saved."), to=here)


def _page(request: MemberRequest, *, form: ChannelForm | None = None, network: str = "") -> HttpResponse:
    forms = {name: ChannelForm(has_address=name == actions.HAND, auto_id=f"{name}_%s") for name in actions.MADE_HERE}
    if form is not None and network in forms:
        forms[network] = form
    context = {
        "channels": [
            {"channel": row, "ways": ways_of(row), "is_ours": row.network in actions.MADE_HERE}
            for row in with_what_is_to_come(channels_to_publish()).order_by("network", "name", "pk")
        ],
        "feed_form": forms[actions.FEED],
        "hand_form": forms[actions.HAND],
        "may_manage": decide(request.member, "content.manage_channels"),
    }
    return page(request, "content/channels.html", context, status=422 if form is not None else 200)
