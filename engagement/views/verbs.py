"""What one does to an assignment: each verb is a form of its own, and shows what it changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from engagement import queue as reads
from engagement.actions import assignments as actions
from engagement.actions import deliveries, drafts, notes, replies
from engagement.models import Assignment, Reply, SavedReply
from engagement.refusals import Refusal
from engagement.views.queue import context_of
from listening.models import Channel
from roles import clock
from roles.keys import key_in
from roles.models import Department, Member
from roles.respond import Undo, back_to, done, needs, refused


def _row(pk: int) -> Assignment:
    return get_object_or_404(Assignment.objects.with_mentions(), pk=pk)


def _acting(request: HttpRequest) -> dict[str, Any]:
    return {"by": request.member, "at": clock.now()}  # type: ignore[attr-defined]


def _knowing(request: HttpRequest) -> dict[str, Any]:
    """Who acts, and which version of the assignment they saw."""
    return {**_acting(request), "version": key_in(request.POST.get("version", ""))}


def _act(
    request: HttpRequest, row: Assignment, act: Callable[[], object], message: str | Callable[[], str], *,
    undo: Undo | None = None, leave: bool = False,
) -> HttpResponse:  # fmt: skip
    """Do it, and show the assignment as it is now, or, with `leave`, the next one; or why it could not be done."""
    here = reverse("engagement:assignment", args=[row.pk])
    try:
        act()
    except PermissionDenied as problem:
        return refused(request, str(problem), to=here, status=403)
    except Refusal as problem:
        return _as_it_is_now(request, row, str(problem), here)
    except ValidationError as problem:
        return refused(request, " ".join(problem.messages), to=here, status=422)
    to = back_to(request, reverse("engagement:queue") if leave else here)
    context: dict[str, Any] = {}
    if getattr(request, "htmx", None):
        context = context_of(request, None if leave else _row(row.pk))
        if leave:
            context["request"] = request
    said = message if isinstance(message, str) else message()
    response = done(request, said, to=to, undo=undo, template="engagement/changed.html", context=context)
    if getattr(request, "htmx", None) and response.status_code == 200:
        response.headers["HX-Push-Url"] = to
    return response


def _as_it_is_now(request: HttpRequest, row: Assignment, reason: str, here: str) -> HttpResponse:
    """Somebody was quicker: say so, and show what they did; what was typed is a draft by now."""
    if not getattr(request, "htmx", None):
        return refused(request, reason, to=here)
    context = context_of(request, _row(row.pk)) | {"flash": {"message": reason, "level": "error"}}
    return render(request, "engagement/changed.html", context, status=409)


@require_POST
@needs("engagement.claim")
def claim(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an assignment on oneself."""
    try:
        row = Assignment.objects.to_act_on(pk)
    except Assignment.DoesNotExist:
        raise Http404 from None
    undo = Undo(reverse("engagement:release", args=[pk]))
    return _act(request, row, lambda: actions.claim(row, **_knowing(request)), _("It is yours."), undo=undo)


@require_POST
@needs("engagement.release")
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a claimed assignment back."""
    row = _row(pk)
    return _act(request, row, lambda: actions.release(row, **_knowing(request)), _("Given back."))


@require_POST
@needs("engagement.hand_off")
def hand_off(request: HttpRequest, pk: int) -> HttpResponse:
    """Give an assignment to someone else, with a note if one likes."""
    row = _row(pk)
    to, note = _recipient(request.POST.get("to", "")), request.POST.get("note", "")
    undo = Undo(reverse("engagement:hand_back", args=[pk]))
    message = _("Handed to %(recipient)s.") % {"recipient": to}
    return _act(
        request, row, lambda: actions.hand_off(row, to=to, note=note, **_knowing(request)), message, undo=undo,
        leave=True,
    )  # fmt: skip


def _recipient(value: str) -> Member | Department:
    """Read a member's key, or a department's after “department:”."""
    kind, _sep, key = value.rpartition(":")
    if kind == "department":
        return get_object_or_404(Department, pk=key_in(key))
    return get_object_or_404(Member.objects.active().select_related("user"), pk=key_in(value))


@require_POST
@needs("engagement.hand_off")
def hand_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one's own hand-off back."""
    row = get_object_or_404(Assignment.objects.with_mentions(), pk=pk)
    return _act(request, row, lambda: actions.hand_back(row, **_acting(request)), _("Taken back."))


