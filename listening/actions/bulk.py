"""Triage of many mentions at once: those that were ticked at once, all that a filter finds by workers, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from listening.actions import corrections
from listening.actions.lines import follow, follow_no_more, put_followers_back
from listening.actions.mentions import apply, hold, let_go, write
from listening.filtering import StreamFilter
from listening.models import BulkDecision, BulkStep, Mention
from listening.refusals import Quicker
from listening.triage import Triage, said
from roles.audit import record
from roles.background import hint
from roles.levels import ASSIGNMENTS
from roles.live import look_again
from roles.models import Member
from roles.permissions import allowed, decide, require_open

TICKED_AT_MOST = 200
AT_ONCE = 200


@allowed("listening.triage")
@transaction.atomic
def decide_ticked(
    triage: Triage,
    *,
    keys: Sequence[int],
    whole: Sequence[int] = (),
    seen: str = "",
    by: Member | None,
    at: datetime,
) -> BulkDecision:
    """Decide mentions that were chosen one by one; what somebody decided meanwhile is left alone and counted.

    Each of those that are named in `whole` stands for its story: all of it that waits is decided, and what arrives of
    it later too. What is more than one step does is done by workers.
    """
    if triage.to is not None:
        require_open(ASSIGNMENTS, triage.to)
    if len(keys) > TICKED_AT_MOST:
        raise ValidationError(_("At most %(most)s at once; choose all that match the filter instead.") % {"most": 200})
    rows = hold(keys)
    lines = [row for row in rows if row.pk in whole and row.story_id and triage.verb != "restore"]
    bulk = _begun(triage, by=by, at=at, expected=len(keys))
    _decide(bulk, triage, [row for row in rows if row not in lines], seen=seen, by=by, at=at)
    if lines:
        follow(bulk, triage, {row.story_id for row in lines if row.story_id}, by=by, at=at)
        _step(bulk, at=at)
        if not bulk.decided:
            raise Quicker(said(lines[0]))
    else:
        _finish(bulk, BulkDecision.State.DONE, at=at)
    record("decide_many", bulk, by=by, at=at, after={"verb": triage.verb, "decided": bulk.decided})
    if bulk.is_under_way:
        hint("listening.tasks.decide_in_bulk")
    return bulk


@allowed("listening.triage")
@transaction.atomic
def decide_all(
    triage: Triage, *, wanted: StreamFilter, expected: int = 0, by: Member | None, at: datetime
) -> BulkDecision:
    """Let workers decide all that a filter finds now; what comes later is not decided unseen."""
    if triage.to is not None:
        require_open(ASSIGNMENTS, triage.to)
    if wanted.trouble:
        raise ValidationError(str(wanted.trouble))
    newest = Mention.objects.newest_first().values_list("pk", flat=True).first() or 0
    bulk = _begun(triage, by=by, at=at, expected=expected, query=str(wanted), newest_id=newest, next_id=newest)
    record("decide_many", bulk, by=by, at=at, after={"verb": triage.verb, "filter": str(wanted)})
    hint("listening.tasks.decide_in_bulk")
    return bulk


@allowed("listening.triage")
@transaction.atomic
def undo_bulk(bulk: BulkDecision, *, by: Member | None, at: datetime) -> BulkDecision:
    """Put everything back as it was before, but for what somebody has decided or begun since; a few at once."""
    bulk = BulkDecision.objects.select_for_update(of=("self",)).get(pk=bulk.pk)
    if bulk.state in {BulkDecision.State.UNDOING, BulkDecision.State.UNDONE}:
        return bulk
    if bulk.verb in corrections.KINDS:
        record("undo_bulk", bulk, by=by, at=at, after={"decided": bulk.decided})
        corrections.take_back(bulk, by=by, at=at)
        return bulk
    bulk.state, bulk.finished_at, bulk.next_id = BulkDecision.State.UNDOING, None, 0
    bulk.save(update_fields=["state", "finished_at", "next_id"])
    if bulk.decided <= TICKED_AT_MOST:
        hold([kept["id"] for step in BulkStep.objects.filter(bulk=bulk) for kept in step.before])
    follow_no_more(bulk, by=by, at=at)
    record("undo_bulk", bulk, by=by, at=at, after={"decided": bulk.decided})
    if bulk.decided <= TICKED_AT_MOST:
        while bulk.is_under_way:
            _undo_step(bulk, by=by, at=at)
    else:
        hint("listening.tasks.decide_in_bulk")
    return bulk


def go_on(key: int, *, at: datetime) -> bool:
    """Do the next step of a bulk decision, unless another worker has it; returns whether more is to be done.

    The row is held while its step is done, and both are committed together: a worker that dies leaves nothing half
    done.
    """
    with transaction.atomic():
        rows = BulkDecision.objects.select_for_update(of=("self",), skip_locked=True)
        bulk = rows.select_related("by__user", "department").filter(pk=key).first()
        if bulk is None or not bulk.is_under_way:
            return False
        if bulk.state == BulkDecision.State.UNDOING:
            _undo_step(bulk, by=bulk.by, at=at)
        else:
            _step(bulk, at=at)
        look_again(f"bulk:{bulk.pk}")
        return bulk.is_under_way


def _begun(triage: Triage, *, by: Member | None, at: datetime, **fields: Any) -> BulkDecision:
    return BulkDecision.objects.create(
        verb=triage.verb, code=triage.code, reason=triage.reason[:200], department=triage.to, by=by, created_at=at,
        **fields,
    )  # fmt: skip


def _step(bulk: BulkDecision, *, at: datetime) -> None:
    """Decide the next of those that the filter finds, from the newest down."""
    wanted = StreamFilter.read(bulk.query)
    asked = Q(story__in=bulk.story_ids) if bulk.story_ids else Q()
    rows = Mention.objects.newest_first().filter(asked, wanted.condition(), pk__lte=bulk.next_id)
    window = list(rows.values_list("pk", flat=True)[:AT_ONCE])
    if window:
        found = window
        if search := wanted.search():
            found = list(
                Mention.objects.newest_first().filter(pk__in=window).search(search).values_list("pk", flat=True)
            )
        triage = Triage(bulk.verb, code=bulk.code, reason=bulk.reason, to=bulk.department)
        seen = wanted.shows if wanted.shows != "all" else ""
        _decide(bulk, triage, hold(found), seen=seen, by=bulk.by, at=at)
        bulk.next_id = window[-1] - 1
    if len(window) < AT_ONCE:
        _finish(bulk, BulkDecision.State.DONE, at=at)
    bulk.save(update_fields=["next_id", "decided", "left_alone"])


def _decide(
    bulk: BulkDecision, triage: Triage, rows: Sequence[Mention], *, seen: str, by: Member | None, at: datetime
) -> None:
    ready = [
        row
        for row in rows
        if not triage.is_made(row)
        and not triage.why_not(row, seen=seen)
        and row.state != Mention.State.ROUTED
        and (by is None or decide(by, "listening.triage", row))
    ]
    before = {row.pk: _as_it_is(row) for row in ready}
    made = apply(ready, triage, by=by, at=at) if ready else []
    bulk.decided += len(made)
    bulk.left_alone += len(rows) - len(made)
    if made:
        BulkStep.objects.create(bulk=bulk, before=[before[row.pk] for row in made], at=at)


def _as_it_is(row: Mention) -> dict[str, Any]:
    return {
        "id": row.pk,
        "state": row.state,
        "triage_code": row.triage_code,
        "triage_reason": row.triage_reason,
        "department_id": row.department_id,
        "triaged_at": row.triaged_at.isoformat() if row.triaged_at else None,
        "triaged_by_id": row.triaged_by_id,
    }


def _undo_step(bulk: BulkDecision, *, by: Member | None, at: datetime) -> None:
    """Put back what the last step decided."""
    step = BulkStep.objects.filter(bulk=bulk).order_by("-pk").first()
    if step is None:
        if put_followers_back(bulk, by=by, at=at):
            _finish(bulk, BulkDecision.State.UNDONE, at=at)
        return
    earlier: dict[tuple[Any, ...], list[int]] = {}
    for kept in step.before:
        fields = tuple((name, value) for name, value in kept.items() if name != "id")
        earlier.setdefault(fields, []).append(kept["id"])
    made = Triage(bulk.verb).state
    held = {row.pk: row for row in hold([kept["id"] for kept in step.before])}
    for fields, keys in earlier.items():
        put = dict(fields) | {"triaged_at": parse_datetime(dict(fields)["triaged_at"] or "")}
        there = [held[key] for key in keys if key in held]
        rows = [row for row in there if row.state == made and _is_of(row, step)]
        write(let_go(rows, by=by, at=at), "undo_bulk", put, by=by, at=at)
    step.delete()
    if not (bulk.story_ids or BulkStep.objects.filter(bulk=bulk).exists()):
        _finish(bulk, BulkDecision.State.UNDONE, at=at)


def _is_of(row: Mention, step: BulkStep) -> bool:
    """Whether nobody has decided the mention since."""
    return row.triaged_at is None or row.triaged_at == step.at


def _finish(bulk: BulkDecision, state: BulkDecision.State, *, at: datetime) -> None:
    bulk.state, bulk.finished_at = state, at
    bulk.save(update_fields=["state", "finished_at", "decided", "left_alone"])
