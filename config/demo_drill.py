"""A drill that the demo organization has behind it, and one that is ready to be started."""

from __future__ import annotations

from datetime import datetime, timedelta

from listening.models import PracticePost
from maturity.actions.drills import judge_answer, write_drill
from maturity.drill_forms import begun
from maturity.models import Drill, DrillLine
from roles.models import Member, Organization

ASKED = (
    "interview about repairs", "brake lever. Two weeks", "battery really made here", "tyres for snow",
    "does it move along", "book a service online",
)  # fmt: skip
WITHIN = 60
# What the coach thought of one of the answers.
BROKEN = 2


def practise(organization: Organization, *, coach: Member, at: datetime) -> None:
    """Look back at a drill of questions that were said on the field, and have another ready."""
    posts = [PracticePost.objects.filter(text__contains=words).order_by("pk").first() for words in ASKED]
    said = [post for post in posts if post is not None]
    started = min(post.published_at for post in said)
    row = write_drill(
        organization, title="Six questions before the season", questions=[post.text for post in said],
        seconds_between=Drill.Pace.FIVE, minutes=WITHIN, by=coach, at=started - timedelta(hours=1),
    )  # fmt: skip
    lines = list(row.lines.all())
    for line, post in zip(lines, said, strict=True):
        line.post, line.said_at = post, post.published_at
    DrillLine.objects.bulk_update(lines, ["post", "said_at"])
    row.state, row.started_at, row.started_by, row.ended_at = Drill.State.OVER, started, coach, at - timedelta(days=1)
    row.save()
    for number, line in enumerate(lines):
        judge_answer(row, line=line, is_kept=number != BROKEN, by=coach, at=at - timedelta(hours=20))
    lines_of = begun()
    write_drill(
        organization, title=lines_of["title"], questions=lines_of["questions"].splitlines(),
        passing=lines_of["passing"].splitlines(), by=coach, at=at - timedelta(hours=19),
    )  # fmt: skip
