"""The time that experts have given in the last four weeks, counted from what they did, and what is left of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from content.models import Idea, ReviewDecision
from content.writers import knows_first_hand
from engagement.joining import knowing
from engagement.models import ApprovalDecision, Assignment, ConsultRequest
from engagement.suggesting import suggestion
from maturity.models import Expert, ExpertTopic
from roles.wording import number, span

WINDOW = timedelta(days=28)
# What each is taken to have cost, in minutes; the page says so.
ANSWER, DECISION, IDEA = 15, 5, 10
MOST_SUGGESTED = 5


@dataclass(frozen=True)
class Given:
    """What somebody did in four weeks beside their own work, and the hours that they may give in that time."""

    answers: int = 0
    decisions: int = 0
    ideas: int = 0
    may_give: float = 0

    @property
    def minutes(self) -> int:
        """The minutes that this is taken to have cost."""
        return ANSWER * self.answers + DECISION * self.decisions + IDEA * self.ideas

    @property
    def left(self) -> float:
        """Hours that they may still give."""
        return max(0.0, self.may_give - self.minutes / 60)

    @property
    def said(self) -> str:
        """Both in words."""
        given = span(60 * self.minutes) if self.minutes else _("nothing")
        if not self.may_give:
            return _("gave %(given)s in four weeks") % {"given": given}
        return _("gave %(given)s of %(hours)s h in four weeks") % {"given": given, "hours": number(self.may_give)}


def given_by(experts: Iterable[Expert], *, at: datetime) -> dict[int, Given]:
    """What each has given, by the key of the member; four statements, however many there are."""
    rows = list(experts)
    keys = [row.member_id for row in rows]
    since = at - WINDOW
    asked = ConsultRequest.objects.filter(member__in=keys, answered_at__gte=since, answered_at__lte=at)
    answers = _counted(asked, "member")
    decided = ApprovalDecision.objects.filter(by__in=keys, at__gte=since, at__lte=at)
    reviewed = ReviewDecision.objects.filter(by__in=keys, at__gte=since, at__lte=at)
    decisions = Counter(_counted(decided, "by")) + Counter(_counted(reviewed, "by"))
    ideas = _counted(Idea.objects.filter(noted_by__in=keys, noted_at__gte=since, noted_at__lte=at), "noted_by")
    return {
        row.member_id: Given(
            answers.get(row.member_id, 0),
            decisions.get(row.member_id, 0),
            ideas.get(row.member_id, 0),
            float(row.hours),
        )
        for row in rows
    }


def _counted(rows: QuerySet[Any], who: str) -> dict[int, int]:
    return dict(rows.order_by().values_list(who).annotate(Count("pk")))


@suggestion
def who_knows(assignment: Assignment, at: datetime) -> dict[int, str]:
    """Those who know the topic of an assignment first-hand; who has most time left stands first."""
    topic = assignment.mention.topic_id
    if topic is None:
        return {}
    rows = list(Expert.objects.standing().on(topic))
    given = given_by(rows, at=at)
    rows.sort(key=lambda row: (-given[row.member_id].left, row.pk))
    return {row.member_id: f"{row.knows}; {given[row.member_id].said}" for row in rows[:MOST_SUGGESTED]}


@knowing
def known_first_hand() -> list[tuple[str, str]]:
    """The topics of experts, for conversations of others: who is named first of several has said so first."""
    rows = ExpertTopic.objects.filter(expert__in=Expert.objects.standing(), topic__is_active=True)
    rows = rows.select_related("topic", "expert__member__user").order_by("expert__noted_at", "expert_id", "pk")
    return [(str(row.topic), str(row.expert)) for row in rows]


@knows_first_hand
def writing_well() -> dict[int, str]:
    """Those who are noted as writing well, and what they know first-hand."""
    return dict(Expert.objects.standing().filter(writes_well=True).values_list("member", "knows"))
