"""Stories: what was told at many places, as a list and one in full; split, merged and decided about."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from listening.actions import stories as actions
from listening.models import Mention, Story
from listening.offers import offers_for
from listening.pictures import drawings
from listening.querysets import STORY_ORDERS
from listening.stories import spread
from listening.stories.gathering import WINDOW
from roles import clock
from roles.keys import key_in
from roles.levels import ASSIGNMENTS, closed_among
from roles.models import Department
from roles.permissions import closed, decide
from roles.respond import MemberRequest, Undo, acting, back_to, done, needs, page, refused_by
from roles.wording import in_order, labelled

PER_PAGE = 25
PLACES = 50
VERSIONS = 10
OTHERS = 30
# What counts as recent where stories are compared by how fast they grow.
GROWTH = timedelta(hours=6)
# From this span on, a column of the spread is this long.
STEPS = (
    (timedelta(days=21), timedelta(days=1)),
    (timedelta(days=3), timedelta(hours=6)),
    (timedelta(hours=8), timedelta(hours=1)),
    (timedelta(0), timedelta(minutes=15)),
)
LONGEST_PICTURE = timedelta(days=60)


@require_safe
@needs("listening.read")
def stories(request: MemberRequest) -> HttpResponse:
    """Stories of the last two weeks: the newest, the largest or the fastest growing first."""
    at = clock.now()
    order = request.GET.get("order", "")
    order = order if order in STORY_ORDERS else "newest"
    rows = Story.objects.told().since(at - WINDOW).in_order(order, since=at - GROWTH)
    if after := key_in(request.GET.get("after", "")):
        rows = rows.after(get_object_or_404(Story, pk=after), order)
    shown = list(rows[: PER_PAGE + 1])
    firsts = spread.first_tellings(shown[:PER_PAGE])
    context = {
        "stories": [{"row": row, "first": firsts.get(row.pk)} for row in shown[:PER_PAGE]],
        "order": order,
        "orders": [(name, label, name == order) for name, label in STORY_ORDERS.items()],
        # How fast a story grows changes while one reads; its list ends with the first page.
        "after": shown[PER_PAGE - 1].pk if len(shown) > PER_PAGE and order != "growing" else None,
    }
    return page(request, "listening/stories.html", context)


@require_safe
@needs("listening.read")
def story(request: MemberRequest, pk: int) -> HttpResponse:
    """One story: its versions, its places, how it spread, and what was decided."""
    row = get_object_or_404(Story.objects.select_related("merged_into", "follow_department"), pk=pk)
    if row.merged_into_id is not None:
        return HttpResponseRedirect(reverse("listening:story", args=[row.merged_into_id]))
    told = Mention.objects.of_story(row)
    after = key_in(request.GET.get("after", ""))
    departments = list(Department.objects.all())
    keys = closed_among(ASSIGNMENTS, departments)
    places = list((told.filter(pk__gt=after) if after else told).with_posts()[: PLACES + 1])
    context = {
        "story": row,
        "first": told.with_posts().first(),
        "places": places[:PLACES],
        "after": places[PLACES - 1].pk if len(places) > PLACES else None,
        "versions": spread.versions(row, VERSIONS),
        "networks": spread.by(row, "network"),
        "moods": spread.moods(row),
        "queries": spread.queries(row),
        "waiting": told.untriaged().exists(),
        "dismissed": told.filter(state=Mention.State.DISMISSED).exists(),
        "picture": _spread(row),
        "departments": [row for row in departments if row.pk not in keys],
        "why_closed": next((closed(ASSIGNMENTS, row) for row in departments if row.pk in keys), None),
        "others": Story.objects.told().exclude(pk=pk).order_by("-last_at")[:OTHERS],
        "may_triage": decide(request.member, "listening.triage"),
        "offers": [offer for offer in offers_for(request.member) if offer.of_stories],
    }
    return page(request, "listening/story.html", context)


def _spread(row: Story) -> dict[str, Any]:
    start = max(row.first_at, row.last_at - LONGEST_PICTURE)
    step = next(step for span, step in STEPS if row.last_at - start >= span)
    begin = _floor(start, step)
    counts = spread.each(row, step, since=begin)
    moments = [begin]
    while moments[-1] + step <= row.last_at:
        moments.append(moments[-1] + step)
    values = [counts.get(moment, 0) for moment in moments]
    words = "j M" if step >= timedelta(days=1) else "j M H:i"
    labels = [date_format(localtime(moment), in_order(words)) for moment in moments]
    total, rows = sum(counts.values()) - sum(values), []
    for label, value in zip(labels, values, strict=True):
        total += value
        rows.append((label, value, total))
    peak = max(range(len(values)), key=values.__getitem__)
    summary = ngettext(
        "%(count)d place; most at %(when)s (%(most)d)", "%(count)d places; most at %(when)s (%(most)d)", row.size
    ) % {"count": row.size, "when": labels[peak], "most": values[peak]}
    return {
        "title": _("How it spread"),
        "summary": summary,
        "drawings": drawings(values, labels=labels, said=[labelled(one, two) for one, two, _sum in rows]),
        "heads": [_("From"), _("Places"), _("Together")],
        "rows": rows,
    }


def _floor(moment: datetime, step: timedelta) -> datetime:
    """The beginning of the step in which a moment lies, as the local clock counts days."""
    local = localtime(moment)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + (local - midnight) // step * step


@require_POST
@needs("listening.triage")
def dismiss_story(request: MemberRequest, pk: int) -> HttpResponse:
    """Say that the whole story is not relevant."""
    row = get_object_or_404(Story, pk=pk)
    count = actions.dismiss_story(
        row, reason=request.POST.get("reason", "")[:200], follow=_follow(request), **acting(request)
    )
    undo = Undo(reverse("listening:restore_story", args=[pk]))
    return done(request, _("%(count)d dismissed.") % {"count": count}, to=_to(request, pk), undo=undo)


@require_POST
@needs("listening.triage")
def route_story(request: MemberRequest, pk: int) -> HttpResponse:
    """Give the whole story to a department."""
    row = get_object_or_404(Story, pk=pk)
    department = get_object_or_404(Department, pk=key_in(request.POST.get("department", "")))
    count = actions.route_story(row, department=department, follow=_follow(request), **acting(request))
    message = _("%(count)d given to %(department)s.") % {"count": count, "department": department}
    return done(request, message, to=_to(request, pk))


@require_POST
@needs("listening.triage")
def restore_story(request: MemberRequest, pk: int) -> HttpResponse:
    """Put what was dismissed of the story back into the stream."""
    row = get_object_or_404(Story, pk=pk)
    actions.restore_story(row, **acting(request))
    return done(request, _("Back in the stream; later arrivals wait for a decision."), to=_to(request, pk))


@require_POST
@needs("listening.triage")
def merge(request: MemberRequest, pk: int) -> HttpResponse:
    """Make the story part of another."""
    row = get_object_or_404(Story, pk=pk)
    other = get_object_or_404(Story, pk=key_in(request.POST.get("into", "")))
    try:
        whole = actions.merge(row, into=other, **acting(request))
    except ValidationError as problem:
        return refused_by(request, problem, to=reverse("listening:story", args=[pk]))
    undo = Undo(reverse("listening:unmerge", args=[pk]))
    return done(request, _("The two are one story now."), to=reverse("listening:story", args=[whole.pk]), undo=undo)


@require_POST
@needs("listening.triage")
def unmerge(request: MemberRequest, pk: int) -> HttpResponse:
    """Take the story out of the other again."""
    row = actions.unmerge(get_object_or_404(Story, pk=pk), **acting(request))
    return done(request, _("Two stories again."), to=reverse("listening:story", args=[row.pk]))


@require_POST
@needs("listening.triage")
def split_off(request: MemberRequest, pk: int) -> HttpResponse:
    """Say that a mention does not belong to its story."""
    row = get_object_or_404(Mention, pk=pk)
    story_id = row.story_id
    try:
        actions.split_off(row, **acting(request))
    except ValidationError as problem:
        return refused_by(request, problem, to=reverse("listening:mention", args=[pk]))
    undo = Undo(reverse("listening:join_story", args=[pk]), fields={"story": str(story_id)})
    return done(request, _("It stands alone now, and will."), to=_to(request, story_id or 0), undo=undo)


@require_POST
@needs("listening.triage")
def join_story(request: MemberRequest, pk: int) -> HttpResponse:
    """Say that a mention belongs to a story."""
    row = get_object_or_404(Mention, pk=pk)
    whole = get_object_or_404(Story, pk=key_in(request.POST.get("story", "")))
    actions.join_story(row, story=whole, **acting(request))
    return done(request, _("It belongs to the story now."), to=_to(request, whole.pk))


def _follow(request: MemberRequest) -> bool:
    return request.POST.get("follow") == "on"


def _to(request: MemberRequest, pk: int) -> str:
    return back_to(request, reverse("listening:story", args=[pk]))
