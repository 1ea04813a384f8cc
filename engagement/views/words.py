"""What one writes: replies, drafts and internal notes."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from engagement import queue as reads
from engagement.actions import deliveries, drafts, notes, replies
from engagement.models import Assignment, Reply, SavedReply
from engagement.refusals import Overtaken, Refusal
from engagement.views.opened import written
from engagement.views.verbs import as_it_is_now, not_done, row_of, shown, stopped, verb
from listening.models import Channel
from roles.keys import key_in
from roles.models import Member
from roles.permissions import decide
from roles.respond import MemberRequest, Undo, acting, done, needs, page


@verb("engagement.reply")
def reply(request: MemberRequest, row: Assignment) -> HttpResponse:
    """Put a reply into the outbox; it goes out at once and once. What stands in the way is shown, the text is kept."""
    said = request.POST
    chosen = said.get("channel", "")
    channel = get_object_or_404(Channel, pk=key_in(chosen)) if chosen else None
    seen: dict[str, Any] = {
        "seen_version": key_in(said.get("version", "")),
        "seen_revision": key_in(said.get("revision", "")),
        "seen_until": key_in(said.get("until", "")),
        "draft_version": key_in(said.get("draft_version", "")),
    }
    try:
        made = replies.reply(
            row, text=written(request), channel=channel, resolves=said.get("resolves", "") == "on",
            key=said.get("key", "")[:100] or None, saved_reply=_saved_reply(request),
            ask_about_repeats=said.get("repeat") != "on", **seen, **acting(request),
        )  # fmt: skip
    except (PermissionDenied, Refusal) as problem:
        return _stop(request, row, problem)
    return shown(request, row, _how_it_goes_on(made))


def _saved_reply(request: MemberRequest) -> SavedReply | None:
    return SavedReply.objects.filter(pk=key_in(request.POST.get("saved_reply", "")) or 0).first()


def _how_it_goes_on(made: Reply) -> str:
    says = {
        Reply.State.WAITING: _("Your reply waits for approval."),
        Reply.State.HELD: _("Your reply is kept: a crisis stop holds everything back."),
    }
    return says.get(Reply.State(made.state), _("Your reply is on its way."))


def _stop(request: MemberRequest, row: Assignment, problem: Exception) -> HttpResponse:
    """Show what is there now and why nothing went out; the redrawn form has seen it, and sends all the same."""
    member = request.member
    here = reverse("engagement:assignment", args=[row.pk])
    status = 403 if isinstance(problem, PermissionDenied) else 409
    if not decide(member, "engagement.read", row):
        raise problem
    if getattr(request, "htmx", None):
        return as_it_is_now(request, row, problem, here, status)
    return page(request, "engagement/queue.html", stopped(request, row, problem), status=status)


@require_POST
@needs("engagement.reply")
def save_draft(request: MemberRequest, pk: int) -> HttpResponse:
    """Keep what is written and not sent; the script of the composer calls it."""
    row, version = row_of(pk), key_in(request.POST.get("version", ""))
    try:
        draft = drafts.save_draft(
            row, text=written(request), version=version, saved_reply=_saved_reply(request), **acting(request)
        )
    except Overtaken as overtaken:
        return JsonResponse(_as_data(overtaken.draft, request), status=409)
    # Another window's words are among the versions now.
    kept = bool(draft and version is not None and draft.version > version + 1)
    return JsonResponse({"saved": True, "version": draft.version if draft else 0, "kept": kept})


@require_safe
@needs("engagement.read")
def draft(request: MemberRequest, pk: int) -> HttpResponse:
    """The draft that one goes on with, as it is now."""
    member = request.member
    row = get_object_or_404(Assignment.objects.visible_to(member), pk=pk)
    return JsonResponse(_as_data(drafts.draft_for(row, member), request))


def _as_data(found: Any, request: MemberRequest) -> dict[str, Any]:
    if found is None:
        return {"text": "", "version": 0, "by": "", "shared": False, "own": True}
    member = request.member
    return {
        "text": found.text,
        "version": found.version,
        "by": str(found.by or ""),
        "shared": found.shared_at is not None,
        "own": found.by_id == member.pk,
    }


@verb("engagement.share_draft")
def share_draft(request: MemberRequest, row: Assignment) -> HttpResponse:
    """Open one's draft to colleagues, with what stands in the form."""
    text = written(request)
    if text.strip():
        drafts.save_draft(row, text=text, **acting(request))
    drafts.share_draft(row, **acting(request))
    undo = Undo(reverse("engagement:keep_draft", args=[row.pk]))
    return shown(request, row, _("Your colleagues see this draft and can go on with it."), undo=undo)


@verb("engagement.keep_draft")
def keep_draft(request: MemberRequest, row: Assignment) -> HttpResponse:
    """Take a shared draft back."""
    drafts.keep_draft(row, **acting(request))
    return shown(request, row, _("The draft is its owner's alone again."))


@verb("engagement.note")
def note(request: MemberRequest, row: Assignment) -> HttpResponse:
    """Keep an internal note, and tell whom it names."""
    keys = [key_in(key) or 0 for key in request.POST.getlist("to") if key]
    notes.note(row, text=written(request), to=list(Member.objects.active().filter(pk__in=keys)), **acting(request))
    return shown(request, row, _("The note is added."))


@require_safe
@needs("engagement.read")
def notes_for_me(request: MemberRequest) -> HttpResponse:
    """The notes that name the one who looks, the newest first."""
    member = request.member
    rows = reads.notes_for(member, key_in(request.GET.get("after", "")))
    named = rows[: reads.PER_PAGE]
    more = f"{reverse('engagement:notes')}?after={named[-1].note_id}" if len(rows) > len(named) else ""
    return page(request, "engagement/notes.html", {"named": named, "next_url": more})


@require_POST
@needs("engagement.read")
def see_notes(request: MemberRequest) -> HttpResponse:
    """Mark notes that name one as seen: those beside one assignment, or all."""
    key = key_in(request.POST.get("assignment", ""))
    member = request.member
    row = get_object_or_404(Assignment.objects.visible_to(member), pk=key) if key is not None else None
    notes.see_notes(row, **acting(request))
    if getattr(request, "htmx", None):
        return HttpResponse(status=204)
    return done(request, _("All notes are marked as seen."), to=reverse("engagement:notes"))


@require_POST
@needs("engagement.settle_delivery")
def settle_delivery(request: MemberRequest, pk: int) -> HttpResponse:
    """Decide about a reply whose outcome is unknown: it is there, send it again, or give up."""
    row = get_object_or_404(Reply.objects.select_related("assignment__department"), pk=pk)
    decision, url = request.POST.get("decision", ""), request.POST.get("url", "")
    try:
        deliveries.settle_delivery(row, decision=decision, url=url, **acting(request))
    except (PermissionDenied, Refusal, ValidationError) as problem:
        return not_done(request, row.assignment, problem)
    return shown(request, row.assignment, _("The delivery is settled."))
