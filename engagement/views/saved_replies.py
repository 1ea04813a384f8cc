"""Saved replies: find them, write and propose them, see what became of what was said with them."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from engagement.actions import saved_replies as actions
from engagement.models import Assignment, SavedReply
from engagement.outcome_figures import outcomes_of
from engagement.refusals import Refusal
from engagement.repeating import policy_in_force
from engagement.reply_forms import RepetitionForm, SavedReplyForm
from roles import clock
from roles.forms import refusals_in
from roles.keys import key_in
from roles.permissions import decide
from roles.respond import MemberRequest, Undo, acting, back_to, done, needs, page, refused, refused_by
from roles.tenancy import active_organization

PER_PAGE = 25
State = SavedReply.State


@require_safe
@needs("engagement.use_saved_replies")
def saved_replies(request: MemberRequest) -> HttpResponse:
    """Saved replies by title, with how often each was used and what came of it."""
    member = request.member
    state = request.GET.get("state", "")
    state = state if state in State.values else State.IN_USE
    search = request.GET.get("search", "")[:200]
    rows = SavedReply.objects.filter(state=state).searched(search).with_uses(None)
    rows = rows.select_related("topic", "department").by_title()
    if after := key_in(request.GET.get("after", "")):
        rows = rows.after(after)
    found = list(rows[: PER_PAGE + 1])
    shown, here = found[:PER_PAGE], reverse("engagement:saved_replies")
    figures = outcomes_of([row.pk for row in shown], at=clock.now())
    address = {"state": state, "search": search}
    context = {
        "entries": [
            {"saved": row, "figures": figures[row.pk], "warnings": row.said_too_often(clock.now())} for row in shown
        ],
        "search": search,
        "state": state,
        "tabs": [
            {"url": f"{here}?{urlencode({'state': value})}", "label": label, "current": value == state}
            for value, label in sorted(State.choices, key=lambda choice: choice[0] != State.IN_USE)
        ],
        "next_url": f"{here}?{urlencode({**address, 'after': shown[-1].pk})}" if len(found) > PER_PAGE else "",
        "may_manage": decide(member, "engagement.manage_saved_replies"),
        "may_propose": decide(member, "engagement.propose_saved_reply"),
        "repetition_form": RepetitionForm(initial=RepetitionForm.values_of(policy_in_force())),
    }
    return page(request, "engagement/saved_replies.html", context)


@require_safe
@needs("engagement.use_saved_replies")
def saved_reply(request: MemberRequest, pk: int) -> HttpResponse:
    """One saved reply: what it says, said before, and what came of it."""
    row = get_object_or_404(SavedReply.objects.select_related("topic", "department", "by__user"), pk=pk)
    context = {
        "saved": row,
        "figures": outcomes_of([row.pk], at=clock.now())[row.pk],
        "versions": row.versions.select_related("by__user")[:20],
        "may_manage": decide(request.member, "engagement.manage_saved_replies"),
    }
    return page(request, "engagement/saved_reply.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("engagement.manage_saved_replies")
def add_saved_reply(request: MemberRequest) -> HttpResponse:
    """Write a saved reply."""
    return _write(request, actions.add_saved_reply, _("Saved; it is offered from now on."))


@require_http_methods(["GET", "HEAD", "POST"])
@needs("engagement.propose_saved_reply")
def propose_saved_reply(request: MemberRequest) -> HttpResponse:
    """Propose a saved reply; a coach takes it up."""
    return _write(request, actions.propose_saved_reply, _("Proposed. A coach takes it up."))


def _write(request: MemberRequest, act: Callable[..., SavedReply], message: str) -> HttpResponse:
    initial = {"text": request.GET.get("text", "")[:4000]}
    form = SavedReplyForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            row = act(active_organization(), **form.cleaned_data, **acting(request))
            return done(request, message, to=reverse("engagement:saved_reply", args=[row.pk]))
    return _form(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("engagement.manage_saved_replies")
def change_saved_reply(request: MemberRequest, pk: int) -> HttpResponse:
    """Change a saved reply; what it said before is kept."""
    row = get_object_or_404(SavedReply.objects.select_related("topic", "department"), pk=pk)
    form = SavedReplyForm(request.POST or None, initial=SavedReplyForm.values_of(row))
    if request.method == "POST" and form.is_valid():
        version = key_in(request.POST.get("version", ""))
        with refusals_in(form, Refusal):
            actions.change_saved_reply(row, **form.cleaned_data, version=version, **acting(request))
            return done(request, _("Saved."), to=reverse("engagement:saved_reply", args=[pk]))
    return _form(request, form, row)


def _form(request: MemberRequest, form: SavedReplyForm, row: SavedReply | None) -> HttpResponse:
    context = {"form": form, "saved": row, "where": request.path}
    return page(request, "engagement/saved_reply_form.html", context, status=422 if form.errors else 200)


@require_POST
@needs("engagement.manage_saved_replies")
def take_up_saved_reply(request: MemberRequest, pk: int) -> HttpResponse:
    """Offer it to everybody."""
    undo = Undo(reverse("engagement:retire_saved_reply", args=[pk]))
    return _move(request, pk, actions.take_up_saved_reply, _("In use: it is offered from now on."), undo)


@require_POST
@needs("engagement.manage_saved_replies")
def retire_saved_reply(request: MemberRequest, pk: int) -> HttpResponse:
    """Offer it no more."""
    undo = Undo(reverse("engagement:take_up_saved_reply", args=[pk]))
    return _move(request, pk, actions.retire_saved_reply, _("Retired: it is offered no more."), undo)


def _move(request: MemberRequest, pk: int, act: Callable[..., SavedReply], message: str, undo: Undo) -> HttpResponse:
    row, here = get_object_or_404(SavedReply, pk=pk), back_to(request, reverse("engagement:saved_replies"))
    try:
        act(row, **acting(request))
    except (Refusal, ValidationError) as problem:
        return refused_by(request, problem, to=here)
    return done(request, message, to=here, undo=undo)


@require_POST
@needs("engagement.reply")
def use_saved_reply(request: MemberRequest, pk: int) -> HttpResponse:
    """Put a saved reply into the draft, for a browser without script."""
    row = get_object_or_404(Assignment.objects.with_mentions().select_related("mention__topic"), pk=pk)
    saved = get_object_or_404(SavedReply.objects.in_use(), pk=key_in(request.POST.get("saved_reply", "")))
    here = reverse("engagement:assignment", args=[pk])
    try:
        actions.use_saved_reply(row, saved_reply=saved, **acting(request))
    except PermissionDenied as problem:
        return refused_by(request, problem, to=here)
    return done(request, _("“%(saved)s” is in your draft now.") % {"saved": saved}, to=f"{here}#reply_text")


@require_POST
@needs("engagement.manage_saved_replies")
def set_repetition(request: MemberRequest) -> HttpResponse:
    """Say how often the same text may go out before the writer is asked."""
    form, here = RepetitionForm(request.POST), reverse("engagement:saved_replies")
    if not form.is_valid():
        return refused(request, _("Choose numbers between 1 and 1000."), to=here, status=422)
    actions.set_repetition(active_organization(), **form.cleaned_data, **acting(request))
    return done(request, _("Saved."), to=here)
