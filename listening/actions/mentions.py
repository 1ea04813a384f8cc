"""Triage: what a gatherer decides about a mention, one at a time. Many at once are in `bulk.py`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from listening.models import Mention
from listening.refusals import Quicker
from listening.signals import mentions_taken_back, mentions_triaged
from listening.stories.writing import hold_stories_of
from listening.triage import Triage
from roles.audit import record_many
from roles.levels import ASSIGNMENTS, is_open
from roles.live import look_again
from roles.models import Department, Member
from roles.permissions import allowed, require_open


@allowed("listening.triage")
def dismiss(
    mention: Mention, *, code: str = "", reason: str = "", seen: str = "", by: Member | None, at: datetime
) -> Mention:
    """Say that a mention is not relevant, and why; it leaves the stream and stays in the records."""
    return _decide(mention, Triage("dismiss", code=code, reason=reason), seen=seen, by=by, at=at)


@allowed("listening.triage")
def keep(mention: Mention, *, seen: str = "", by: Member | None, at: datetime) -> Mention:
    """Say that a mention is relevant and that nothing is to be done about it."""
    return _decide(mention, Triage("keep"), seen=seen, by=by, at=at)


@allowed("listening.triage")
def route_to(mention: Mention, *, department: Department, seen: str = "", by: Member | None, at: datetime) -> Mention:
    """Give a mention to a department, where it becomes an assignment, as far as a level has opened those there."""
    require_open(ASSIGNMENTS, department)
    return _decide(mention, Triage("route_to", to=department), seen=seen, by=by, at=at)


@allowed("listening.triage")
def restore(mention: Mention, *, seen: str = "", by: Member | None, at: datetime) -> Mention:
    """Put a decided mention back into the stream; what went to a department only while nobody there has begun."""
    return _decide(mention, Triage("restore"), seen=seen, by=by, at=at)


@transaction.atomic
def _decide(mention: Mention, triage: Triage, *, seen: str, by: Member | None, at: datetime) -> Mention:
    """Decide, unless somebody has decided the same; raises Quicker where they decided otherwise."""
    [now] = hold([mention.pk])
    if triage.is_made(now):
        return now
    if reason := triage.why_not(now, seen=seen):
        raise Quicker(reason) if seen and now.state != seen else ValidationError(reason)
    if not apply([now], triage, by=by, at=at):
        raise Quicker(_("Somebody has begun with its assignment. Hand it off or resolve it there."))
    return now


def hold(keys: Sequence[int]) -> list[Mention]:
    """The mentions as they are now, held until the decision is committed: two gatherers decide one after the other.

    Their stories are held before them, for the decision says anew which of a story's mentions is its line. Whatever
    was moved into another story while we waited is let go and held again, so that nobody waits for each other for ever.
    """
    while (found := _hold(keys)) is None:
        continue
    return found


def _hold(keys: Sequence[int]) -> list[Mention] | None:
    rows = Mention.objects.with_posts().select_related("triaged_by__user").select_for_update(of=("self",))
    before = transaction.savepoint()
    stories = hold_stories_of(keys)
    found = list(rows.filter(pk__in=keys).order_by("pk"))
    if {row.story_id for row in found} - {None} - stories:
        transaction.savepoint_rollback(before)
        return None
    transaction.savepoint_commit(before)
    return found


def apply(mentions: Sequence[Mention], triage: Triage, *, by: Member | None, at: datetime) -> list[Mention]:
    """Write a decision into mentions that are held, with the records and the news; returns those that took it.

    Where no level has opened assignments in the department, they stay as they are.
    """
    if triage.to is not None and not is_open(ASSIGNMENTS, triage.to):
        return []
    waiting = triage.state == Mention.State.UNTRIAGED
    who = None if waiting or by is None else by.pk
    fields = {**triage.fields(), "state": triage.state, "triaged_at": None if waiting else at, "triaged_by_id": who}
    made = write(let_go(mentions, by=by, at=at), triage.verb, fields, by=by, at=at)
    if triage.to is not None and made:
        mentions_triaged.send(Mention, mentions=made, department=triage.to, by=by, at=at)
        look_again("queue")
    return made


def let_go(mentions: Sequence[Mention], *, by: Member | None, at: datetime) -> list[Mention]:
    """Take mentions back from departments where nobody has begun; returns all but those that must stay there."""
    taken = [row for row in mentions if row.state == Mention.State.ROUTED]
    if not taken:
        return list(mentions)
    answers: list[tuple[Any, Any]] = mentions_taken_back.send(Mention, mentions=taken, by=by, at=at)
    staying = {key for _receiver, keys in answers for key in keys or ()}
    look_again("queue")
    return [row for row in mentions if row.pk not in staying]


def write(
    mentions: Sequence[Mention], verb: str, fields: dict[str, Any], *, by: Member | None, at: datetime
) -> list[Mention]:
    """Write the same into mentions that are held, and who did so."""
    if not mentions:
        return []
    before = {row.pk: facts(row) for row in mentions}
    for row in mentions:
        for name, value in fields.items():
            setattr(row, name, value)
    Mention.objects.filter(pk__in=list(before)).update(**fields)
    record_many(verb, mentions, by=by, at=at, before=before, after={row.pk: facts(row) for row in mentions})
    look_again("stream")
    return list(mentions)


def facts(mention: Mention) -> dict[str, Any]:
    """What the audit log keeps of a decision."""
    said = {
        "state": str(mention.state),
        "code": mention.triage_code,
        "reason": mention.triage_reason,
        "department": str(mention.department or ""),
    }
    return {name: value for name, value in said.items() if value}
