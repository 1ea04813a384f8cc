"""What the plan follows: every change of a piece, and connections that work again; and how many plans need somebody."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from content import first_comments  # noqa: F401 -- it hears what is published
from content.gate import keeps_back
from content.limits import checks_of
from content.models import FirstComment, Piece, Publication
from content.publishing import PUBLISH, look_at_plan
from content.writing import after_save
from engagement.attention import ask_along, attention
from listening.models import Connection
from listening.signals import connection_mended
from listening.way_out import states
from roles.background import hint
from roles.models import Member

MOST_COUNTED = 99
ask_along(
    "publications",
    "SELECT 1 FROM content_publication WHERE organization_id = %(organization)s AND put_before_person_at IS NOT NULL",
)


@keeps_back
def what_its_network_would_refuse(publication: Publication, at: datetime) -> str:
    """Words that were changed after they were planned are checked as they were then."""
    return next((problem.message for problem in checks_of(publication.variant) if problem.is_blocking), "")


@after_save
def ask_again(piece: Piece, by: Member | None, at: datetime) -> None:
    """What its publications wait for may be another now."""
    look_at_plan(piece, at=at)


@receiver(connection_mended, dispatch_uid="content.publish_through")
def publish_through(sender: Any, *, connection: Connection, at: datetime, **_later: object) -> None:
    """Publish what waited for its access."""
    waited = [states.go_on_through(rows, connection, at=at) for rows in (Publication, FirstComment)]
    if any(waited):
        hint(PUBLISH)


def publications_for(member: Member) -> str:
    """What the navigation shows beside publications: those about which somebody has to decide."""
    if "publications" not in attention(member).has_besides or not member.holds("content.settle_publication"):
        return ""
    count = Publication.objects.before_a_person().within_reach_of(member)[: MOST_COUNTED + 1].count()
    return f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count or "")
