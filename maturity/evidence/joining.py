"""Evidence of leading conversations, and of having something to say."""

from __future__ import annotations

from collections import defaultdict

from django.db.models import Count, Q

from content.models import Idea
from engagement.models import Assignment, Joining, Starter
from engagement.models.joinings import ASKED_FOR, GIVEN
from maturity.evidence.asked import Asked, Figures

QUARTER = 90


def conversations_joined(asked: Asked) -> Figures:
    """Conversations of others that we joined in the last four weeks, by the department whose people did."""
    rows = Joining.objects.filter(joined_at__gte=asked.window.start, joined_at__lte=asked.at)
    rows = rows.filter(asked.answered("assignment__mention__network"))
    counts = dict(rows.order_by().values_list("assignment__department").annotate(Count("pk")))
    return _by_department(asked, counts)


def giving_share(asked: Asked) -> Figures:
    """Share of the joined conversations of the last 90 days that gave something, of those that gave or asked."""
    rows = Joining.objects.filter(joined_at__gte=asked.since(QUARTER), joined_at__lte=asked.at)
    rows = rows.filter(asked.answered("assignment__mention__network"), step__in=(*GIVEN, *ASKED_FOR)).order_by()
    counts = list(
        rows.values_list("assignment__department").annotate(
            every=Count("pk"), given=Count("pk", filter=Q(step__in=GIVEN))
        )
    )
    found: dict[int | None, float | None] = {}
    for key, read in asked.with_below({key: (every, given) for key, every, given in counts}).items():
        every = sum(row[0] for row in read)
        if every or key is None:
            found[key] = sum(row[1] for row in read) / every if every else None
    return found


def conversations_started(asked: Asked) -> Figures:
    """Conversations that we started in the last 90 days."""
    rows = Starter.objects.filter(state=Starter.State.STARTED, ended_at__gte=asked.since(QUARTER))
    return {None: rows.filter(ended_at__lte=asked.at).count()}


def people_answering(asked: Asked) -> Figures:
    """Different people who answered something that came in the last four weeks, by department."""
    rows = Assignment.objects.filter(
        asked.answered("mention__network"),
        created_at__gte=asked.window.start,
        created_at__lt=asked.window.end,
        first_answered_at__lte=asked.at,
        member__isnull=False,
    )
    people: defaultdict[int, set[int]] = defaultdict(set)
    for department, member in rows.order_by().values_list("department", "member").distinct():
        people[department].add(member)
    return {key: len(set[int]().union(*read)) for key, read in asked.with_below(people).items()}


def ideas_noted(asked: Asked) -> Figures:
    """Ideas for content that were noted in the last four weeks and not dropped."""
    rows = Idea.objects.filter(noted_at__gte=asked.window.start, noted_at__lte=asked.at, state=Idea.State.OPEN)
    return {None: rows.count()}


def _by_department(asked: Asked, counts: dict[int, int]) -> Figures:
    return {key: sum(read) for key, read in asked.with_below(counts).items()}
