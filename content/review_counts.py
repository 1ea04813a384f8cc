"""How many reviews wait for a member: asked along with everything else that stands on every page."""

from __future__ import annotations

from engagement.attention import attention, count_along, said_shortly
from roles.models import Member

# The same as ReviewStepQuerySet.asked_of, as one count among the others.
count_along(
    "reviews",
    """SELECT 1 FROM content_reviewstep st
          JOIN content_review rv ON rv.id = st.review_id AND NOT (%(member)s = ANY(rv.maker_ids))
          JOIN content_piece pc ON pc.id = rv.piece_id AND pc.author_id <> %(member)s
          WHERE st.organization_id = %(organization)s AND st.state = 'waiting'
          AND (%(member)s = ANY(st.member_ids) OR EXISTS (
               SELECT 1 FROM unnest(%(roles)s::text[], %(places)s::bigint[]) AS held (role, department)
               WHERE held.role = ANY(st.roles)
               AND (held.department IS NULL OR pc.department_id IS NULL OR held.department = pc.department_id)))
          AND NOT EXISTS (SELECT 1 FROM content_reviewdecision said
               WHERE said.step_id = st.id AND said.by_id = %(member)s AND said.kind <> 'comment')""",
)


def reviews_for(member: Member) -> str:
    """What the navigation shows beside reviews."""
    return said_shortly(attention(member).besides.get("reviews", 0))
