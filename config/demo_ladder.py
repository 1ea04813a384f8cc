"""Where the demo organization stands: what its coach attests, and how it was judged in the last weeks."""

from __future__ import annotations

from datetime import datetime, timedelta

from maturity.actions.assessments import assess
from maturity.actions.attestations import attest
from roles.models import Member, Organization

# Practice, how the coach knows it, days ago, for how many days it counts.
SAID = (
    ("venues-known", "Went through the map with Tomasz; we follow the forum and the two repair groups.", 12, 90),
    ("guidelines-read", "Leila and Noah read them in their first week, and we talked about the hard cases.", 9, 120),
    ("communities-known", "Noah keeps a page for each community: what is welcome, and whom to ask.", 5, 60),
)
JUDGED = (11, 7, 3, 0)


def stand(organization: Organization, *, coach: Member, at: datetime) -> None:
    """Attest what no figure shows, and keep an assessment every few days."""
    told = sorted((days, practice, note, counts) for practice, note, days, counts in SAID)
    for judged in JUDGED:
        while told and told[-1][0] >= judged:
            days, practice, note, counts = told.pop()
            moment = at - timedelta(days=days)
            until = (moment + timedelta(days=counts)).date()
            attest(organization, practice=practice, note=note, lapses_on=until, by=coach, at=moment)
        assess(organization, by=coach if judged == JUDGED[-1] else None, at=at - timedelta(days=judged))
