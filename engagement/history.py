"""An author's history with us, beside an opened assignment."""

from __future__ import annotations

from datetime import datetime

from django.db.models import OuterRef, Q, Subquery

from engagement.beside import Section, beside
from engagement.models import Assignment, Reply
from roles.models import Member

SHOWN = 5


@beside(place=20)
def author_before(assignment: Assignment, member: Member, at: datetime) -> Section:
    """What this author said before, how it ended, and who of us spoke with them; the newest first."""
    post = assignment.mention.post
    if post.author_id is None:
        return Section("engagement/beside/_author.html")
    answers = Reply.objects.filter(assignment=OuterRef("pk"), state=Reply.State.ACCEPTED).order_by("-accepted_at")
    rows = (
        Assignment.objects.visible_to(member)
        .filter(mention__post__author=post.author_id)
        .exclude(pk=assignment.pk)
        .exclude(~Q(mention__post__conversation=""), mention__post__conversation=post.conversation)
        .select_related("mention__post", "member__user", "satisfaction")
        .annotate(answered_by=Subquery(answers.values("by__user__name")[:1]))
        .order_by("-pk")[: SHOWN + 1]
    )
    found = list(rows)
    context = {
        "rows": found[:SHOWN],
        "more": len(found) > SHOWN,
        "followers": post.author and post.author.followers,
        "is_named": True,
    }
    return Section("engagement/beside/_author.html", context)
