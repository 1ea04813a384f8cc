"""Learned models: trained from what people said, tried on what was held back, put in place only where they are better.

A training is a row under a lease. Whoever dies in the middle leaves the row, which the next one takes up and begins
anew; who lost the lease puts nothing in place. One organization trains one model at a time.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from listening.appraising import Subject, load, seen_of
from listening.lessons import Lesson, Material, material, next_lesson
from listening.models import LearnedModel, Mention
from roles.tenancy import active_organization_id

log = logging.getLogger(__name__)

Kind, State = LearnedModel.Kind, LearnedModel.State
# Longer than a task may take.
LEASE = timedelta(minutes=6)
STRONGEST = 1_000
CONFUSED_AT_MOST = 8  # labels in a table that people read
KEPT = 3  # models that judged before and can be gone back to


def train_due(at: datetime) -> LearnedModel | None:
    """Train what has most to learn; None where nothing is due or somebody else is training."""
    row = _take_up(at) or _begin(next_lesson(at), at)
    return train(row, at=at) if row else None


def _take_up(at: datetime) -> LearnedModel | None:
    """Take the training of somebody who died."""
    return _claimed(_TAKE_UP, at=at)


def _begin(lesson: Lesson | None, at: datetime) -> LearnedModel | None:
    """Begin a lesson, unless somebody else has begun one."""
    return _claimed(_BEGIN, at=at, kind=lesson.kind, language=lesson.language) if lesson else None


def _claimed(statement: str, **values: Any) -> LearnedModel | None:
    values |= {"organization": active_organization_id(), "lease_until": values["at"] + LEASE}
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found = cursor.fetchone()
    return LearnedModel.objects.get(pk=found[0], lease_key=found[1]) if found else None


_TAKE_UP = """
UPDATE listening_learnedmodel
SET lease_until = %(lease_until)s, lease_key = gen_random_uuid()::text, begun_at = %(at)s
WHERE organization_id = %(organization)s AND state = 'candidate' AND lease_until <= %(at)s
RETURNING id, lease_key
"""

_BEGIN = """
INSERT INTO listening_learnedmodel (
    organization_id, kind, language, version, state, begun_at, examples, held_back, evaluation, words, lease_until,
    lease_key, reason
)
SELECT %(organization)s, %(kind)s, %(language)s, COALESCE(max(version), 0) + 1, 'candidate', %(at)s, 0, 0, '{}', '{}',
    %(lease_until)s, gen_random_uuid()::text, ''
