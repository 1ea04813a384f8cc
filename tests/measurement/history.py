"""Random histories of mentions and assignments, and the figures counted from them row by row, in plain Python."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from engagement.models import Assignment
from listening.models import Author, Mention, MentionMatch, Post, TrackingQuery
from measurement.histogram import GROWTH
from roles.models import Department

_numbers = count(1)
FIRST = datetime(2026, 3, 26, 9, 10, tzinfo=UTC)  # a change of clocks lies within the following days in Europe


def live_through(
    departments: list[Department],
    queries: list[TrackingQuery],
    *,
    seed: int,
    mentions: int = 60,
    days: int = 6,
    at_once: bool = True,
) -> None:
    """Let mentions come and fates befall them: handed off, reopened, resolved unanswered, answered twice or never.

    Written at once, each row is there in its last state; else each step of its fate is written, as a house does it.
    """
    chance = random.Random(seed)
    heard: list[Mention] = []
    matches: list[MentionMatch] = []
    assignments: list[Assignment] = []
    for number in range(mentions):
        captured_at = FIRST + timedelta(seconds=chance.randrange(days * 86_400))
        network = chance.choice(["practice", "feed"])
        mention = Mention(
            post=_post(f"{seed}-{number}", network, captured_at), network=network, captured_at=captured_at
        )
        heard.append(mention)
        if not at_once:
            for row in (mention.post.author, mention.post, mention):
                row.save()  # type: ignore[union-attr]
        matched = chance.sample(queries, chance.randrange(len(queries) + 1))
        matches += [MentionMatch(mention=mention, query=query) for query in matched]
        for _time in range(chance.choice([0, 1, 1, 1, 2])):
            befall(assignments, mention, chance, departments, write=not at_once)
    if not at_once:
        MentionMatch.objects.bulk_create(matches)
        return
    Author.objects.bulk_create(mention.post.author for mention in heard if mention.post.author)
    Post.objects.bulk_create(mention.post for mention in heard)
    for kind, rows in ((Mention, heard), (MentionMatch, matches), (Assignment, assignments)):
        kind.objects.bulk_create(rows)  # type: ignore[attr-defined]


def _post(name: str, network: str, at: datetime) -> Post:
    number = next(_numbers)
    author = Author(network="practice", remote_id=f"lived{name}-{number}", handle=f"lived{name}")
    return Post(
        network=network, remote_id=f"lived{name}-{number}", text="Is Acme down?", author=author, captured_at=at,
        published_at=at - timedelta(minutes=1), content_digest=f"lived{number:059d}",
    )  # fmt: skip


def befall(
    lived: list[Assignment], mention: Mention, chance: random.Random, departments: list[Department], *, write: bool
) -> None:
    """Make one assignment of a mention, with a fate; all but the last of a mention are resolved."""
    for earlier in lived:
        if earlier.mention is mention and earlier.state != "resolved":
            earlier.state, earlier.resolved_at, earlier.outcome = "resolved", mention.captured_at, "passed_on"
            if write:
                earlier.save()
    made_at = mention.captured_at + timedelta(seconds=chance.choice([0, 2, 5000]))
    due_at = made_at + timedelta(hours=4)
    assignment = Assignment(
        department=chance.choice(departments), mention=mention, network=mention.network, created_at=made_at,
        due_at=due_at, first_due_at=due_at,
    )  # fmt: skip
    if write:
        assignment.save()
    fate = chance.choice(["open", "answered", "answered twice", "reopened", "unanswered", "handed off"])
    if fate in {"answered", "answered twice", "reopened"}:
        answer(assignment, made_at + timedelta(seconds=chance.choice([0, 30, 600, 14_400, 90_000])))
        if write:
            assignment.save()
    if fate == "answered twice" and write:
        answer(assignment, assignment.created_at + timedelta(days=3))
    if fate == "reopened":
        assignment.state, assignment.resolved_at, assignment.reopened_count = "open", None, 1
    if fate == "unanswered":
        assignment.state, assignment.resolved_at, assignment.outcome = "resolved", made_at, "no_answer_needed"
    if fate == "handed off":
        assignment.department = chance.choice(departments)
    if write:
        assignment.save()
    lived.append(assignment)


def answer(assignment: Assignment, at: datetime) -> None:
    """Answer and resolve; a second answer leaves the first where it is."""
    assignment.first_answered_at = assignment.first_answered_at or at
    # Any time will do: here it is counted, and not reckoned.
    assignment.answered_in_seconds = round((at - assignment.created_at).total_seconds() / 3)
    assignment.state, assignment.resolved_at, assignment.outcome = "resolved", at, "answered"


def mentions_by_day(zone: ZoneInfo) -> Counter[tuple[date, str, int]]:
    """Count mentions row by row: (day, network, query or 0)."""
    counted: Counter[tuple[date, str, int]] = Counter()
    for mention in Mention.objects.prefetch_related("matches"):
        day = mention.captured_at.astimezone(zone).date()
        counted[day, mention.network, 0] += 1
        for match in mention.matches.all():
            counted[day, mention.network, match.query_id] += 1
    return counted


def responses_by_day(zone: ZoneInfo) -> dict[tuple[date, str], dict[str, Any]]:
    """Count assignments row by row: by day and network."""
    counted: dict[tuple[date, str], dict[str, Any]] = {}
    for assignment in Assignment.objects.select_related("mention"):
        key = assignment.created_at.astimezone(zone).date(), assignment.mention.network
        counts = counted.setdefault(
            key,
            {
                "assigned": 0,
                "answered": 0,
                "in_time": 0,
                "resolved": 0,
                "first_response": Counter(),
                "business_response": Counter(),
            },
        )
        counts["assigned"] += 1
        counts["resolved"] += assignment.state == "resolved"
        if assignment.first_answered_at:
            counts["answered"] += 1
            counts["in_time"] += assignment.first_answered_at <= assignment.first_due_at
            if (took := assignment.answered_in_seconds) is not None:
                counts["business_response"][bucket_of(timedelta(seconds=took))] += 1
            counts["first_response"][bucket_of(assignment.first_answered_at - assignment.mention.captured_at)] += 1
    return counted


def bucket_of(wait: timedelta) -> int:
    """Find the bucket by walking up the edges."""
    bucket = 0
    while GROWTH ** (bucket + 1) <= wait.total_seconds():
        bucket += 1
    return bucket
