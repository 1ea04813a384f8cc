"""Where the demo organization stands: what its coach attests, and how it was judged in the last weeks."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from maturity.actions.assessments import assess
from maturity.actions.attestations import attest
from maturity.actions.budget import note_effort, set_budget
from measurement.tasks import refresh_rollups
from roles.models import Department, Member, Organization

# Practice, how the coach knows it, days ago, for how many days it counts.
SAID = (
    ("venues-known", "Went through the map with Tomasz; we follow the forum and the two repair groups.", 12, 90),
    ("communities-known", "Noah keeps a page for each community: what is welcome, and whom to ask.", 5, 60),
)
# Hours a week of a department, by activity; the two departments together.
HOURS = (
    ("care", {"monitoring": 7, "responding": 8, "measuring": 2}),
    ("communications", {"monitoring": 6, "responding": 3, "measuring": 2}),
)
# Title, hours a week, what becomes of it, how.
TODAY = (
    ("Answering the shop's mailbox twice a day", 6, "replaced", "Half of what came by mail is asked in public now."),
    ("The printed newsletter", 4, "reused", "Its stories are told online first."),
    ("The stand at the spring fair", 3, "kept", ""),
)
JUDGED = (11, 7, 3, 0)


def plan(organization: Organization, *, coach: Member, at: datetime) -> None:
    """Plan the hours of both departments, and note what is done today."""
    for slug, hours in HOURS:
        where = Department.objects.get(slug=slug)
        set_budget(where, line="engagement", hours={key: Decimal(n) for key, n in hours.items()}, by=coach, at=at)
    for title, count, fate, note in TODAY:
        note_effort(organization, title=title, hours=Decimal(count), fate=fate, note=note, by=coach, at=at)


def stand(organization: Organization, *, coach: Member, at: datetime, weeks: int = 0) -> None:
    """Attest what no figure shows, and keep an assessment every few days."""
    refresh_rollups()
    told = sorted((days, practice, note, counts) for practice, note, days, counts in SAID)
    for judged in (*range(7 * weeks, JUDGED[0], -7), *JUDGED):
        while told and told[-1][0] >= judged:
            days, practice, note, counts = told.pop()
            moment = at - timedelta(days=days)
            until = (moment + timedelta(days=counts)).date()
            attest(organization, practice=practice, note=note, lapses_on=until, by=coach, at=moment)
        assess(organization, by=coach if judged == JUDGED[-1] else None, at=at - timedelta(days=judged))
