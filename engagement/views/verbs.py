"""What one does to an assignment: each verb is a form of its own, and shows what it changed."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
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
from roles.asking import query_of_page
from roles.keys import key_in
from roles.models import Department, Member, Organization
from roles.respond import MemberRequest, Undo, acting, back_to, done, needs, refused_by

Act = Callable[[MemberRequest, Assignment], HttpResponse]


def row_of(pk: int) -> Assignment:
    """Find an assignment with its mention, or answer 404."""
    return get_object_or_404(Assignment.objects.with_mentions(), pk=pk)


def _knowing(request: MemberRequest) -> dict[str, Any]:
    """Who acts, and which version of the assignment they saw."""
    return {**acting(request), "version": key_in(request.POST.get("version", ""))}


def verb(
    capability: str, find: Callable[[int], Assignment] = row_of
) -> Callable[[Act], Callable[[HttpRequest, int], HttpResponseBase]]:
    """Make a view of what does something to an assignment: it finds the row, and says what stood in the way."""

    def decorate(act: Act) -> Callable[[HttpRequest, int], HttpResponseBase]:
        @require_POST
        @needs(capability)
        @wraps(act)
        def view(request: MemberRequest, pk: int) -> HttpResponse:
            row = find(pk)
            try:
                return act(request, row)
            except (PermissionDenied, Refusal, ValidationError) as problem:
                return not_done(request, row, problem)

        return view

    return decorate


def shown(request: MemberRequest, row: Assignment, message: str, *, undo: Undo | None = None) -> HttpResponse:
    """It is done: show the assignment as it is now."""
    here = back_to(request, reverse("engagement:assignment", args=[row.pk]))
    return _answer(request, message, to=here, undo=undo, read=lambda: context_of(request, row_of(row.pk)))


def onward(request: MemberRequest, message: str, *, undo: Undo | None = None) -> HttpResponse:
    """It is done and out of one's hands: show the queue without it."""
    there = back_to(request, reverse("engagement:queue"))
    return _answer(request, message, to=there, undo=undo, read=lambda: context_of(request))


def _answer(
    request: MemberRequest, message: str, *, to: str, undo: Undo | None, read: Callable[[], dict[str, Any]]
) -> HttpResponse:
    if "?" not in to and (asked := _query(request)):
        to = f"{to}?{asked}"
    context = read() if getattr(request, "htmx", None) else None
    response = done(request, message, to=to, undo=undo, template="engagement/changed.html", context=context)
    if context is not None:
        response.headers["HX-Push-Url"] = to
    return response


def not_done(request: MemberRequest, row: Assignment, problem: Exception) -> HttpResponse:
    """It could not be done: say why, and where somebody was quicker, show what they did."""
    here = reverse("engagement:assignment", args=[row.pk])
    if isinstance(problem, Refusal):
        return as_it_is_now(request, row, problem, here)
    return refused_by(request, problem, to=here)


def as_it_is_now(
    request: MemberRequest, row: Assignment, problem: Exception, here: str, status: int = 409
) -> HttpResponse:
    """Somebody was quicker: say so, and show what they did; what was typed is a draft by now."""
    if not getattr(request, "htmx", None):
        return refused_by(request, problem, to=here)
    context = stopped(request, row, problem) | {"flash": {"message": str(problem), "level": "error"}}
    return render(request, "engagement/changed.html", context, status=status)


def stopped(request: MemberRequest, row: Assignment, problem: Exception) -> dict[str, Any]:
    """The assignment as it is now, with what stopped its reply before the eyes of the writer."""
    context = context_of(request, row_of(row.pk)) | {"stopped": problem}
    if isinstance(problem, Changed) and problem.until:
        context["until"] = max(problem.until, context["until"])
    return context


def _to_claim(pk: int) -> Assignment:
    try:
        return Assignment.objects.to_act_on(pk)
    except Assignment.DoesNotExist:
        raise Http404 from None


@verb("engagement.claim", find=_to_claim)
def claim(request: MemberRequest, row: Assignment) -> HttpResponse:
    """Take an assignment on oneself."""
    actions.claim(row, **_knowing(request))
    return shown(request, row, _("It is yours."), undo=Undo(reverse("engagement:release", args=[row.pk])))


@verb("engagement.release")
def release(request: MemberRequest, row: Assignment) -> HttpResponse:
    """Give a claimed assignment back."""
    actions.release(row, **_knowing(request))
    return shown(request, row, _("The assignment is given back."))


