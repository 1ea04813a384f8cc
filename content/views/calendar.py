"""The calendar: what is said when."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.utils import formats
from django.views.decorators.http import require_safe

from content.calendar import shown
from content.calendar_cards import place_of
from content.calendar_filter import VIEWS, Wanted
from content.models import Campaign, Publication
from listening.models import Channel
from roles import clock
from roles.models import Department
from roles.permissions import decide
from roles.respond import MemberRequest, needs, page
from roles.statements import Statement

CHOICES = 200


@require_safe
@needs("content.read")
def calendar(request: MemberRequest) -> HttpResponse:
    """Show a month, a week or a list of what is said when, and what has no time yet."""
    wanted = Wanted.read(request.GET.dict())
    return page(request, "content/calendar.html", calendar_context(request, wanted))


def calendar_context(request: MemberRequest, wanted: Wanted) -> dict[str, Any]:
    """What the page of the calendar shows of what was asked for."""
    found = shown(wanted, at=clock.now())
    zones = {request.organization.time_zone, wanted.zone.key, *found.zones}
    return {
        "shown": found,
        "wanted": wanted,
        "span": found.span,
        "views": [(view, label, wanted.but(view=view)) for view, label in VIEWS.items()],
        "earlier": wanted.but(day=found.span.earlier),
        "later": wanted.but(day=found.span.later),
        "today": wanted.but(day=None),
        "here": found.here,
        "words": found.words,
        "read_on": wanted.but(after=found.last) if found.last else "",
        "names": [formats.date_format(day, "l") for day in found.span.days[:7]],
        "zones": [(name, place_of(name)) for name in sorted(zones)],
        "channels": [(pk, f"{name} ({handle})") for pk, name, handle in _CHANNELS.rows(chosen=wanted.channel)],
        "campaigns": _CAMPAIGNS.rows(),
        "departments": _DEPARTMENTS.rows(),
        "states": Publication.State.choices,
        "may_plan": decide(request.member, "content.plan"),
    }


def _channels(*, chosen: int | None) -> QuerySet[Channel, Any]:
    rows = Channel.objects.filter(Q(is_active=True) if chosen is None else Q(is_active=True) | Q(pk=chosen))
    found: QuerySet[Channel, Any] = rows.order_by("name", "pk").values_list("pk", "name", "handle")[:CHOICES]
    return found


_CHANNELS = Statement(_channels)
_CAMPAIGNS = Statement(lambda: Campaign.objects.order_by("-ends_on", "-pk").values_list("pk", "name")[:CHOICES])
_DEPARTMENTS = Statement(lambda: Department.objects.order_by("name").values_list("pk", "name")[:CHOICES])
