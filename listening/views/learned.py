"""What the machine knows, and which of its models judges."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from listening.actions import learned_models as actions
from listening.knowledge import knowledge
from listening.models import LearnedModel
from roles.permissions import decide
from roles.respond import MemberRequest, acting, done, needs, page, refused_by


@require_safe
@needs("listening.read_sources")
def learned(request: MemberRequest) -> HttpResponse:
    """What the machine knows about each kind of judgement."""
    context = {
        "subjects": knowledge(),
        "may_manage": decide(request.member, "listening.manage_models"),
    }
    return page(request, "listening/learned.html", context)


@require_POST
@needs("listening.manage_models")
def go_back_to_model(request: MemberRequest, pk: int) -> HttpResponse:
    """Let a model judge again that judged before."""
    row = get_object_or_404(LearnedModel.objects.without_content(), pk=pk)
    try:
        actions.go_back_to_model(row, reason=request.POST.get("reason", ""), **acting(request))
    except ValidationError as problem:
        return refused_by(request, problem, to=reverse("listening:learned"))
    return done(request, _("It judges again; what waits is judged anew."), to=reverse("listening:learned"))


@require_POST
@needs("listening.manage_models")
def switch_off_model(request: MemberRequest, pk: int) -> HttpResponse:
    """Let a model judge no more."""
    row = get_object_or_404(LearnedModel.objects.without_content(), pk=pk)
    try:
        actions.switch_off_model(row, reason=request.POST.get("reason", ""), **acting(request))
    except ValidationError as problem:
        return refused_by(request, problem, to=reverse("listening:learned"))
    return done(request, _("Switched off, until a better one is trained."), to=reverse("listening:learned"))
