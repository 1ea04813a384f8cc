"""What one does with an idea: change, rate, accept, drop, pick up, merge, take apart, make a piece of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from content.actions import idea_merging as merging
from content.actions import ideas as actions
from content.idea_forms import RATINGS, IdeaForm
from content.models import Idea
from content.views.ideas import may, one_idea
from roles.forms import refusals_in
from roles.keys import key_in
from roles.respond import MemberRequest, Undo, acting, back_to, done, needs, refused_by


@require_POST
@needs("content.change_idea")
def change_idea(request: MemberRequest, pk: int) -> HttpResponse:
    """Say an idea otherwise, and what it is about."""
    row = get_object_or_404(Idea.objects.with_everything(), pk=pk)
    form = IdeaForm(request.POST, initial={"topic": row.topic})
    if form.is_valid():
        with refusals_in(form):
            actions.change_idea(row, **form.cleaned_data, **acting(request))
            return done(request, _("Saved."), to=reverse("content:idea", args=[pk]))
    return one_idea(request, row, form)


@require_POST
@needs("content.rate_idea")
def rate_idea(request: MemberRequest, pk: int) -> HttpResponse:
    """Say what it is worth and what it asks of us, without leaving the list."""
    said: dict[str, Any] = {name: key_in(request.POST[name]) for name in ("value", "effort") if name in request.POST}
    return _do(request, pk, lambda row: actions.rate_idea(row, **said, **acting(request)), _("Saved."))


@require_POST
@needs("content.accept_idea")
def accept_idea(request: MemberRequest, pk: int) -> HttpResponse:
    """Say that something will be made of it."""
    reason = request.POST.get("reason", "")
    undo = Undo(reverse("content:pick_up_idea", args=[pk]))
    return _do(
        request,
        pk,
        lambda row: actions.accept_idea(row, reason=reason, **acting(request)),
        _("The idea is accepted."),
        undo,
    )


@require_POST
@needs("content.drop_idea")
def drop_idea(request: MemberRequest, pk: int) -> HttpResponse:
    """Put an idea aside."""
    reason = request.POST.get("reason", "")
    undo = Undo(reverse("content:pick_up_idea", args=[pk]))
    return _do(
        request,
        pk,
        lambda row: actions.drop_idea(row, reason=reason, **acting(request)),
        _("The idea is dropped."),
        undo,
    )


@require_POST
@needs("content.pick_up_idea")
def pick_up_idea(request: MemberRequest, pk: int) -> HttpResponse:
    """Open an idea again."""
    return _do(request, pk, lambda row: actions.pick_up_idea(row, **acting(request)), _("The idea is picked up again."))


@require_POST
@needs("content.merge_ideas")
def merge_ideas(request: MemberRequest, pk: int) -> HttpResponse:
    """Put it into an alike one."""
    into = get_object_or_404(Idea, pk=key_in(request.POST.get("into", "")) or 0)
    undo = Undo(reverse("content:split_idea", args=[pk]))
    said = _("Merged: what it says stays readable there.")
    to = reverse("content:idea", args=[into.pk])
    return _do(request, pk, lambda row: merging.merge_ideas(row, into=into, **acting(request)), said, undo, to=to)


@require_POST
@needs("content.merge_ideas")
def split_idea(request: MemberRequest, pk: int) -> HttpResponse:
    """Take it out of the one into which it was merged."""
    return _do(request, pk, lambda row: merging.split_idea(row, **acting(request)), _("It stands for itself again."))


@require_POST
@needs("content.write")
def develop_idea(request: MemberRequest, pk: int) -> HttpResponse:
    """Make a piece of it, and go there."""
    row, again = get_object_or_404(Idea, pk=pk), "again" in request.POST
    try:
        piece = actions.develop_idea(row, again=again, **acting(request))
    except ValidationError as problem:
        return refused_by(request, problem, to=reverse("content:idea", args=[pk]))
    return done(request, _("A piece has begun with what the idea says."), to=reverse("content:piece", args=[piece.pk]))


def _do(
    request: MemberRequest, pk: int, act: Callable[[Idea], Idea], said: str, undo: Undo | None = None, *, to: str = ""
) -> HttpResponse:
    """Do it and show the line as it is now, where it stood."""
    back = back_to(request, to or reverse("content:idea", args=[pk]))
    try:
        act(get_object_or_404(Idea, pk=pk))
    except ValidationError as problem:
        return refused_by(request, problem, to=back)
    row = Idea.objects.with_everything().get(pk=pk)
    context = {"ideas": [row], "may": may(request.member), "ratings": RATINGS, "next": request.POST.get("next", "")}
    return done(request, said, to=back, undo=undo, template="content/idea_changed.html", context=context)
