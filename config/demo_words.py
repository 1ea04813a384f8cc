"""What the demo organization has agreed on in words: guidelines that were read, a strategy, goals."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from engagement.models import Assignment
from listening.models import Mention, Topic
from maturity.actions.duties import note_duty
from maturity.actions.experts import name_expert
from maturity.actions.gaps import close_gap, report_gap
from maturity.actions.huddle import note_in_huddle
from maturity.actions.presences import note_presence
from maturity.actions.reading import acknowledge_guidelines
from maturity.actions.strategy import add_goal, keep_figures, set_canvas
from maturity.models import GuidelineVersion
from roles.models import Department, Member, Organization

WHOLE: dict[str, Any] = {
    "who": "People who ride with children and loads, and those who think about it. Leila and Noah speak for us;"
    " the workshop is asked.",
    "how": "As neighbours: we help first, also with other makers' bikes, and say what we do not know.",
    "when": "Weekdays from eight to six; on Saturdays during the spring tour.",
    "where": "Where cargo bikes are talked about already: the forum, two repair groups, the city's cycling list.",
}
CARE: dict[str, Any] = {
    "who": "Owners of our bikes, and whoever is about to become one.",
    "how": "In the first answer what helps; the home visit before the long thread.",
    "when": "Every working hour; what comes at night is answered before ten.",
    "where": "Wherever we are named.",
}
# Kind, text, days ago, words of the mention that it came from.
HUDDLE = (
    ("challenge", "On Mondays the first three hours have more questions than both of us can answer.", 8, ""),
    (
        "practice",
        "A drawing of the part answers quicker than three sentences about it. Noah has a folder of them.",
        5,
        "",
    ),
    (
        "success",
        "The repair café named us without being asked; they had our truing stand on the table.",
        3,
        "Repair café",
    ),
    ("decision", "We do not answer price comparisons. Whoever asks gets the link to the list, and a thank you.", 2, ""),
)
# Kind, name, address, network, what for, and whether the responder looks after it.
PLACES = (
    ("owned", "Larkspur on the practice field", "", "practice", "Where we answer.", True),
    ("owned", "The newsletter", "https://larkspur.example/letter", "", "Once a month, for owners.", False),
    (
        "needed",
        "The cargo bike forum",
        "https://forum.example",
        "",
        "Half of the repair questions are asked there.",
        False,
    ),
    (
        "employee",
        "Noah's workshop diary",
        "https://noah.example",
        "",
        "He shows what he mends, under his own name.",
        True,
    ),
)
# What they know, topic, writes well, is an ambassador, hours a month.
KNOWS = {
    "booth": ("Twelve years in the workshop, brakes and drives above all", "Repairs and parts", True, False, 3),
    "rider": ("Rides with two children every day, in any weather", "", True, True, 4),
}
# Words of the mention, what was missing, and whether a guideline has the answer by now.
UNCOVERED = (
    ("chain lube", "May we recommend what another maker sells?", False),
    ("Repair café fixed", "Do we answer where somebody only praises others?", True),
)


def agree(organization: Organization, *, coach: Member, gatherer: Member, responder: Member, at: datetime) -> None:
    """Let people say yes, one of them before the last change, another not at all; and report two gaps."""
    versions = list(GuidelineVersion.objects.select_related("section"))
    first = [version for version in versions if version.number == 1]
    acknowledge_guidelines(organization, versions=first, by=responder, at=at - timedelta(days=5))
    for member in (coach, gatherer):
        acknowledge_guidelines(organization, versions=versions, by=member, at=at - timedelta(days=1, hours=3))
    newest = next(version for version in versions if version.number > 1)
    for words, note, is_answered in UNCOVERED:
        about = Assignment.objects.filter(mention__post__text__contains=words).select_related("mention").first()
        if about is not None:
            gap = report_gap(about, note=note, by=responder, at=at - timedelta(hours=3))
            if is_answered:
                close_gap(gap, version=newest, by=coach, at=at - timedelta(hours=1))


def aim(organization: Organization, *, coach: Member, responder: Member, at: datetime, weeks: int) -> None:
    """Write the strategy of the whole and of a department, set goals under one another, and follow them for weeks."""
    begun = at - timedelta(days=max(9, 7 * weeks - 5))
    acting: dict[str, Any] = {"by": coach, "at": begun}
    care, day = Department.objects.get(slug="care"), at.date()
    set_canvas(organization, review_on=day + timedelta(days=80), **WHOLE, **acting)
    set_canvas(care, **CARE, **acting)
    word = add_goal(
        organization, title="Whoever asks hears from us when we said they would", metric="targets_met", target=0.9,
        owner=coach, reach_by=day + timedelta(days=75), review_on=day + timedelta(days=20), **acting,
    )  # fmt: skip
    add_goal(
        care, title="Half of all questions are answered within twenty minutes", metric="first_response_median",
        target=1200.0,
        owner=responder, under=word, reach_by=day + timedelta(days=45), **acting,
    )  # fmt: skip
    add_goal(
        organization, title="Nothing lies about for long", metric="overdue", target=3.0, owner=coach,
        reach_by=day + timedelta(days=30), **acting,
    )  # fmt: skip
    while (begun := begun + timedelta(days=7)) < at:
        keep_figures(at=begun)


def huddle(organization: Organization, *, coach: Member, at: datetime) -> None:
    """Tell the other coaches what there was in the last days."""
    for kind, text, days, words in HUDDLE:
        mention = Mention.objects.filter(post__text__contains=words).order_by("-pk").first() if words else None
        moment = at - timedelta(days=days)
        note_in_huddle(organization, kind=kind, text=text, mention=mention, by=coach, at=moment)


def be_somewhere(organization: Organization, *, coach: Member, responder: Member, at: datetime) -> None:
    """Note where we are, where we should be, and where one of us speaks."""
    for kind, name, address, network, note, is_theirs in PLACES:
        note_presence(
            organization, kind=kind, name=name, address=address, network=network, note=note,
            member=responder if is_theirs else coach, by=coach, at=at - timedelta(days=10),
        )  # fmt: skip


def know(*, coach: Member, booth: Member, rider: Member, at: datetime) -> None:
    """Say who knows what first-hand, and note a duty that was done elsewhere."""
    for key, member in (("booth", booth), ("rider", rider)):
        knows, topic, writes_well, is_ambassador, hours = KNOWS[key]
        name_expert(
            member, knows=knows, topics=Topic.objects.filter(name=topic), writes_well=writes_well,
            is_ambassador=is_ambassador, hours=Decimal(hours), by=coach, at=at - timedelta(days=7),
        )  # fmt: skip
    note_duty(
        coach.organization, duty="learning", note="Spent a day with the communications people of the city.", by=coach,
        at=at - timedelta(days=4),
    )  # fmt: skip