FROM listening_learnedmodel
WHERE organization_id = %(organization)s AND kind = %(kind)s AND language = %(language)s
ON CONFLICT DO NOTHING
RETURNING id, lease_key
"""


def train(row: LearnedModel, *, at: datetime) -> LearnedModel | None:
    """Train the model of a row whose lease one holds, and put it in place if it is better; None: the lease was lost."""
    from listening.learning.teaching import NotEnough

    said = material(row.kind, row.language)
    try:
        return _conclude(row, said, _teach(row.kind, said), at=at)
    except NotEnough:
        return _conclude(row, said, None, at=at, why="not_enough")
    except Exception:  # whatever it is, it would fail again at once: it is tried again when more was said
        log.exception("Training %s failed.", row.pk)
        return _conclude(row, said, None, at=at, why="failed")


def _teach(kind: str, said: Material) -> Any:
    from listening.learning import relevance, sentiment, topics

    if kind == Kind.SENTIMENT:
        return sentiment.train(
            [sentiment.Correction(subject.text, int(label), subject.language) for subject, label in said.rows]
        )
    if kind == Kind.TOPIC:
        return topics.train([(subject.text, label) for subject, label in said.rows])
    return relevance.train([(seen_of(subject, subject.language), label == "yes") for subject, label in said.rows])


@transaction.atomic
def _conclude(
    row: LearnedModel, said: Material, candidate: Any, *, at: datetime, why: str = "no_better"
) -> LearnedModel | None:
    """Keep what came of a training; the one that judges is held, so that nobody replaces it meanwhile."""
    rows = LearnedModel.objects.select_for_update()
    held = rows.filter(pk=row.pk, lease_key=row.lease_key, state=State.CANDIDATE).first()
    if held is None:
        return None
    current = rows.filter(kind=row.kind, language=row.language, state=State.CURRENT).first()
    held.trained_at, held.learned_until, held.lease_until, held.lease_key = at, said.until, None, ""
    held.examples, held.state = len(said.rows), State.REFUSED
    if candidate is None:
        held.evaluation = {"why": why, "labels": sorted({label for _subject, label in said.rows})}
    else:
        known = load(current) if current else None
        held.evaluation = _evaluation(row.kind, said.rows, candidate, current)
        if candidate.better_than(known):
            replace(current, held, at=at)
            held.content, held.words = candidate.model.to_bytes(), words_that_weigh(candidate.model.linear)
        else:
            held.evaluation["why"] = why
        held.examples, held.held_back = candidate.model.taught_with, candidate.evaluation.rows
    held.save()
    _forget_old(row)
    return held


def replace(current: LearnedModel | None, by: LearnedModel, *, at: datetime) -> None:
    """Let another model judge from now on; what waits in the stream will be judged again by it."""
    if current is not None:
        current.state, current.since_at, current.again_below = State.RETIRED, at, None
        current.save(update_fields=["state", "since_at", "again_below"])
    newest = Mention.objects.aggregate(newest=Max("pk"))["newest"]
    by.state, by.since_at, by.again_below = State.CURRENT, at, newest and newest + 1


def _evaluation(
    kind: str, rows: Sequence[tuple[Subject, str]], candidate: Any, current: LearnedModel | None
) -> dict[str, Any]:
    """How well the candidate did on what it had not seen, and what it was to beat."""
    linear = candidate.model.linear
    found: dict[str, Any] = {
        **candidate.evaluation.as_dict(),
        "labels": list(linear.labels),
        "counts": dict(Counter(label for _subject, label in rows)),
    }
    if kind == Kind.SENTIMENT and current is None:
        found["before"] = {**candidate.shipped.as_dict(), "version": 0}
    elif current is not None:
        known = {name: current.evaluation.get(name) for name in ("quality", "accuracy", "rows")}
        found["before"] = {**known, "version": current.version}
    if len(linear.members) > 1:
        found["confusion"] = confusion(kind, rows, linear)
    elif candidate.evaluation.taken:
        found["confusion"] = most_mistaken(candidate.evaluation.taken)
    return found


def most_mistaken(taken: Mapping[Any, int]) -> dict[str, dict[str, int]]:
    """Of the labels those that are mistaken most, what people said by what the model said without having seen it."""
    wrong: Counter[str] = Counter()
    for (truth, said), count in taken.items():
        wrong.update({truth: 0 if truth == said else count, said: 0 if truth == said else count})
    labels = [label for label, _count in wrong.most_common(CONFUSED_AT_MOST)]
    return {truth: {said: taken.get((truth, said), 0) for said in labels} for truth in labels}


def confusion(kind: str, rows: Sequence[tuple[Subject, str]], linear: Any) -> dict[str, dict[str, int]]:
    """What people said, and what the model says of the same, each judged by the member that had not seen it."""
    from listening.learning.features import Example
    from listening.learning.linear import label_of
    from listening.learning.relevance import _example

    known = [(subject, label) for subject, label in rows if label in linear.labels]
    if kind == Kind.RELEVANCE:
        examples = [_example(seen_of(subject, subject.language)) for subject, _label in known]
    else:
        examples = [Example(subject.text, language=subject.language) for subject, _label in known]
    told = label_of(linear.held_back(examples), linear.labels)
    counts = Counter(zip((label for _subject, label in known), told, strict=True))
    return {truth: {said: counts[truth, said] for said in linear.labels} for truth in linear.labels}


def words_that_weigh(linear: Any) -> dict[str, dict[str, float]]:
    """The words and marks that speak most for each label: themselves and the pieces that they are made of."""
    from listening.learning.features import MARK, PIECE, WORD, Example, spell

    weights, _constants = linear._mean
    found: dict[str, dict[str, float]] = {}
    words = [name[1:] for name in linear.features if name[0] == WORD and " " not in name]
    marks = [name for name in linear.features if name[0] == MARK]
    for column in range(weights.shape[1]):
        label = linear.labels[-1] if weights.shape[1] == 1 else linear.labels[column]
        by_feature = dict(zip(linear.features, (linear.rarity * weights[:, column]).tolist(), strict=True))
        spoken = {name[1:]: by_feature[name] * linear.recipe.marks for name in marks}
        for word in words:
            features = [name for name, _word in spell(Example(word), linear.recipe)]
            pieces = [by_feature[name] for name in features if name[0] == PIECE and name in by_feature]
            of_pieces = linear.recipe.letters * sum(pieces) / max(len(pieces), 1)
            spoken[word] = linear.recipe.words * by_feature[WORD + word] + of_pieces
        strongest = sorted(spoken.items(), key=lambda pair: (-abs(pair[1]), pair[0]))[:STRONGEST]
        found[label] = {word: round(weight, 3) for word, weight in strongest if round(weight, 3)}
    return found


def _forget_old(row: LearnedModel) -> None:
    """Keep the history, and of the models themselves the last ones."""
    rows = LearnedModel.objects.filter(kind=row.kind, language=row.language, state=State.RETIRED)
    kept = list(rows.order_by("-since_at", "-pk").values_list("pk", flat=True)[:KEPT])
    rows.exclude(pk__in=kept).update(content=None, words={})
