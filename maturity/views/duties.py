"""The checklist of the ten standing duties."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from maturity.actions import duties as actions
from maturity.duties import BY_KEY, standings
from roles import clock
from roles.permissions import decide
from roles.respond import MemberRequest, acting, done, needs, page, refused_by


@require_safe
@needs("maturity.read_duties")
def duties(request: MemberRequest) -> HttpResponse:
    """Show all ten, with what shows that each is done."""
    member = request.member
    found = standings(member, at=clock.now())
    context = {
        "standings": found,
        "done": sum(one.state == "done" for one in found),
        "may_note": decide(member, "maturity.note_duty"),
    }
    return page(request, "maturity/duties.html", context)


@require_POST
@needs("maturity.note_duty")
def note_duty(request: MemberRequest, key: str) -> HttpResponse:
    """Note that one was done elsewhere."""
    if key not in BY_KEY:
        raise Http404
    to, note = f"{reverse('maturity:duties')}#{key}", request.POST.get("note", "")
    try:
        actions.note_duty(request.organization, duty=key, note=note, **acting(request))
    except ValidationError as problem:
        return refused_by(request, problem, to=to)
    return done(request, _("Saved."), to=to)
