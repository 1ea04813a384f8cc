"""What there is to learn: which kinds of judgement people said enough new things about, and what they said.

A lesson is one kind of judgement (sentiment: in one language). It is due when enough was said since it was learned from
last, or when something was and a day has passed; the newest examples count, up to a bound.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q

from listening.appraising import Subject, author_of, words_of
from listening.models import Correction, LearnedModel, Mention, Topic

Kind = LearnedModel.Kind
MOST_EXAMPLES = 5_000
NEW_AT_LEAST = 20
NEW_SHARE = 0.1
WAIT_AT_MOST = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Lesson:
    """One kind of judgement (in one language), and how much was said about it since it was learned last."""

    kind: str
    language: str
    fresh: int
    latest: LearnedModel | None

    def is_due(self, at: datetime) -> bool:
        """Whether it is worth learning again."""
        if self.latest is None:
            return self.fresh >= NEW_AT_LEAST
        if self.fresh >= max(NEW_AT_LEAST, NEW_SHARE * self.latest.examples):
            return True
        return self.fresh > 0 and self.latest.begun_at <= at - WAIT_AT_MOST

    def wants(self) -> int:
        """How many more examples make it due at once."""
        needed = NEW_AT_LEAST if self.latest is None else max(NEW_AT_LEAST, int(NEW_SHARE * self.latest.examples))
        return max(0, needed - self.fresh)


def next_lesson(at: datetime) -> Lesson | None:
    """The lesson that has most to learn, if any is due."""
    due = [lesson for lesson in lessons() if lesson.is_due(at)]
    return max(due, key=lambda lesson: (lesson.fresh, lesson.kind, lesson.language), default=None)


def lessons() -> Iterator[Lesson]:
    """Everything that people said something about, or that was learned once."""
    latest = latest_trained()
    yield from _sentiments({language: row for (kind, language), row in latest.items() if kind == Kind.SENTIMENT})
    for kind in (Kind.TOPIC, Kind.RELEVANCE):
        yield _lesson(kind, latest.get((kind, "")))


def latest_trained() -> dict[tuple[str, str], LearnedModel]:
    """The one of each lesson that was trained last, whatever became of it."""
    rows = LearnedModel.objects.without_content().exclude(state=LearnedModel.State.CANDIDATE).order_by("version")
    return {(row.kind, row.language): row for row in rows}


def _sentiments(latest: dict[str, LearnedModel]) -> Iterator[Lesson]:
    is_fresh = ~Q(mention__language__in=list(latest))
    for language, row in latest.items():
        is_fresh |= Q(mention__language=language, at__gt=row.learned_until) if row.learned_until else Q()
    said = _said(Kind.SENTIMENT).exclude(mention__language="").values_list("mention__language")
    fresh = dict(said.annotate(fresh=Count("pk", filter=is_fresh)).order_by())
    for language in sorted(fresh.keys() | latest.keys()):
        yield Lesson(str(Kind.SENTIMENT), language, fresh.get(language, 0), latest.get(language))


def _said(kind: str) -> Any:
    return Correction.objects.filter(kind=kind, mention__post__withdrawn_at=None)


def _lesson(kind: Kind, known: LearnedModel | None) -> Lesson:
    since = known.learned_until if known else None
    if kind == Kind.RELEVANCE:
        rows, moment = _decided().order_by("-triaged_at"), "triaged_at"
    else:
        rows, moment = _said(kind).exclude(value="").order_by("-at"), "at"
    if since:
        rows = rows.filter(**{f"{moment}__gt": since})
    # More than makes a lesson due need not be counted.
    fresh = rows[:MOST_EXAMPLES].count()
    if kind == Kind.TOPIC and known is not None and _topics_went(known):
        fresh = max(fresh, NEW_AT_LEAST, known.examples)
    return Lesson(str(kind), "", fresh, known)


def _topics_went(known: LearnedModel) -> bool:
    """Whether the model speaks of topics that are gone, since they were merged."""
    labels = {int(label) for label in known.evaluation.get("labels", []) if label}
    return len(labels) > Topic.objects.filter(pk__in=labels).count()


def _decided() -> Any:
    """What a person decided in triage."""
    return (Mention.objects.found_relevant() | Mention.objects.found_not_relevant()).filter(triaged_by__isnull=False)


@dataclass(frozen=True, slots=True)
class Material:
    """What people said, the newest first, as pairs of a subject and a label; `until` is the moment of the newest."""

    rows: list[tuple[Subject, str]]
    until: datetime | None


def material(kind: str, language: str) -> Material:
    """Read what a lesson is learned from."""
    if kind == Kind.RELEVANCE:
        return _decisions()
    said = _said(kind).exclude(value="").select_related("mention__post__author").order_by("-at", "-pk")
    if kind == Kind.SENTIMENT:
        said = said.filter(mention__language=language)
    rows = list(said[:MOST_EXAMPLES])
    if kind == Kind.TOPIC:
        there = {str(key) for key in Topic.objects.values_list("pk", flat=True)}
        rows = [row for row in rows if row.value in there]
    pairs = [(_subject(row.mention), row.value) for row in rows]
    return Material(pairs, max((row.at for row in rows), default=None))


def _decisions() -> Material:
    found: list[tuple[Mention, str]] = []
    for rows, label in (
        (Mention.objects.found_relevant(), "yes"),
        (Mention.objects.found_not_relevant(), "no"),
    ):
        newest = rows.filter(post__withdrawn_at=None).select_related("post__author").order_by("-triaged_at", "-pk")
        found += [(row, label) for row in newest[: MOST_EXAMPLES // 2]]
    until = max((row.triaged_at for row, _label in found if row.triaged_at), default=None)
    return Material([(_subject(row), label) for row, label in found], until)


def _subject(mention: Mention) -> Subject:
    post = mention.post
    return Subject(
        words_of(post.title, post.text),
        author_of(post.author),
        mention.source_id,
        tuple(mention.query_ids),
        mention.language,
    )
