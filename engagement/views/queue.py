"""The queue: the list, one assignment in full beside it, and what came meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from engagement import queue as reads
from engagement.attention import stops_for
from engagement.models import Assignment
from engagement.models.rules import Priority
from engagement.present import others_at
from engagement.views.opened import opened, takers
from listening import networks
from listening.matching import QueryError
from listening.searching.places import at_the_place
from listening.searching.search import Search, TooWide
from roles import clock
from roles.activities import Activity, work_at
from roles.asking import query_of_page
from roles.keys import key_in
from roles.models import Department, Member
from roles.permissions import Decision, decide
from roles.querysets import Named
from roles.respond import MemberRequest, needs, page, wants_part


@require_safe
@needs("engagement.read")
def queue(request: MemberRequest) -> HttpResponse:
    """The assignments behind a tab, the most urgent first; every tab and filter has its address."""
    context = _listed(request) if wants_part(request) else context_of(request)
    return page(request, "engagement/queue.html", context, part="list")


@require_safe
@needs("engagement.read")
def assignment(request: MemberRequest, pk: int) -> HttpResponse:
    """One assignment in full, beside the list on a wide screen."""
    member = request.member
    row = get_object_or_404(Assignment.objects.with_mentions().visible_to(member), pk=pk)
    if row.was_joined:
        work_at(request, Activity.INITIATING)
    if wants_part(request):
        context = opened(row, member, Department.objects.all()) | {"back_url": _address(_here(request, member))}
    else:
        context = context_of(request, row)
    return page(request, "engagement/queue.html", context, part="work")


@require_safe
@needs("engagement.read")
def newer(request: MemberRequest) -> HttpResponse:
    """How many assignments came since the list was drawn; the list moves when asked."""
    member = request.member
    tab = _tab(request, member)
    context = {
        "newer": reads.newer(tab, member, request.GET.get("since", "")),
        "reload_url": _address({"tab": tab}),
    }
    return page(request, "engagement/queue.html", context, part="newer")


@require_safe
@needs("engagement.read")
def marks(request: MemberRequest) -> HttpResponse:
    """How the lines that a page shows are by now: in whose hands, and who has them open; the lines stay in place."""
    member = request.member
    keys = [key for key in map(key_in, request.GET.get("of", "").split(",")[: reads.PER_PAGE]) if key is not None]
    rows = list(Assignment.objects.visible_to(member).filter(pk__in=keys).for_list())
    context = {"assignments": _with_people(rows, member)}
    return page(request, "engagement/marks.html", context)


def context_of(request: MemberRequest, row: Assignment | None = None) -> dict[str, Any]:
    """Everything that the queue's template and its parts show."""
    member = request.member
    listed, departments = _listed(request), list(Department.objects.all())
    filters = _filters(_wanted(request), departments)
    around: dict[str, Any] = {
        "tabs": _tabs(member, listed["tab"]),
        "filters": filters,
        "departments": takers(departments),
        "unseen_notes": reads.counts(member)["notes"],
        "bulk_people": _people(member),
        "snooze_choices": reads.snooze_choices(clock.now(), member.organization.zone),
        "wakes_on": Assignment.WakesOn.choices,
        "outcomes": Assignment.Outcome.choices,
        "priorities": Priority.choices,
        "assignment": None,
        "locked": _locked(member),
        "stops": stops_for(member),
    }
    return listed | around | (opened(row, member, departments) if row else {})


def _asked(request: MemberRequest) -> QueryDict:
    """The query of the page that the reader sees: a verb's form knows it from the page that posted it."""
    if request.method == "GET":
        return request.GET
    return query_of_page(request)


def _wanted(request: MemberRequest) -> reads.Filters:
    asked = _asked(request)
    return reads.Filters(**{name: asked.get(name, "") for name in reads.Filters.__dataclass_fields__})


def _here(request: MemberRequest, member: Member) -> dict[str, str]:
    """The list that the reader sees, as it stands in the address."""
    return {"tab": _tab(request, member), **_wanted(request).as_query()}


def _address(here: dict[str, str]) -> str:
    return f"{reverse('engagement:queue')}?{urlencode(here)}"


def _listed(request: MemberRequest) -> dict[str, Any]:
    """What the list shows."""
    member = request.member
    tab, filters = _tab(request, member), _wanted(request)
    rows, after, trouble = _found(tab, member, filters, _asked(request).get("after", ""))
    here = _here(request, member)
    keys = ",".join(str(row.pk) for row in rows)
    return {
        "assignments": _with_people(rows, member),
        "is_new": not rows and not Assignment.objects.filter(member=member).exists(),
        "here": urlencode(here),
        "back_url": _address(here),
        "marks_url": f"{reverse('engagement:marks')}?{urlencode({'of': keys})}",
        "search": filters.search,
        "trouble": trouble,
        "filtered": bool(filters),
        "clear_url": _address({"tab": tab}),
        "next_url": _address({**here, "after": after}) if after else "",
        "newer_url": f"{reverse('engagement:newer')}?{urlencode({'tab': tab, 'since': clock.now().isoformat()})}",
        "tab": tab,
    }


def _locked(member: Member) -> Decision | None:
    """Why nothing is given out, where no level has opened that for this member."""
    may = decide(member, "engagement.claim")
    return may if may.url else None


def _with_people(rows: list[Assignment], member: Member) -> list[Assignment]:
    """The rows, each with who else has it open now as `people`."""
    there = others_at([row.pk for row in rows], but=member, at=clock.now())
    for row in rows:
        row.people = there.get(row.pk, [])  # type: ignore[attr-defined]
    return rows


def _people(member: Member) -> list[Named]:
    """Everyone who can be given something, in whatever department; each verb says whether it fits there."""
    return Member.objects.active().responding().exclude(pk=member.pk).by_name().named()


def _found(
    tab: str, member: Member, filters: reads.Filters, after: str
) -> tuple[list[Assignment], str, dict[str, Any] | None]:
    """One page, and what is wrong with the search, with its place where it has one."""
    text = filters.search
    try:
        search = Search(text) if text.strip() else None
        shown, next_key = reads.page_of(filters.narrow(reads.behind(tab, member)), tab, member, after, search)
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


def _tab(request: MemberRequest, member: Member) -> str:
    wanted = _asked(request).get("tab", "")
    if wanted in reads.TABS:
        return wanted
    # Whose role holds no assignments begins with what everybody has.
    return "mine" if member.holds("engagement.claim") else "everyone"


def _tabs(member: Member, current: str) -> list[dict[str, Any]]:
    numbers = reads.counts(member)
    # By the role alone: what was given before a level closed it is still there.
    holds, sees_all = member.holds("engagement.claim"), member.holds("engagement.assign")
    return [
        {
            "url": _address({"tab": tab}),
            "label": label,
            "count": numbers.get(tab),
            "current": tab == current,
        }
        for tab, label in reads.TABS.items()
        if (holds or tab not in {"mine", "snoozed", "resolved"}) and (sees_all or tab != "everyone" or not holds)
    ]


def _filters(filters: reads.Filters, departments: Iterable[Department]) -> list[dict[str, Any]]:
    return [
        {"name": "network", "label": _("Network"), "choices": networks.choices(), "value": filters.network},
        {
            "name": "department",
            "label": _("Department"),
            "choices": reads.choices_of(departments),
            "value": filters.department,
        },
        {"name": "priority", "label": _("Priority"), "choices": Priority.choices, "value": filters.priority},
    ]
