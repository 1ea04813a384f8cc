"""The editorial desk: what is coming, what waits for somebody, and what could be said next."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import QuerySet
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from content.holding import held_back
from content.models import Comment, Idea, Piece, Publication
from content.plans import publications_for
from content.review_counts import reviews_for
from roles import clock
from roles.models import Level
from roles.permissions import decide
from roles.respond import MemberRequest, needs, page

COMING_DAYS = 14
MOST_COUNTED = 99
MOST_COMING, MOST_PIECES, MOST_IDEAS = 12, 8, 5


@require_safe
@needs("content.read")
def content(request: MemberRequest) -> HttpResponse:
    """Show what goes out soon, what one works on, and what could come next."""
    at = clock.now()
    coming = Publication.objects.on_calendar().between(at, at + timedelta(days=COMING_DAYS)).with_everything()
    pieces = Piece.objects.open().with_variants()
    ideas = Idea.objects.filter(state=Idea.State.OPEN).select_related("noted_by__user")
    context = {
        "level": Level(request.organization.level),
        "opens": Level.CREATING,
        "held": held_back(None, at=at),
        "may_plan": decide(request.member, "content.plan"),
        "to_decide": publications_for(request.member) if decide(request.member, "content.settle_publication") else "",
        "to_review": reviews_for(request.member) if decide(request.member, "content.review") else "",
        "to_answer": _counted(Comment.objects.waiting_for(request.member)),
        "coming": list(coming.order_by("due_at", "pk")[:MOST_COMING]),
        "days": COMING_DAYS,
        "pieces": list(pieces.filter(author=request.member).order_by("-pk")[:MOST_PIECES]),
        "ideas": list(ideas.order_by("-pk")[:MOST_IDEAS]),
    }
    return page(request, "content/content.html", context)


def _counted(rows: QuerySet[Comment]) -> str:
    """How many there are, bounded; nothing where there is none."""
    count = rows[: MOST_COUNTED + 1].count()
    return f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count or "")
