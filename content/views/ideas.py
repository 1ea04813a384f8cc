"""Ideas: what could be worth saying one day."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from content.actions import ideas as actions
from content.models import Idea
from listening.models import Mention
from roles.keys import key_in
from roles.permissions import decide
from roles.respond import MemberRequest, Undo, acting, back_to, done, needs, page, refused

PER_PAGE = 30


@require_safe
@needs("content.read")
def ideas(request: MemberRequest) -> HttpResponse:
    """What was noted for publishing one day, the newest first."""
    state = Idea.State.DROPPED if request.GET.get("state") == "dropped" else Idea.State.OPEN
    rows = Idea.objects.filter(state=state).select_related("noted_by__user", "mention__post__author").order_by("-pk")
    if before := key_in(request.GET.get("before", "")):
        rows = rows.filter(pk__lt=before)
    shown = list(rows[: PER_PAGE + 1])
    context = {
        "ideas": shown[:PER_PAGE],
        "before": shown[PER_PAGE - 1].pk if len(shown) > PER_PAGE else None,
        "state": state,
        "may_note": decide(request.member, "content.note_idea"),
        "may_drop": decide(request.member, "content.drop_idea"),
    }
    return page(request, "content/ideas.html", context)


@require_POST
@needs("content.note_idea")
def note_idea(request: MemberRequest) -> HttpResponse:
    """Note an idea: in words, or straight from the mention that gave it."""
    keys = [key for text in request.POST.getlist("mention") if (key := key_in(text)) is not None]
    mention = get_object_or_404(Mention.objects.with_posts(), pk=keys[0]) if keys else None
    back = back_to(request, reverse("content:ideas"))
    try:
        idea = actions.note_idea(request.POST.get("text", ""), mention=mention, **acting(request))
    except ValidationError as problem:
        return refused(request, " ".join(problem.messages), to=back, status=422)
    undo = Undo(reverse("content:drop_idea", args=[idea.pk]))
    return done(request, _("Noted as an idea."), to=back, undo=undo, template="components/flash_oob.html")


@require_POST
@needs("content.drop_idea")
def drop_idea(request: MemberRequest, pk: int) -> HttpResponse:
    """Put an idea aside."""
    actions.drop_idea(get_object_or_404(Idea, pk=pk), **acting(request))
    undo = Undo(reverse("content:pick_up_idea", args=[pk]))
    back = back_to(request, reverse("content:ideas"))
    return done(request, _("Dropped."), to=back, undo=undo, template="components/flash_oob.html")


@require_POST
@needs("content.pick_up_idea")
def pick_up_idea(request: MemberRequest, pk: int) -> HttpResponse:
    """Open a dropped idea again."""
    actions.pick_up_idea(get_object_or_404(Idea, pk=pk), **acting(request))
    return done(
        request, _("Picked up."), to=back_to(request, reverse("content:ideas")), template="components/flash_oob.html"
    )
