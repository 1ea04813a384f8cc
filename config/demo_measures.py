"""What the demo organization measures itself by: what happened when, whom it is compared with, what an hour costs."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from listening.models import TrackingQuery
from measurement.actions.annotations import annotate
from measurement.actions.reports import compose_report
from measurement.actions.returns import add_kpi, state_assumption
from measurement.actions.voices import compare_voices
from roles.models import Department, Member, Organization, Role

# Title, days ago, for how many days, note.
HAPPENED = (
    ("Spring tour: four towns, test rides for everybody", 9, 2, "More questions than ever about the long frame."),
    ("The app could not be reached for an afternoon", 5, 1, "From two until six; the light still worked."),
    ("New manual for the E-codes is online", 2, 1, ""),
)
# Name, kind, metric, target in its unit.
MATTERS = (
    ("Answers when we said", "engagement", "targets_met", 0.9),
    ("Nobody waits for half a day", "engagement", "first_response_p90", 12 * 3600.0),
    ("They speak well of us", "awareness", "net_sentiment", 0.2),
    ("An answer that costs less than a call", "savings", "cost_per_answer", 9.0),
)
STATED: tuple[dict[str, Any], ...] = (
    {"about": "hour", "amount": 38, "source": "Payroll, with desk and machine; looked at once a year."},
    {"about": "each", "metric": "answers", "kind": "savings", "amount": 11,
     "source": "A call costs us 14, and every fifth answer is followed by one all the same."},
    {"about": "sum", "kind": "revenue", "amount": 640, "days": 14,
     "source": "Two orders with the code that we gave out on the tour."},
)  # fmt: skip

# What is read together every Monday.
REPORTED: tuple[dict[str, str], ...] = (
    {"kind": "sentences"},
    {"kind": "figures"},
    {"kind": "text", "text": "**What we look at first:** who waited too long, and what the tour brought."},
    {"kind": "mentions"},
    {"kind": "first-response"},
    {"kind": "topic", "metric": "captured"},
    {"kind": "department", "metric": "targets_met"},
    {"kind": "hour", "metric": "captured"},
    {"kind": "kpis"},
    {"kind": "return"},
)


def measure(organization: Organization, *, coach: Member, at: datetime) -> None:
    """Note what happened, choose whom we compare ourselves with, say what matters and what a return rests on."""
    acting: dict[str, Any] = {"by": coach, "at": at}
    today = at.date()
    for title, ago, days, note in HAPPENED:
        first = today - timedelta(days=ago)
        annotate(
            organization, title=title, note=note, first_day=first, last_day=first + timedelta(days=days - 1), **acting
        )
    queries = {query.name: query for query in TrackingQuery.objects.all()}
    compare_voices(organization, ours=[queries["Larkspur"]], theirs=[queries["Cargo bikes"]], **acting)
    for name, kind, metric, target in MATTERS:
        add_kpi(organization, name=name, kind=kind, metric=metric, target=target, owner=coach, **acting)
    care = Department.objects.get(slug="care")
    add_kpi(care, name="What lies about", kind="engagement", metric="backlog", target=10.0, owner=coach, **acting)
    for said in STATED:
        fields = dict(said)
        days = fields.pop("days", None)
        first = today - timedelta(days=days or 180)
        state_assumption(
            organization, currency="EUR", first_day=first, last_day=today if days else None,
            **{**fields, "amount": Decimal(fields["amount"])}, **acting,
        )  # fmt: skip
    compose_report(
        organization, name="For the Monday meeting", period="week", side="practice", blocks=REPORTED,
        weekdays=[0], at_time=time(8),
        readers=list(Member.objects.with_role(Role.EXECUTIVE)), **acting,
    )  # fmt: skip
    # Of one department, and of its hours: when do people wait longest there?
    compose_report(
        organization, name="How care answers", period="days30", side="practice", only={"department": care},
        blocks=[{"kind": "sentences"}, {"kind": "figures"}, {"kind": "first-response"},
                {"kind": "hour", "metric": "first_response_median"}],
        **acting,
    )  # fmt: skip
