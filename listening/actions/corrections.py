"""What a person says about the judgements of many mentions at once: one question, one write, one undo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from listening.actions.judgements import in_words, let_stand, said_of
from listening.languages import CODES
from listening.models import BulkDecision, BulkStep, Correction, Mention, Topic
from roles.audit import record_many
from roles.keys import key_in
from roles.live import look_again
from roles.models import Member
from roles.permissions import allowed, decide

AT_MOST = 200
Kind = Correction.Kind
KINDS = {"correct_language": Kind.LANGUAGE, "correct_sentiment": Kind.SENTIMENT, "give_topic": Kind.TOPIC}
JUDGED = ["language", "sentiment", "sentiment_score", "topic", "topic_score", "judged_by"]


@dataclass(frozen=True)
class Judgement:
    """What a person says: the verb, and the language, the sentiment or the key of the topic."""

    verb: str
    value: str

    @property
    def kind(self) -> Kind:
        """Which judgement it is about."""
        return KINDS[self.verb]

    def check(self) -> None:
        """Raise what stands against it; a topic is held, so that it stays."""
        match self.kind:
            case Kind.LANGUAGE if self.value not in CODES:
                raise ValidationError({"language": _("There is no language with this code.")})
            case Kind.SENTIMENT if self.value not in {"-1", "0", "1"}:
                raise ValidationError({"sentiment": _("Sentiment is negative (-1), neutral (0) or positive (1).")})
            case Kind.TOPIC:
                rows = Topic.objects.active().select_for_update(of=("self",), no_key=True)
                if key_in(self.value) is None or rows.filter(pk=self.value).first() is None:
                    said = _("This topic is not in use any more. Look at the list of topics again.")
                    raise ValidationError({"topic": said})


@allowed("listening.triage")
@transaction.atomic
def correct_ticked(judgement: Judgement, *, keys: Sequence[int], by: Member | None, at: datetime) -> BulkDecision:
    """Say the same of mentions that were chosen one by one."""
    if len(keys) > AT_MOST:
        raise ValidationError(_("At most %(most)s at once.") % {"most": AT_MOST})
    judgement.check()
    kind, rows = judgement.kind, _hold(keys)
    known = {one.mention_id: one for one in Correction.objects.filter(mention__in=keys, kind=kind)}
    changed = [
        row
        for row in rows
        if (row.pk not in known or known[row.pk].value != judgement.value)
        and (by is None or decide(by, "listening.triage", row))
    ]
    bulk = BulkDecision.objects.create(
        verb=judgement.verb, code=judgement.value, expected=len(keys), decided=len(changed),
        left_alone=len(rows) - len(changed), state=BulkDecision.State.DONE, by=by, created_at=at, finished_at=at,
    )  # fmt: skip
    if not changed:
        return bulk
    BulkStep.objects.create(bulk=bulk, before=[_kept(row, kind, known.get(row.pk)) for row in changed], at=at)
    said = {row.pk: in_words(row, kind) for row in changed}
    _say([_correction(row, known.get(row.pk), judgement, by=by, at=at) for row in changed])
    score = float(judgement.value) if kind == Kind.SENTIMENT else None
    for row in changed:
        let_stand(row, kind, judgement.value, score=score)
    _write(judgement.verb, changed, kind, said, judge_again=kind == Kind.LANGUAGE, by=by, at=at)
    return bulk


def take_back(bulk: BulkDecision, *, by: Member | None, at: datetime) -> None:
    """Let stand what stood before a correction of many, where nobody has said something else since."""
    kind = KINDS[bulk.verb]
    steps = list(BulkStep.objects.filter(bulk=bulk))
    kept = {one["id"]: one for step in steps for one in step.before}
    rows = {row.pk: row for row in _hold(list(kept))}
    ours = Correction.objects.filter(mention__in=rows, kind=kind, value=bulk.code, at=bulk.created_at)
    corrections = list(ours)
    changed = [rows[one.mention_id] for one in corrections]
    said = {row.pk: in_words(row, kind) for row in changed}
    again, gone = [], []
    for one in corrections:
        row, before = rows[one.mention_id], kept[one.mention_id]
        let_stand(row, kind, before["stood"], score=before["score"])
        if before["value"] is None:
            gone.append(one.pk)
        else:
            one.value, one.by_id, one.at = before["value"], before["by"], datetime.fromisoformat(before["at"])
            again.append(one)
    Correction.objects.filter(pk__in=gone).delete()
    _say(again)
    _write("undo_bulk", changed, kind, said, judge_again=True, by=by, at=at)
    BulkStep.objects.filter(bulk=bulk).delete()
    bulk.state, bulk.finished_at = BulkDecision.State.UNDONE, at
    bulk.save(update_fields=["state", "finished_at"])


def _hold(keys: Sequence[int]) -> list[Mention]:
    rows = Mention.objects.with_posts().select_for_update(of=("self",))
    return list(rows.filter(pk__in=keys).order_by("pk"))


def _kept(row: Mention, kind: Kind, known: Correction | None) -> dict[str, Any]:
    """What stands now, and who said so, where somebody did."""
    stood, score = said_of(row, kind)
    return {
        "id": row.pk,
        "stood": stood,
        "score": score,
        "value": known.value if known else None,
        "by": known.by_id if known else None,
        "at": known.at.isoformat() if known else "",
    }


def _correction(
    row: Mention, known: Correction | None, judgement: Judgement, *, by: Member | None, at: datetime
) -> Correction:
    if known is None:
        stood, score = said_of(row, judgement.kind)
        known = Correction(mention=row, kind=judgement.kind, before=stood, before_score=score, before_by=row.judged_by)
    known.value, known.by, known.at = judgement.value, by, at
    return known


def _say(corrections: Sequence[Correction]) -> None:
    Correction.objects.bulk_create(
        corrections,
        update_conflicts=True,
        unique_fields=["mention", "kind"],
        update_fields=["value", "by", "at"],
    )


def _write(
    verb: str,
    rows: Sequence[Mention],
    kind: str,
    before: dict[int, str],
    *,
    judge_again: bool,
    by: Member | None,
    at: datetime,
) -> None:
    """Write what stands now, have it judged again where that hangs on it, and record who said so."""
    if judge_again:
        for row in rows:
            row.judged_by = ""
    Mention.objects.bulk_update(rows, JUDGED)
    record_many(
        verb, rows, by=by, at=at,
        before={key: {kind: words} for key, words in before.items()},
        after={row.pk: {kind: in_words(row, kind)} for row in rows},
    )  # fmt: skip
    look_again("stream")
