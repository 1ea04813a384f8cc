"""The booth of the demo organization: one question that was answered, and one that waits."""

from __future__ import annotations

from datetime import datetime, timedelta

from engagement.actions.consults import answer_consult, consult
from engagement.models import Assignment, ConsultRequest
from roles.models import Member

QUESTIONS = (
    (
        "Which answer may we give in public, and is there a part number that helps?",
        "Say that we exchange it under warranty, whatever the age of the bike. The part is 4471, in stock in Utrecht.",
    ),
    ("May we promise a date here, or only that we call back today?", ""),
)


def ask_booth(booth: Member, *, deputy: Member, at: datetime) -> None:
    """Put two questions about what is open; the booth has answered the first from its mail."""
    rows = Assignment.objects.waiting().filter(member__isnull=False).with_mentions().order_by("-pk")[:2]
    for row, (question, answer) in zip(rows, QUESTIONS, strict=False):
        asked_at = at - timedelta(minutes=45)
        made = consult(row, question=question, to=[booth], deputy=deputy, by=row.member, at=asked_at)
        if answer:
            request = ConsultRequest.objects.with_everything().get(consult=made)
            answer_consult(request, text=answer, way=ConsultRequest.Way.LINK, by=booth, at=at - timedelta(minutes=20))