@require_POST
@needs("engagement.assign")
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Give an assignment to a member by hand."""
    row = _row(pk)
    to = request.POST.get("to", "")
    person = get_object_or_404(Member.objects.active().select_related("user"), pk=key_in(to))
    message = _("Given to %(person)s.") % {"person": person}
    return _act(request, row, lambda: actions.assign(row, to=person, **_knowing(request)), message)


@require_POST
@needs("engagement.snooze")
def snooze(request: HttpRequest, pk: int) -> HttpResponse:
    """Put an assignment away until a time."""
    row, at = _row(pk), clock.now()
    zone = ZoneInfo(row.organization.time_zone)
    until = reads.until(request.POST.get("until", ""), at, zone)
    if until is None:
        here = reverse("engagement:assignment", args=[pk])
        return refused(request, _("Choose until when it should sleep."), to=here, status=422)
    undo = Undo(reverse("engagement:wake", args=[pk]))
    return _act(
        request,
        row,
        lambda: actions.snooze(row, until=until, **_knowing(request)),
        _("Snoozed."),
        undo=undo,
        leave=True,
    )


@require_POST
@needs("engagement.wake")
def wake(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring a snoozed assignment back."""
    row = _row(pk)
    return _act(request, row, lambda: actions.wake(row, **_knowing(request)), _("Awake again."))


@require_POST
@needs("engagement.note")
def note(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep an internal note."""
    row, text = _row(pk), request.POST.get("text", "")
    return _act(request, row, lambda: notes.note(row, text=text, **_acting(request)), _("Noted."))


@require_POST
@needs("engagement.resolve")
def resolve(request: HttpRequest, pk: int) -> HttpResponse:
    """End an assignment, saying how."""
    row, outcome = _row(pk), request.POST.get("outcome", "")
    undo = Undo(reverse("engagement:reopen", args=[pk]))
    return _act(
        request, row, lambda: actions.resolve(row, outcome=outcome, **_knowing(request)), _("Resolved."), undo=undo,
        leave=True,
    )  # fmt: skip


@require_POST
@needs("engagement.reopen")
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Take up a resolved assignment again."""
    row = _row(pk)
    return _act(request, row, lambda: actions.reopen(row, **_knowing(request)), _("Open again."))


@require_POST
@needs("engagement.reply")
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a reply into the outbox; it goes out at once and once."""
    row, text = _row(pk), request.POST.get("text", "")
    chosen = request.POST.get("channel", "")
    channel = get_object_or_404(Channel, pk=key_in(chosen)) if chosen else None
    version = request.POST.get("version", "")
    resolves = request.POST.get("resolves", "") == "on"

    made: list[Reply] = []

    def send() -> None:
        made[:] = [
            replies.reply(
                row, text=text, channel=channel, resolves=resolves, key=request.POST.get("key", "")[:100] or None,
                seen_version=key_in(version), saved_reply=_saved_reply(request),
                ask_about_repeats=request.POST.get("repeat") != "on", **_acting(request),
            )
        ]  # fmt: skip

    return _act(request, row, send, lambda: _how_it_goes_on(made[0]))


def _saved_reply(request: HttpRequest) -> SavedReply | None:
    return SavedReply.objects.filter(pk=key_in(request.POST.get("saved_reply", "")) or 0).first()


def _how_it_goes_on(made: Reply) -> str:
    says = {
        Reply.State.WAITING: _("Your reply waits for approval."),
        Reply.State.HELD: _("Your reply is kept: a crisis stop holds everything back."),
    }
    return says.get(Reply.State(made.state), _("Your reply is on its way."))


@require_POST
@needs("engagement.reply")
def save_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what is written and not sent; the script of the composer calls it."""
    text = request.POST.get("text", "")
    drafts.save_draft(_row(pk), text=text, saved_reply=_saved_reply(request), **_acting(request))
    return JsonResponse({"saved": True})


@require_POST
@needs("engagement.settle_delivery")
def settle_delivery(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide about a reply whose outcome is unknown: it is there, send it again, or give up."""
    row = get_object_or_404(Reply.objects.select_related("assignment__department"), pk=pk)
    decision, url = request.POST.get("decision", ""), request.POST.get("url", "")
    return _act(
        request, row.assignment,
        lambda: deliveries.settle_delivery(row, decision=decision, url=url, **_acting(request)), _("Settled."),
    )  # fmt: skip
