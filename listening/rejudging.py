"""Judge in the background: what was captured before anybody judged, and what a new model may see differently.

Each batch is one transaction and looks for itself where to go on, so that whoever dies loses one batch. What a person
said stands: it is looked up when the batch is written, with the mentions held.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection, transaction

from listening import writing
from listening.appraising import appraise, subject_of
from listening.models import Correction, LearnedModel, Mention
from roles.live import look_again
from roles.tenancy import active_organization_id

BATCH = 250
BATCHES_AT_ONCE = 8
LOCK = 0x4A554447


def judge_some() -> int:
    """Judge a few batches of whatever waits; the next look goes on where this one stopped."""
    total = 0
    for judge in (judge_waiting, judge_again):
        for _batch in range(BATCHES_AT_ONCE):
            judged = judge()
            total += judged
            if not judged:
                break
    return total


@transaction.atomic
def judge_waiting(*, limit: int = BATCH) -> int:
    """Judge a batch of those that nobody has judged yet, the newest first; returns how many."""
    if not _is_alone():
        return 0
    rows = list(Mention.objects.unjudged().newest_first().select_related("post__author")[:limit])
    _judge(rows)
    return len(rows)


@transaction.atomic
def judge_again(*, limit: int = BATCH) -> int:
    """Let a new model see a batch of what waits in the stream, the newest first; returns how many it saw."""
    models = LearnedModel.objects.current().without_content().exclude(again_below=None)
    row = models.select_for_update(skip_locked=True).order_by("pk").first()
    if row is None:
        return 0
    waiting = Mention.objects.untriaged().filter(pk__lt=row.again_below)
    if row.language:
        waiting = waiting.in_language(row.language)
    rows = list(waiting.newest_first().select_related("post__author")[:limit])
    _judge(rows)
    row.again_below = rows[-1].pk if len(rows) == limit else None
    row.save(update_fields=["again_below"])
    return len(rows)


def _judge(mentions: Sequence[Mention]) -> None:
    if not mentions:
        return
    said = Correction.objects.filter(mention__in=[mention.pk for mention in mentions], kind=Correction.Kind.LANGUAGE)
    languages = dict(said.values_list("mention", "value"))
    subjects = [
        subject_of(mention.post, query_ids=mention.query_ids, corrected_language=languages.get(mention.pk, ""))
        for mention in mentions
    ]
    rows = [
        {"id": mention.pk, "digest": mention.post.content_digest, **appraisal.row()}
        for mention, appraisal in zip(mentions, appraise(subjects), strict=True)
    ]
    writing.judge_mentions(rows)
    look_again("stream")


def _is_alone() -> bool:
    """Whether nobody else judges for the organization until the end of the transaction."""
    with connection.cursor() as cursor:
        key = active_organization_id() % 2**31
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [LOCK, key])
        [[alone]] = cursor.fetchall()
    return bool(alone)