@verb("engagement.hand_off")
def hand_off(request: MemberRequest, row: Assignment) -> HttpResponse:
    """Give an assignment to someone else, with a note if one likes."""
    to = recipient_in(request.POST.get("to", ""))
    actions.hand_off(row, to=to, note=request.POST.get("note", ""), **_knowing(request))
    undo = Undo(reverse("engagement:hand_back", args=[row.pk]))
    return onward(request, _("Handed to %(recipient)s.") % {"recipient": to}, undo=undo)


def recipient_in(value: str) -> Member | Department:
    """Read a member's key, or a department's after “department:”."""
    kind, _sep, key = value.rpartition(":")
    if kind == "department":
        return get_object_or_404(Department, pk=key_in(key))
    return _person_in(value)


def _person_in(value: str) -> Member:
    return get_object_or_404(Member.objects.active().select_related("user"), pk=key_in(value))


@verb("engagement.hand_off")
def hand_back(request: MemberRequest, row: Assignment) -> HttpResponse:
    """Take one's own hand-off back."""
    actions.hand_back(row, **acting(request))
    return shown(request, row, _("The hand-off is taken back."))


@verb("engagement.assign")
def assign(request: MemberRequest, row: Assignment) -> HttpResponse:
    """Give an assignment to a member by hand."""
    person = _person_in(request.POST.get("to", ""))
    actions.assign(row, to=person, **_knowing(request))
    return shown(request, row, _("Given to %(person)s.") % {"person": person})


@verb("engagement.set_priority")
def set_priority(request: MemberRequest, row: Assignment) -> HttpResponse:
    """Say how urgent an assignment is."""
    priorities.set_priority(row, priority=key_in(request.POST.get("priority", "")) or 0, **_knowing(request))
    undo = Undo(reverse("engagement:put_priority_back", args=[row.pk]))
    return shown(request, row, _("Its place in the queue is another now."), undo=undo)


@verb("engagement.set_priority")
def put_priority_back(request: MemberRequest, row: Assignment) -> HttpResponse:
    """Take one's own word on how urgent it is back."""
    priorities.put_priority_back(row, **acting(request))
    return shown(request, row, _("As before."))


def sleep_in(request: MemberRequest, organization: Organization) -> dict[str, Any]:
    """Until when or until what a form says that it should sleep."""
    zone, asked = organization.zone, request.POST.get("until", "")
    own = moment_in(request.POST.get("moment", ""), zone) if asked == "moment" else None
    return {"until": own or reads.until(asked, clock.now(), zone), "wakes_on": request.POST.get("wakes_on", "")}


@verb("engagement.snooze")
def snooze(request: MemberRequest, row: Assignment) -> HttpResponse:
    """Put an assignment away until a time."""
    actions.snooze(row, **sleep_in(request, row.organization), **_knowing(request))
    return onward(request, _("The assignment is snoozed."), undo=Undo(reverse("engagement:wake", args=[row.pk])))


@verb("engagement.wake")
def wake(request: MemberRequest, row: Assignment) -> HttpResponse:
    """Bring a snoozed assignment back."""
    actions.wake(row, **_knowing(request))
    return shown(request, row, _("The assignment is back in the queue."))


def ending_in(request: MemberRequest) -> dict[str, Any]:
    """How a form says that it ended, and in how many days somebody looks again."""
    return {
        "outcome": request.POST.get("outcome", ""),
        "look_again_in": key_in(request.POST.get("look_again_in", "")) or None,
    }


@verb("engagement.resolve")
def resolve(request: MemberRequest, row: Assignment) -> HttpResponse:
    """End an assignment, saying how."""
    actions.resolve(row, **ending_in(request), **_knowing(request))
    return onward(request, _("The assignment is resolved."), undo=Undo(reverse("engagement:reopen", args=[row.pk])))


@verb("engagement.reopen")
def reopen(request: MemberRequest, row: Assignment) -> HttpResponse:
    """Take up a resolved assignment again."""
    actions.reopen(row, **_knowing(request))
    return shown(request, row, _("The assignment is open again."))


@verb("engagement.plan_follow_up")
def plan_follow_up(request: MemberRequest, row: Assignment) -> HttpResponse:
    """Look again at a resolved assignment in some days, or not at all."""
    days = key_in(request.POST.get("days", "")) or 0
    outcomes.plan_follow_up(row, days=days, **acting(request))
    return shown(request, row, _("It comes back then.") if days else _("It does not come back by itself."))


@verb("engagement.note_satisfaction")
def note_satisfaction(request: MemberRequest, row: Assignment) -> HttpResponse:
    """Keep whether the author was content."""
    outcomes.note_satisfaction(row, value=request.POST.get("value", ""), **acting(request))
    return shown(request, row, _("Saved."))


def _query(request: MemberRequest) -> str:
    """The query of the list that the reader sees, without the place in it."""
    asked = query_of_page(request)
    asked.pop("after", None)
    return asked.urlencode()
