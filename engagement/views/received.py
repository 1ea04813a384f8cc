"""Mails that came and that no program could place: a person looks."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from engagement.actions import received as actions
from engagement.models import ConsultRequest, ReceivedMail
from engagement.refusals import Refusal
from roles.keys import key_in
from roles.respond import MemberRequest, acting, done, needs, page, refused_by

PER_PAGE = 30
OFFERED = 50


@require_safe
@needs("engagement.manage_consults")
def received_mails(request: MemberRequest) -> HttpResponse:
    """What came by mail, the newest first: what a person must look at, or everything."""
    everything = request.GET.get("tab") == "all"
    rows = ReceivedMail.objects.all() if everything else ReceivedMail.objects.waiting()
    if before := key_in(request.GET.get("before", "")):
        rows = rows.filter(pk__lt=before)
    shown = list(rows.with_everything().order_by("-pk")[: PER_PAGE + 1])
    waiting = ConsultRequest.objects.open().select_related("consult", "member__user").order_by("-pk")[:OFFERED]
    context = {
        "mails": shown[:PER_PAGE],
        "older": shown[PER_PAGE - 1].pk if len(shown) > PER_PAGE else None,
        "everything": everything,
        "open_requests": list(waiting) if shown else [],
    }
    return page(request, "engagement/received_mails.html", context)


@require_POST
@needs("engagement.manage_consults")
def take_received(request: MemberRequest, pk: int) -> HttpResponse:
    """Take a mail as an answer."""
    row = get_object_or_404(ReceivedMail, pk=pk)
    chosen, to = request.POST.get("request", ""), reverse("engagement:received_mails")
    about = get_object_or_404(ConsultRequest, pk=key_in(chosen)) if chosen else None
    try:
        actions.take_received(row, request=about, **acting(request))
    except (Refusal, ValidationError) as problem:
        return refused_by(request, problem, to=to)
    return done(request, _("Taken as an answer."), to=to)


@require_POST
@needs("engagement.manage_consults")
def put_aside(request: MemberRequest, pk: int) -> HttpResponse:
    """Say that a mail is no answer."""
    to = reverse("engagement:received_mails")
    try:
        actions.put_aside(get_object_or_404(ReceivedMail, pk=pk), **acting(request))
    except Refusal as problem:
        return refused_by(request, problem, to=to)
    return done(request, _("Put aside; it stays in the list of all."), to=to)
