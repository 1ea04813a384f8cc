"""Ideas to look through: the backlog, one in full, the alike ones, and the questions that keep coming."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from content.alike import alike
from content.idea_filter import MINE, SHOWN_STATES, IdeaFilter
from content.idea_forms import RATINGS, IdeaForm
from content.idea_querysets import IDEA_ORDERS
from content.models import Campaign, Idea
from content.recurring import TIMES, WINDOW_DAYS, recurring_questions
from engagement.models.joinings import Step
from listening.models import Topic
from roles import clock
from roles.keys import key_in
from roles.models import Member
from roles.permissions import decide
from roles.respond import MemberRequest, needs, page

PER_PAGE = 30
VERBS = ("note", "rate", "change", "accept", "drop", "pick_up")


@require_safe
@needs("content.read")
def ideas(request: MemberRequest) -> HttpResponse:
    """The backlog: what is most worth its effort first, or as it was asked for."""
    return backlog(request, IdeaForm())


def backlog(
    request: MemberRequest, form: IdeaForm, *, like: list[Any] | None = None, status: int = 200
) -> HttpResponse:
    """Draw the list as its address says, with the form that notes another."""
    chosen = IdeaFilter.in_address(request.GET)
    rows = chosen.narrow(Idea.objects.with_everything(), member=request.member)
    if after := key_in(request.GET.get("after", "")):
        rows = rows.after(get_object_or_404(Idea, pk=after), chosen.order)
    shown = list(rows[: PER_PAGE + 1])
    here = reverse("content:ideas")
    tabs = [*SHOWN_STATES.items(), (MINE, _("Mine"))]
    context = {
        "ideas": shown[:PER_PAGE],
        "after": shown[PER_PAGE - 1].pk if len(shown) > PER_PAGE else None,
        "chosen": chosen,
        "tabs": [{"url": f"{here}?show={key}", "label": label, "current": chosen.show == key} for key, label in tabs],
        "orders": [(name, label, name == chosen.order) for name, label in IDEA_ORDERS.items()],
        "topics": Topic.objects.active().by_name(),
        "campaigns": Campaign.objects.order_by("name", "pk"),
        "steps": Step.choices,
        "origins": Idea.Origin.choices,
        "form": form,
        "form_open": bool(form.errors or like or (not shown and not chosen.narrows)),
        "like": like,
        "may": may(request.member),
        "ratings": RATINGS,
    }
    return page(request, "content/ideas.html", context, status=status)


@require_safe
@needs("content.read")
def idea(request: MemberRequest, pk: int) -> HttpResponse:
    """One idea in full: where it comes from, what is like it, what was merged into it, what became of it."""
    return one_idea(request, get_object_or_404(Idea.objects.with_everything(), pk=pk))


def one_idea(request: MemberRequest, row: Idea, form: IdeaForm | None = None) -> HttpResponse:
    """Draw the page of an idea; a form that was refused says why."""
    said = {name: getattr(row, name) for name in ("text", "value", "effort", "step", "topic", "campaign")}
    context = {
        "idea": row,
        "form": form or IdeaForm(initial=said),
        "like": alike(row.said, but=[row.pk]) if row.is_open else [],
        "may": may(request.member),
    }
    return page(request, "content/idea.html", context, status=422 if form is not None else 200)


@require_safe
@needs("content.read")
def alike_ideas(request: MemberRequest) -> HttpResponse:
    """The ideas that say nearly what somebody is writing."""
    found = alike(request.GET.get("text", "")[:2000])
    return page(request, "content/alike_ideas.html", {"like": found}, part="found")


@require_safe
@needs("content.read")
def questions(request: MemberRequest) -> HttpResponse:
    """The questions that keep coming, each of them an idea already or one click away from it."""
    context = {
        "questions": recurring_questions(at=clock.now()),
        "days": WINDOW_DAYS,
        "times": TIMES,
        "may_note": decide(request.member, "content.note_idea"),
        "may_read_mentions": decide(request.member, "listening.read"),
    }
    return page(request, "content/questions.html", context)


def may(member: Member) -> dict[str, Any]:
    """What a member may do with ideas, as the lists ask."""
    decided = {verb: decide(member, f"content.{verb}_idea") for verb in VERBS}
    return decided | {"merge": decide(member, "content.merge_ideas"), "write": decide(member, "content.write")}
