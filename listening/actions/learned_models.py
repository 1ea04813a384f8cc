"""Learned models: a person goes back to one that judged before."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from listening.models import LearnedModel
from listening.training import replace
from roles.audit import record
from roles.models import Member
from roles.permissions import allowed

State = LearnedModel.State


@allowed("listening.manage_models")
@transaction.atomic
def go_back_to_model(model: LearnedModel, *, reason: str, by: Member | None, at: datetime) -> LearnedModel:
    """Let a model judge again that judged before; the reason is kept. What waits is judged again by it."""
    reason = reason.strip()[:300]
    if not reason:
        raise ValidationError({"reason": _("Say why, for those who wonder later.")})
    rows = LearnedModel.objects.select_for_update().filter(kind=model.kind, language=model.language)
    held = {row.pk: row for row in rows.filter(state__in=[State.CURRENT, State.RETIRED]).order_by("pk")}
    chosen = held.get(model.pk)
    if chosen is None or (chosen.state == State.RETIRED and not chosen.content):
        raise ValidationError(_("This model cannot judge again: only the last few that judged before are kept."))
    if chosen.state == State.CURRENT:
        return chosen
    current = next((row for row in held.values() if row.state == State.CURRENT), None)
    replace(current, chosen, at=at)
    chosen.reason, chosen.by = reason, by
    chosen.save()
    before = {"model": str(current or "")}
    record("go_back_to_model", chosen, by=by, at=at, before=before, after={"model": str(chosen), "reason": reason})
    return chosen


@allowed("listening.manage_models")
@transaction.atomic
def switch_off_model(model: LearnedModel, *, reason: str, by: Member | None, at: datetime) -> LearnedModel:
    """Let a model judge no more: what is shipped judges instead, until a better one is trained."""
    reason = reason.strip()[:300]
    if not reason:
        raise ValidationError({"reason": _("Say why, for those who wonder later.")})
    held = LearnedModel.objects.select_for_update().get(pk=model.pk)
    if held.state != State.CURRENT:
        return held
    held.state, held.since_at, held.again_below, held.reason, held.by = State.RETIRED, at, None, reason, by
    held.save(update_fields=["state", "since_at", "again_below", "reason", "by"])
    record("switch_off_model", held, by=by, at=at, after={"reason": reason})
    return held
