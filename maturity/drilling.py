"""What became of the lines of drills, and what that comes to: read from the rows that the real work left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from engagement.models import Assignment, Reply
from listening.models import Mention
from maturity.models import Drill, DrillLine
from roles.clock import seconds_between
from roles.levels import ASSIGNMENTS, closed_among, is_open
from roles.models import Department, Member
from roles.permissions import Decision, closed

# A person has passed from this share of their answers on, where they gave so many, or all there were.
PASSED_FROM, FEWEST_ANSWERS = 0.8, 3


@dataclass(frozen=True)
class Fate:
    """One line: whether it was found and routed, and by what it was answered."""

    line: DrillLine
    minutes: int
    mention_id: int | None
    assignment: Assignment | None
    replies: Sequence[Reply]

    @property
    def is_found(self) -> bool:
        """Whether it became a mention."""
        return self.mention_id is not None

    @property
    def is_routed(self) -> bool:
        """Whether somebody or a department got it."""
        return self.assignment is not None

    @property
    def answer(self) -> Reply | None:
        """The first answer that arrived."""
        return self.replies[0] if self.replies else None

    @property
    def answered_after(self) -> float | None:
        """How many seconds it waited for its first answer."""
        answer = self.answer
        if answer is None or answer.accepted_at is None or self.line.said_at is None:
            return None
        return seconds_between(self.line.said_at, answer.accepted_at)

    @property
    def is_in_time(self) -> bool:
        """Whether it was answered as soon as the drill asks."""
        after = self.answered_after
        return after is not None and after <= 60 * self.minutes

    @property
    def is_twice(self) -> bool:
        """Whether more than one answer went out."""
        return len(self.replies) > 1

    @property
    def waits_for_judgement(self) -> bool:
        """Whether nobody has said of its answer that it is as the guidelines say."""
        return bool(self.replies) and self.line.is_kept is None

    @property
    def is_good(self) -> bool:
        """Whether it was answered in time, once, and as the guidelines say."""
        return self.is_in_time and not self.is_twice and bool(self.line.is_kept)


@dataclass(frozen=True)
class Score:
    """What some questions come to, and the lines that should have been left alone."""

    questions: Sequence[Fate]
    passing: Sequence[Fate]

    def _count(self, name: str) -> int:
        return sum(bool(getattr(fate, name)) for fate in self.questions)

    @property
    def asked(self) -> int:
        """How many questions there were."""
        return len(self.questions)

    @property
    def found(self) -> int:
        """How many of them were heard."""
        return self._count("is_found")

    @property
    def routed(self) -> int:
        """How many came to somebody."""
        return self._count("is_routed")

    @property
    def answered(self) -> int:
        """How many were answered."""
        return self._count("answer")

    @property
    def in_time(self) -> int:
        """How many were answered in time."""
        return self._count("is_in_time")

    @property
    def twice(self) -> int:
        """How many were answered more than once."""
        return self._count("is_twice")

    @property
    def kept(self) -> int:
        """How many answers are as the guidelines say."""
        return sum(fate.line.is_kept is True for fate in self.questions if fate.replies)

    @property
    def unjudged(self) -> int:
        """Of how many answers nobody has said that yet."""
        return self._count("waits_for_judgement")

    @property
    def needless(self) -> int:
        """How many lines were answered that only passed by."""
        return sum(bool(fate.replies) for fate in self.passing)

    @property
    def good(self) -> int:
        """How many were answered in time, once, and as the guidelines say."""
        return self._count("is_good")

    @property
    def share(self) -> float | None:
        """These of all, from 0 to 1; None where nothing was asked."""
        return self.good / self.asked if self.asked else None

    @property
    def is_passed(self) -> bool:
        """Whether that is enough."""
        return self.share is not None and self.share >= PASSED_FROM


def fates(drills: Iterable[Drill]) -> dict[int, list[Fate]]:
    """What became of each line that was said, by the drill's key; as many statements for one drill as for many."""
    rows = {row.pk: row for row in drills}
    said_lines = DrillLine.objects.filter(drill__in=list(rows)).exclude(said_at=None).select_related("post")
    lines = list(said_lines.order_by("drill", "number"))
    ids = [str(line.post_id) for line in lines if line.post_id]
    said = Mention.objects.filter(post__network="practice", post__remote_id__in=ids)
    mentions = dict(said.values_list("post__remote_id", "pk"))
    assignments = {
        row.mention_id: row
        for row in Assignment.objects.filter(mention__in=mentions.values())
        .select_related("member__user", "department").order_by("pk")
    }  # fmt: skip
    replies: defaultdict[int, list[Reply]] = defaultdict(list)
    # What a program says is no answer here either.
    sent = Reply.objects.filter(
        assignment__mention__in=mentions.values(), state=Reply.State.ACCEPTED, is_automatic=False
    )
    for reply in sent.select_related("by__user", "assignment").order_by("accepted_at", "pk"):
        replies[reply.assignment.mention_id].append(reply)
    found: dict[int, list[Fate]] = {key: [] for key in rows}
    for line in lines:
        drill, key = rows[line.drill_id], mentions.get(str(line.post_id))
        given = [reply for reply in replies.get(key or 0, []) if _counts(reply, drill)]
        found[drill.pk].append(Fate(line, drill.minutes, key, assignments.get(key or 0), given))
    return found


def _counts(reply: Reply, drill: Drill) -> bool:
    """Whether it was there before the drill was over."""
    return drill.ended_at is None or (reply.accepted_at is not None and reply.accepted_at <= drill.ended_at)


def score_of(lines: Iterable[Fate]) -> Score:
    """What lines come to."""
    rows = list(lines)
    return Score(
        [fate for fate in rows if fate.line.wants_answer], [fate for fate in rows if not fate.line.wants_answer]
    )


def by_person(lines: Iterable[Fate]) -> list[tuple[Member, Score]]:
    """What each who answered comes to, counted over what they answered first, by name."""
    theirs: defaultdict[int, list[Fate]] = defaultdict(list)
    people: dict[int, Member] = {}
    for fate in lines:
        if fate.answer is not None:
            theirs[fate.answer.by_id].append(fate)
            people[fate.answer.by_id] = fate.answer.by
    return [(people[key], score_of(theirs[key])) for key in sorted(theirs, key=lambda key: str(people[key]).lower())]


def has_enough(score: Score, *, asked: int) -> bool:
    """Whether somebody answered enough questions to be judged by them."""
    return score.asked >= min(FEWEST_ANSWERS, asked)


def ended_before(at: datetime) -> list[Drill]:
    """The drills of the last quarter of a year that are over, the newest first: those by which a step is confirmed."""
    return list(Drill.objects.over().filter(ended_at__gte=at - timedelta(days=92))[:20])


def comes_to_nobody() -> Decision | None:
    """Why nobody would be given what a drill asks, where no level has opened that anywhere; None where one has."""
    if is_open(ASSIGNMENTS, None):
        return None
    departments = list(Department.objects.select_related("organization"))
    if len(closed_among(ASSIGNMENTS, departments)) < len(departments):
        return None
    return closed(ASSIGNMENTS, None)
