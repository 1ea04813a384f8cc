"""One source: its health, and what one can do about it."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from listening.actions import sources as actions
from listening.connections.money import charge_of, charging
from listening.forms import SourceForm
from listening.health.history import columns, days_of
from listening.health.lines import line_of
from listening.health.workers import nobody_polls
from listening.models import Host, Poll, Post, Source
from listening.pushing import steps_to_push
from listening.refusals import CannotPoll, StillUsed
from listening.translating import translated
from roles import clock
from roles.permissions import decide
from roles.respond import MemberRequest, Undo, acting, back_to, done, needs, page, refused, refused_by
from roles.wording import labelled

POLLS_SHOWN = 20


@require_http_methods(["GET", "HEAD", "POST"])
@needs("listening.manage_sources")
def add_source(request: MemberRequest) -> HttpResponse:
    """Add a place to listen to; its first poll is due at once."""
    wanted = {"place": request.GET.get("place", "")[:2000], "network": request.GET.get("network", "")}
    form = SourceForm(request.POST or None, initial=wanted)
    if request.method == "POST" and form.is_valid():
        made = _try(form, lambda fields: actions.add_source(**fields, **acting(request)))
        if made is not None:
            message = _("“%(source)s” is a source now; its first poll is on its way.") % {"source": made}
            return done(request, message, to=reverse("listening:source", args=[made.pk]))
    context = {"form": form, "title": _("Add a source"), "charging": charging(at=clock.now())}
    return page(request, "listening/source_form.html", context, status=422 if form.errors else 200)


@require_safe
@needs("listening.read_sources")
def source(request: MemberRequest, pk: int) -> HttpResponse:
    """One source: its health in words, its last polls, its newest posts."""
    read = ("channel", "connection", "department", "created_by__user", "subscription", "webhook", "open_line")
    row, at = get_object_or_404(Source.objects.select_related(*read), pk=pk), clock.now()
    days = days_of(row, at=at)
    context = {
        "source": row,
        "silent": row.is_silent(at),
        "overdue": row.is_overdue(at),
        "nobody_polls": nobody_polls(at),
        "days": days[::-1],
        "columns": columns(days),
        "host": Host.objects.filter(name=row.host, closed_until__gt=at).first() if row.host else None,
        "subscription": getattr(row, "subscription", None),
        "webhook": getattr(row, "webhook", None),
        "line": line_of(row, at=at),
        "charge": charge_of(row.connection, at=at),
        "polls": Poll.objects.filter(source=row).order_by("-pk")[:POLLS_SHOWN],
        "posts": Post.objects.filter(source=row).select_related("author").order_by("-pk")[:10],
        "at": at,
        "may_manage": decide(request.member, "listening.manage_sources", row),
        "may_open_address": bool(steps_to_push(row)) and decide(request.member, "listening.manage_webhooks", row),
        "may_poll": decide(request.member, "listening.poll", row),
    }
    return page(request, "listening/source.html", context, part="health")


@require_http_methods(["GET", "HEAD", "POST"])
@needs("listening.manage_sources")
def change_source(request: MemberRequest, pk: int) -> HttpResponse:
    """Change a source's name, department or kind."""
    row = get_object_or_404(Source, pk=pk)
    form = SourceForm(request.POST or None, initial=SourceForm.values_of(row), source=row)
    if request.method == "POST" and form.is_valid():
        changed = _try(form, lambda fields: actions.change_source(row, **fields, **acting(request)))
        if changed is not None:
            return done(request, _("Saved."), to=reverse("listening:source", args=[pk]))
    context = {"form": form, "title": _("Change the source"), "source": row}
    return page(request, "listening/source_form.html", context, status=422 if form.errors else 200)


def _try(form: SourceForm, act: Any) -> Any:
    """Act on the form's fields; what the action finds wrong is shown at the field."""
    try:
        return act(dict(form.cleaned_data))
    except ValidationError as problem:
        form.add_error(None, problem)
        return None


@require_POST
@needs("listening.poll")
def poll_source(request: MemberRequest, pk: int) -> HttpResponse:
    """Poll now and say what came of it."""
    row = get_object_or_404(Source, pk=pk)
    to = back_to(request, reverse("listening:source", args=[pk]))
    try:
        poll = actions.poll_now(row, **acting(request))
    except CannotPoll as problem:
        return refused_by(request, problem, to=to)
    nobody = nobody_polls(clock.now())
    if poll.problem:
        return refused(request, f"{translated(poll.problem)} {nobody}".strip(), to=to)
    found = ngettext("%(count)s new post.", "%(count)s new posts.", poll.new) % {"count": poll.new}
    return done(request, labelled(poll.get_outcome_display(), f"{found} {nobody}".strip()), to=to)


@require_POST
@needs("listening.manage_sources")
def pause_source(request: MemberRequest, pk: int) -> HttpResponse:
    """Stop polling, in the name of the person who does it."""
    row = get_object_or_404(Source, pk=pk)
    actions.pause_source(row, reason=request.POST.get("reason", "")[:300], **acting(request))
    undo = Undo(reverse("listening:resume_source", args=[pk]))
    return done(request, _("The source is paused."), to=reverse("listening:source", args=[pk]), undo=undo)


@require_POST
@needs("listening.manage_sources")
def resume_source(request: MemberRequest, pk: int) -> HttpResponse:
    """Poll again from now on."""
    actions.resume_source(get_object_or_404(Source, pk=pk), **acting(request))
    return done(request, _("The source is polled again."), to=reverse("listening:source", args=[pk]))


@require_POST
@needs("listening.manage_sources")
def remove_source(request: MemberRequest, pk: int) -> HttpResponse:
    """Remove the source; what it brought stays."""
    try:
        actions.remove_source(get_object_or_404(Source, pk=pk), **acting(request))
    except StillUsed as problem:
        return refused_by(request, problem, to=reverse("listening:source", args=[pk]))
    return done(request, _("The source is removed; its posts stay."), to=reverse("listening:sources"))
