"""The same verb on the assignments that are ticked, each with its own answer, and back again.

Whoever sees them comes in; whether one may do what they ask, the verb says of each.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from engagement.actions.many import Answer, do_to_many, undo_many
from engagement.models import Assignment
from engagement.queue import until
from engagement.views.queue import context_of
from engagement.views.verbs import recipient_in
from roles import clock
from roles.keys import key_in
from roles.respond import MemberRequest, Undo, acting, back_to, done, needs, refused, refused_by
from roles.wording import labelled, quoted

SALT = "touchline.queue.many"
UNDO_SECONDS = 3600
SHOWN = 10


@require_POST
@needs("engagement.read")
def bulk(request: MemberRequest) -> HttpResponse:
    """Do a verb to the assignments that are ticked; each that could not be done says why."""
    to = back_to(request, reverse("engagement:queue"))
    verb, _sign, how = request.POST.get("do", "").partition(":")
    try:
        rows = _chosen(request)
        fields = _fields(request, verb, how)
        answers = do_to_many(rows, verb=verb, **fields, **acting(request))
    except ValidationError as problem:
        return refused_by(request, problem, to=to)
    keys = [answer.assignment.pk for answer in answers if answer.was_done]
    signed = signing.dumps([verb, keys], salt=SALT)
    undo = Undo(reverse("engagement:undo_bulk"), fields={"what": signed}) if keys else None
    return _answered(request, answers, to=to, undo=undo)


@require_POST
@needs("engagement.read")
def undo_bulk(request: MemberRequest) -> HttpResponse:
    """Take back what a verb did to several."""
    to = back_to(request, reverse("engagement:queue"))
    try:
        verb, keys = signing.loads(request.POST.get("what", ""), salt=SALT, max_age=UNDO_SECONDS)
    except signing.BadSignature:
        return refused(request, _("This can no longer be undone."), to=to, status=422)
    rows = list(Assignment.objects.with_mentions().filter(pk__in=keys))
    return _answered(request, undo_many(rows, verb=verb, **acting(request)), to=to)


def _chosen(request: MemberRequest) -> list[tuple[Assignment, int | None]]:
    member = request.member
    said = [value.partition("~") for value in request.POST.getlist("row")]
    versions = {key_in(key): key_in(version) for key, _sign, version in said}
    if not versions:
        raise ValidationError(_("Tick some assignments first."))
    rows = Assignment.objects.with_mentions().visible_to(member)
    found = rows.filter(pk__in=[key for key in versions if key is not None]).order_by("priority", "due_at", "pk")
    return [(row, versions[row.pk]) for row in found]


def _fields(request: MemberRequest, verb: str, how: str) -> dict[str, Any]:
    member = request.member
    match verb:
        case "claim":
            return {}
        case "hand_off":
            return {"to": recipient_in(request.POST.get("to", ""))}
        case "snooze":
            if how in Assignment.WakesOn.values:
                return {"wakes_on": how}
            return {"until": until(how, clock.now(), member.organization.zone)}
        case "set_priority":
            return {"priority": key_in(how) or 0}
        case "resolve":
            return {"outcome": how}
    raise ValidationError(_("Choose what to do with them."))


def _answered(request: MemberRequest, answers: Sequence[Answer], *, to: str, undo: Undo | None = None) -> HttpResponse:
    number = sum(answer.was_done for answer in answers)
    message = ngettext("%(number)s done.", "%(number)s done.", number) % {"number": number}
    problems = [answer for answer in answers if not answer.was_done]
    if problems:
        message += " " + ngettext("%(number)s not.", "%(number)s not.", len(problems)) % {"number": len(problems)}
    if not getattr(request, "htmx", None):
        reasons = [labelled(quoted(answer.assignment), answer.problem) for answer in problems[:SHOWN]]
        return done(request, " ".join([message, *reasons]), to=to, undo=undo)
    flash = {"message": message, "level": "success" if number else "error", **({"undo": undo} if undo else {})}
    context = context_of(request) | {"flash": flash, "problems": problems}
    return render(request, "engagement/bulk_done.html", context)
