"""What one does to an assignment: each verb is a form of its own, and shows what it changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from engagement import queue as reads
from engagement.actions import assignments as actions
from engagement.actions import outcomes, priorities
from engagement.conversation import moment_in
from engagement.models import Assignment
from engagement.refusals import Changed, Refusal
from engagement.views.queue import context_of
from roles import clock
from roles.keys import key_in
from roles.models import Department, Member, Organization
from roles.respond import Undo, back_to, done, needs, refused

Stop = Callable[[HttpRequest, Assignment, Exception], HttpResponse]


def row_of(pk: int) -> Assignment:
    """Find an assignment with its mention, or answer 404."""
    return get_object_or_404(Assignment.objects.with_mentions(), pk=pk)


def acting(request: HttpRequest) -> dict[str, Any]:
    """Who acts, and when."""
    return {"by": request.member, "at": clock.now()}  # type: ignore[attr-defined]


def _knowing(request: HttpRequest) -> dict[str, Any]:
    """Who acts, and which version of the assignment they saw."""
    return {**acting(request), "version": key_in(request.POST.get("version", ""))}


def do(
    request: HttpRequest, row: Assignment, act: Callable[[], object], message: str | Callable[[], str], *,
    undo: Undo | None = None, leave: bool = False, stop: Stop | None = None,
) -> HttpResponse:  # fmt: skip
    """Do it, and show the assignment as it is now, or, with `leave`, the next one; or why it could not be done.

    `stop` answers where it could not, in a way of its own.
    """
    here = reverse("engagement:assignment", args=[row.pk])
    try:
        act()
    except (PermissionDenied, Refusal) as problem:
        if stop is not None:
            return stop(request, row, problem)
        if isinstance(problem, Refusal):
            return as_it_is_now(request, row, problem, here)
        return refused(request, str(problem), to=here, status=403)
    except ValidationError as problem:
        return refused(request, " ".join(problem.messages), to=here, status=422)
    to = back_to(request, reverse("engagement:queue") if leave else here)
    if "?" not in to and (asked := _query(request)):
        to = f"{to}?{asked}"
    context: dict[str, Any] = {}
    if getattr(request, "htmx", None):
        context = context_of(request, None if leave else row_of(row.pk))
        if leave:
            context["request"] = request
    said = message if isinstance(message, str) else message()
    response = done(request, said, to=to, undo=undo, template="engagement/changed.html", context=context)
    if getattr(request, "htmx", None) and response.status_code == 200:
        response.headers["HX-Push-Url"] = to
    return response


def as_it_is_now(
    request: HttpRequest, row: Assignment, problem: Exception, here: str, status: int = 409
) -> HttpResponse:
    """Somebody was quicker: say so, and show what they did; what was typed is a draft by now."""
    if not getattr(request, "htmx", None):
        return refused(request, str(problem), to=here)
    context = stopped(request, row, problem) | {"flash": {"message": str(problem), "level": "error"}}
    return render(request, "engagement/changed.html", context, status=status)


def stopped(request: HttpRequest, row: Assignment, problem: Exception) -> dict[str, Any]:
    """The assignment as it is now, with what stopped its reply before the eyes of the writer."""
    context = context_of(request, row_of(row.pk)) | {"stopped": problem}
    if isinstance(problem, Changed) and problem.until:
        context["until"] = max(problem.until, context["until"])
    return context


@require_POST
@needs("engagement.claim")
def claim(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an assignment on oneself."""
    try:
        row = Assignment.objects.to_act_on(pk)
    except Assignment.DoesNotExist:
        raise Http404 from None
    undo = Undo(reverse("engagement:release", args=[pk]))
    return do(request, row, lambda: actions.claim(row, **_knowing(request)), _("It is yours."), undo=undo)


@require_POST
@needs("engagement.release")
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a claimed assignment back."""
    row = row_of(pk)
    return do(request, row, lambda: actions.release(row, **_knowing(request)), _("Given back."))


@require_POST
@needs("engagement.hand_off")
def hand_off(request: HttpRequest, pk: int) -> HttpResponse:
    """Give an assignment to someone else, with a note if one likes."""
    row = row_of(pk)
    to, note = recipient_in(request.POST.get("to", "")), request.POST.get("note", "")
    undo = Undo(reverse("engagement:hand_back", args=[pk]))
    message = _("Handed to %(recipient)s.") % {"recipient": to}
    return do(
        request, row, lambda: actions.hand_off(row, to=to, note=note, **_knowing(request)), message, undo=undo,
        leave=True,
    )  # fmt: skip


def recipient_in(value: str) -> Member | Department:
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
    return do(request, row, lambda: actions.hand_back(row, **acting(request)), _("Taken back."))


@require_POST
@needs("engagement.assign")
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Give an assignment to a member by hand."""
    row = row_of(pk)
    to = request.POST.get("to", "")
    person = get_object_or_404(Member.objects.active().select_related("user"), pk=key_in(to))
    message = _("Given to %(person)s.") % {"person": person}
    return do(request, row, lambda: actions.assign(row, to=person, **_knowing(request)), message)


