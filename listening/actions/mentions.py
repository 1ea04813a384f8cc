"""Triage: what a gatherer decides about a mention."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from listening.models import Mention
from listening.signals import mentions_triaged
from roles.audit import record
from roles.live import look_again
from roles.models import Department, Member
from roles.permissions import allowed


@allowed("listening.triage")
@transaction.atomic
def dismiss(mention: Mention, *, reason: str = "", by: Member | None, at: datetime) -> Mention:
    """Say that a mention is not relevant; it leaves the stream and stays in the records."""
    mention = _held(mention)
    if mention.state == Mention.State.DISMISSED:
        return mention
    if mention.state == Mention.State.ROUTED:
        raise ValidationError(_("This mention was given to a department already; resolve its assignment there."))
    return _decide(mention, Mention.State.DISMISSED, "dismiss", reason=reason, department=None, by=by, at=at)


@allowed("listening.triage")
@transaction.atomic
def restore(mention: Mention, *, by: Member | None, at: datetime) -> Mention:
    """Put a dismissed mention back into the stream."""
    mention = _held(mention)
    if mention.state != Mention.State.DISMISSED:
        return mention
    return _decide(mention, Mention.State.UNTRIAGED, "restore", reason="", department=None, by=by, at=at)


@allowed("listening.triage")
@transaction.atomic
def route_to(mention: Mention, *, department: Department, by: Member | None, at: datetime) -> Mention:
    """Give a mention to a department, where it becomes an assignment."""
    mention = _held(mention)
    if mention.state == Mention.State.ROUTED:
        if mention.department_id == department.pk:
            return mention
        raise ValidationError(_("This mention was given to a department already; hand its assignment off there."))
    decided = _decide(mention, Mention.State.ROUTED, "route_to", reason="", department=department, by=by, at=at)
    mentions_triaged.send(Mention, mentions=[decided], department=department, by=by, at=at)
    look_again("queue")
    return decided


def _held(mention: Mention) -> Mention:
    """The mention as it is now, held until the decision is committed: two gatherers decide one after the other."""
    return Mention.objects.with_posts().select_for_update(of=("self",)).get(pk=mention.pk)


def _decide(
    mention: Mention,
    state: Mention.State,
    verb: str,
    *,
    reason: str,
    department: Department | None,
    by: Member | None,
    at: datetime,
) -> Mention:
    before = {"state": mention.state}
    mention.state = state
    mention.triage_reason = reason.strip()[:200]
    mention.department = department
    untriaged = state == Mention.State.UNTRIAGED
    mention.triaged_at, mention.triaged_by = (None, None) if untriaged else (at, by)
    mention.save(update_fields=["state", "triage_reason", "department", "triaged_at", "triaged_by"])
    after = {"state": str(state), "reason": mention.triage_reason, "department": str(department or "")}
    record(verb, mention, by=by, at=at, before=before, after={name: value for name, value in after.items() if value})
    look_again("stream")
    return mention
