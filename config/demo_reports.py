"""What the demo organization's gatherer found out, what its booth was told of it, and where its community talks."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from listening.actions.briefs import make_brief, plan_briefs
from listening.actions.insights import file_insight
from listening.actions.venues import draw_wanted
from listening.models import Mention
from roles.models import Department, Member, Organization


def report(
    organization: Organization, *, gatherer: Member, coach: Member, department: Department, at: datetime
) -> None:
    """Plan briefs, file two insights, make the first brief and draw the first map."""
    plan_briefs(organization, department=department, weekdays=[0, 3], at_time=time(8), by=coach, at=at)
    plan = plan_briefs(organization, department=None, weekdays=[0], at_time=time(7, 30), by=coach, at=at)
    faults = Mention.objects.filter(post__text__contains="Error E").order_by("pk")
    file_insight(
        organization,
        title="Error codes after washing: people do not know that the plugs want to be dry",
        text="Two riders wrote about E07 and E14, one of them after cleaning. "
        "A line in the manual's chapter on washing would help.",
        department=department,
        mentions=list(faults),
        by=gatherer,
        at=at - timedelta(hours=20),
    )
    file_insight(
        organization,
        title="Repairs are what people praise",
        text="The repair café and the parts by express are mentioned more warmly than any feature.",
        mentions=list(Mention.objects.filter(post__text__contains="repair").order_by("pk")[:3]),
        by=gatherer,
        at=at - timedelta(days=2),
    )
    make_brief(plan, by=None, at=at)
    draw_wanted(at=at)