def sleep_in(request: HttpRequest, organization: Organization) -> dict[str, Any]:
    """Until when or until what a form says that it should sleep."""
    zone, asked = ZoneInfo(organization.time_zone), request.POST.get("until", "")
    own = moment_in(request.POST.get("moment", ""), zone) if asked == "moment" else None
    return {"until": own or reads.until(asked, clock.now(), zone), "wakes_on": request.POST.get("wakes_on", "")}


@require_POST
@needs("engagement.set_priority")
def set_priority(request: HttpRequest, pk: int) -> HttpResponse:
    """Say how urgent an assignment is."""
    row, priority = row_of(pk), key_in(request.POST.get("priority", "")) or 0
    undo = Undo(reverse("engagement:put_priority_back", args=[pk]))
    return do(
        request, row, lambda: priorities.set_priority(row, priority=priority, **_knowing(request)),
        _("Its place in the queue is another now."), undo=undo,
    )  # fmt: skip


@require_POST
@needs("engagement.set_priority")
def put_priority_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one's own word on how urgent it is back."""
    row = row_of(pk)
    return do(request, row, lambda: priorities.put_priority_back(row, **acting(request)), _("As before."))


@require_POST
@needs("engagement.snooze")
def snooze(request: HttpRequest, pk: int) -> HttpResponse:
    """Put an assignment away until a time."""
    row = row_of(pk)
    said = sleep_in(request, row.organization)
    undo = Undo(reverse("engagement:wake", args=[pk]))
    return do(
        request,
        row,
        lambda: actions.snooze(row, **said, **_knowing(request)),
        _("Snoozed."),
        undo=undo,
        leave=True,
    )


@require_POST
@needs("engagement.wake")
def wake(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring a snoozed assignment back."""
    row = row_of(pk)
    return do(request, row, lambda: actions.wake(row, **_knowing(request)), _("Awake again."))


def ending_in(request: HttpRequest) -> dict[str, Any]:
    """How a form says that it ended, and in how many days somebody looks again."""
    return {
        "outcome": request.POST.get("outcome", ""),
        "look_again_in": key_in(request.POST.get("look_again_in", "")) or None,
    }


@require_POST
@needs("engagement.resolve")
def resolve(request: HttpRequest, pk: int) -> HttpResponse:
    """End an assignment, saying how."""
    row, ends = row_of(pk), ending_in(request)
    undo = Undo(reverse("engagement:reopen", args=[pk]))
    return do(
        request, row, lambda: actions.resolve(row, **ends, **_knowing(request)), _("Resolved."), undo=undo, leave=True
    )


@require_POST
@needs("engagement.reopen")
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Take up a resolved assignment again."""
    row = row_of(pk)
    return do(request, row, lambda: actions.reopen(row, **_knowing(request)), _("Open again."))


@require_POST
@needs("engagement.plan_follow_up")
def plan_follow_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Look again at a resolved assignment in some days, or not at all."""
    row, days = row_of(pk), key_in(request.POST.get("days", "")) or 0
    return do(
        request, row, lambda: outcomes.plan_follow_up(row, days=days, **acting(request)),
        _("It comes back then.") if days else _("It does not come back by itself."),
    )  # fmt: skip


@require_POST
@needs("engagement.note_satisfaction")
def note_satisfaction(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep whether the author was content."""
    row, value = row_of(pk), request.POST.get("value", "")
    return do(request, row, lambda: outcomes.note_satisfaction(row, value=value, **acting(request)), _("Noted."))


def _query(request: HttpRequest) -> str:
    """The query of the list that the reader sees, without the place in it."""
    htmx: Any = getattr(request, "htmx", None)
    asked = QueryDict(urlsplit(htmx.current_url_abs_path or "").query, mutable=True) if htmx else None
    if asked is None:
        return ""
    asked.pop("after", None)
    return asked.urlencode()
