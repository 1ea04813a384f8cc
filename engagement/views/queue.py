"""The queue: the list, one assignment in full beside it, and what came meanwhile."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from engagement import queue as reads
from engagement.attention import stops_for
from engagement.beside import sections_for
from engagement.helping import notices_for
from engagement.models import Assignment, Draft
from engagement.models.rules import Priority
from engagement.querysets import AssignmentQuerySet
from engagement.reasons import in_words
from listening import networks
from listening.matching import QueryError
from listening.models import Channel
from listening.networks.protocols import Counts
from listening.searching.fields import at_the_place
from listening.searching.search import Search, TooWide
from roles import clock
from roles.models import Department, Member
from roles.permissions import decide
from roles.respond import needs, page, wants_part


@require_safe
@needs("engagement.read")
def queue(request: HttpRequest) -> HttpResponse:
    """The assignments behind a tab, the most urgent first; every tab and filter has its address."""
    context = _listed(request) if wants_part(request) else context_of(request)
    return page(request, "engagement/queue.html", context, part="list")


@require_safe
@needs("engagement.read")
def assignment(request: HttpRequest, pk: int) -> HttpResponse:
    """One assignment in full, beside the list on a wide screen."""
    member: Member = request.member  # type: ignore[attr-defined]
    row = get_object_or_404(Assignment.objects.with_mentions().visible_to(member), pk=pk)
    context = _opened(row, member, Department.objects.all()) if wants_part(request) else context_of(request, row)
    return page(request, "engagement/queue.html", context, part="work")


@require_safe
@needs("engagement.read")
def newer(request: HttpRequest) -> HttpResponse:
    """How many assignments came since the list was drawn; the list moves when asked."""
    member: Member = request.member  # type: ignore[attr-defined]
    tab = _tab(request, member)
    context = {
        "newer": reads.newer(tab, member, request.GET.get("since", "")),
        "reload_url": f"{reverse('engagement:queue')}?{urlencode({'tab': tab})}",
    }
    return page(request, "engagement/queue.html", context, part="newer")


def context_of(request: HttpRequest, opened: Assignment | None = None) -> dict[str, Any]:
    """Everything that the queue's template and its parts show."""
    member: Member = request.member  # type: ignore[attr-defined]
    listed, departments = _listed(request), list(Department.objects.all())
    filters = _filters(_wanted(request), departments)
    around: dict[str, Any] = {
        "tabs": _tabs(member, listed["tab"]),
        "filters": filters,
        "assignment": None,
        "stops": stops_for(member),
    }
    return listed | around | (_opened(opened, member, departments) if opened else {})


def _wanted(request: HttpRequest) -> reads.Filters:
    return reads.Filters(**{name: request.GET.get(name, "") for name in reads.Filters.__dataclass_fields__})


def _listed(request: HttpRequest) -> dict[str, Any]:
    """What the list shows."""
    member: Member = request.member  # type: ignore[attr-defined]
    tab, filters = _tab(request, member), _wanted(request)
    rows, after, trouble = _found(
        filters.narrow(reads.behind(tab, member)), tab, request.GET.get("after", ""), filters.search
    )
    here = {"tab": tab, **filters.as_query()}
    queue_url = reverse("engagement:queue")
    return {
        "assignments": rows,
        "search": filters.search,
        "trouble": trouble,
        "filtered": bool(filters),
        "clear_url": f"{queue_url}?{urlencode({'tab': tab})}",
        "next_url": f"{queue_url}?{urlencode({**here, 'after': after})}" if after else "",
        "newer_url": f"{reverse('engagement:newer')}?{urlencode({'tab': tab, 'since': clock.now().isoformat()})}",
        "tab": tab,
    }


def _found(
    rows: AssignmentQuerySet, tab: str, after: str, text: str
) -> tuple[list[Assignment], str, dict[str, Any] | None]:
    """One page, and what is wrong with the search, with its place where it has one."""
    try:
        search = Search(text) if text.strip() else None
        shown, next_key = reads.page_of(rows, tab, after, search)
    except QueryError as problem:
        return [], "", {"message": str(problem), "parts": at_the_place(text, problem.position, problem.length)}
    except TooWide as problem:
        return [], "", {"message": str(problem)}
    cut = (
        {"message": _("There may be more: only the first of what may fit was looked at.")}
        if search and search.is_cut
        else None
    )
    return shown, next_key, cut


def _tab(request: HttpRequest, member: Member) -> str:
    wanted = request.GET.get("tab", "")
    if wanted in reads.TABS:
        return wanted
    # Who cannot hold assignments begins with what everybody has.
    return "mine" if decide(member, "engagement.claim") else "everyone"


def _tabs(member: Member, current: str) -> list[dict[str, Any]]:
    numbers = reads.counts(member)
    holds = bool(decide(member, "engagement.claim"))
    sees_all = bool(decide(member, "engagement.assign"))
    return [
        {
            "url": f"{reverse('engagement:queue')}?{urlencode({'tab': tab})}",
            "label": label,
            "count": numbers.get(tab),
            "current": tab == current,
        }
        for tab, label in reads.TABS.items()
        if (holds or tab not in {"mine", "snoozed", "resolved"}) and (sees_all or tab != "everyone" or not holds)
    ]


def _filters(filters: reads.Filters, departments: Iterable[Department]) -> list[dict[str, Any]]:
    kinds = [(network.name, network.label) for network in networks.all_networks()]
    return [
        {"name": "network", "label": _("Network"), "choices": kinds, "value": filters.network},
        {
            "name": "department",
            "label": _("Department"),
            "choices": reads.choices_of(departments),
            "value": filters.department,
        },
        {"name": "priority", "label": _("Priority"), "choices": Priority.choices, "value": filters.priority},
    ]


def _opened(row: Assignment, member: Member, departments: Iterable[Department]) -> dict[str, Any]:
    at = clock.now()
    network = networks.get(row.mention.network)
    draft = Draft.objects.filter(assignment=row, member=member).first()
    earlier = reads.earlier_posts(row, member)
    return {
        "assignment": row,
        "thread": reads.thread(row),
        "reasons": in_words(row.reasons),
        "earlier_posts": [{**one, "url": reverse("engagement:assignment", args=[one["pk"]])} for one in earlier],
        "channels": Channel.objects.filter(network=row.mention.network, is_active=True).order_by("name"),
        "draft": draft,
        "limit": network.limits().text if isinstance(network, Counts) else None,
        "people": _people(row, member),
        "departments": [department for department in departments if department.pk != row.department_id],
        "snooze_choices": reads.snooze_choices(at, ZoneInfo(member.organization.time_zone)),
        "outcomes": Assignment.Outcome.choices,
        "sections": sections_for(row, member, at=at),
        "notices": notices_for(row, member, draft, at=at),
        # The same form sent twice is the same reply.
        "reply_key": secrets.token_urlsafe(16),
    }


def _people(row: Assignment, member: Member) -> list[Member]:
    able = Member.objects.active().with_role("responder", row.department_id).exclude(pk=member.pk)
    return list(able.select_related("user").by_name())
