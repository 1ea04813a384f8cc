"""The crisis stop: begin it, lift it, and let go by hand what it held."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from engagement.actions import stops as actions
from engagement.models import Reply, SendingStop
from engagement.refusals import Refusal
from engagement.reply_forms import StopForm
from roles.keys import key_in
from roles.respond import MemberRequest, acting, back_to, done, needs, page, refused_by
from roles.tenancy import active_organization

PER_PAGE = 20
EARLIER = 10


@require_safe
@needs("engagement.stop_sending")
def stops(request: MemberRequest) -> HttpResponse:
    """Whether anything is stopped, what is held, and what was stopped before."""
    return _page(request, StopForm())


def _page(request: MemberRequest, form: StopForm) -> HttpResponse:
    rows = SendingStop.objects.select_related("department", "by__user", "lifted_by__user")
    held = Reply.objects.held().select_related(
        "post__author", "channel__connection", "by__user", "assignment__department", "assignment__mention__post"
    )
    if after := key_in(request.GET.get("after", "")):
        held = held.filter(pk__gt=after)
    found = list(held[: PER_PAGE + 1])
    last = found[PER_PAGE - 1].pk if len(found) > PER_PAGE else None
    context: dict[str, Any] = {
        "stops": rows.in_force().order_by("pk"),
        "earlier": rows.filter(lifted_at__isnull=False).newest_first()[:EARLIER],
        "held": found[:PER_PAGE],
        "next_url": f"{reverse('engagement:stops')}?after={last}" if last else "",
        "form": form,
    }
    return page(request, "engagement/stops.html", context, status=422 if form.errors else 200)


@require_POST
@needs("engagement.stop_sending")
def stop_sending(request: MemberRequest) -> HttpResponse:
    """Let nothing more go out."""
    form = StopForm(request.POST)
    if not form.is_valid():
        return _page(request, form)

    def stop() -> object:
        return actions.stop_sending(active_organization(), **form.cleaned_data, **acting(request))

    return _do(request, stop, lambda _found: _("Stopped. Nothing goes out until somebody lifts it."))


@require_POST
@needs("engagement.stop_sending")
def lift_stop(request: MemberRequest, pk: int) -> HttpResponse:
    """Let new replies go out again."""
    row = get_object_or_404(SendingStop, pk=pk)
    said = _("Lifted. What was held stays here until you let it go.")
    return _do(request, lambda: actions.lift_stop(row, **acting(request)), lambda _found: said)


@require_POST
@needs("engagement.stop_sending")
def release_held(request: MemberRequest, pk: int) -> HttpResponse:
    """Let one held reply go."""
    row = get_object_or_404(Reply.objects.select_related("assignment__department"), pk=pk)

    def said(found: Any) -> str:
        return _("It goes out now.") if found.state == Reply.State.READY else str(found.get_state_display())

    return _do(request, lambda: actions.release_held(row, **acting(request)), said)


@require_POST
@needs("engagement.stop_sending")
def release_all(request: MemberRequest) -> HttpResponse:
    """Let go everything that no stop in force holds."""

    def said(number: Any) -> str:
        return ngettext("%(n)s reply goes out now.", "%(n)s replies go out now.", number) % {"n": number}

    return _do(request, lambda: actions.release_all(active_organization(), **acting(request)), said)


def _do(request: MemberRequest, act: Callable[[], object], said: Callable[[Any], str]) -> HttpResponse:
    here = back_to(request, reverse("engagement:stops"))
    try:
        found = act()
    except (PermissionDenied, Refusal, ValidationError) as problem:
        return refused_by(request, problem, to=here)
    return done(request, said(found), to=here)
