"""Guidelines and people who know the topic, beside a piece: as responders see them beside a mention."""

from __future__ import annotations

from datetime import datetime

from content.beside import beside_piece
from content.models import Piece
from engagement.beside import Section
from maturity.models import Expert, GuidelineVersion
from roles.models import Member
from roles.permissions import decide

SHOWN, MOST_EXPERTS = 8, 5


@beside_piece
def guidelines_of_piece(piece: Piece, member: Member, _at: datetime) -> Section | None:
    """What holds for its topic before what holds for everything, folded."""
    if not decide(member, "maturity.read"):
        return None
    found = list(GuidelineVersion.objects.current().about(piece.topic_id)[: SHOWN + 1])
    if not found:
        return None
    return Section("maturity/_piece_guidelines.html", {"sections": found[:SHOWN], "more": len(found) > SHOWN})


@beside_piece
def experts_of_piece(piece: Piece, member: Member, _at: datetime) -> Section | None:
    """Who knows its topic first-hand, in the order of names; a piece without a topic names nobody."""
    if piece.topic_id is None or not decide(member, "maturity.read"):
        return None
    rows = Expert.objects.standing().on(piece.topic_id).select_related("member__user")
    found = list(rows.order_by("member__user__name", "pk")[:MOST_EXPERTS])
    return Section("maturity/_piece_experts.html", {"experts": found, "topic": piece.topic}) if found else None
