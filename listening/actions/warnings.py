"""Warnings: raised by the lookout or by hand, acknowledged, closed with a note of how they ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from listening.early_warning import learned
from listening.early_warning.watch import ONCE_IN, RANGE
from listening.lookout import raising, watching
from listening.models import EarlyWarning, KnownEvent, Mention, Topic, TrackingQuery, WatchedSeries
from roles.audit import record
from roles.live import look_again
from roles.models import Member
from roles.permissions import allowed

State, Outcome, Kind = EarlyWarning.State, EarlyWarning.Outcome, EarlyWarning.Kind
ROUNDS = 60  # a task has its time; the next one goes on where this one stopped


def look_out(*, at: datetime) -> int:
    """Judge what the active organization heard until now; returns how many warnings were raised."""
    watching.begin(at=at)
    raised = 0
    for _round in range(ROUNDS):
        with transaction.atomic():
            judged = watching.judge(at=at)
            raised += raising.write(judged, at=at)
        if not judged.is_behind:
            break
    return raised


def raise_warning(
    mentions: Sequence[Mention], *, title: str, severity: int = 2, note: str = "", by: Member | None, at: datetime
) -> EarlyWarning:
    """Warn the coaches on call by hand, because of some mentions."""
    warning = EarlyWarning(
        kind=Kind.BY_HAND, subject=" ".join(title.split())[:200], severity=severity, note=note.strip()[:1000]
    )
    return _raise(warning, mentions=mentions, by=by, at=at)


@allowed("listening.raise_warning")
@transaction.atomic
def _raise(warning: EarlyWarning, *, mentions: Sequence[Mention], by: Member | None, at: datetime) -> EarlyWarning:
    if not warning.subject:
        raise ValidationError({"title": _("Say in a few words what it is about.")})
    if not mentions:
        raise ValidationError(_("A warning needs at least one mention to show."))
    if warning.severity not in EarlyWarning.Severity.values:
        raise ValidationError({"severity": _("There is no such severity.")})
    keys = [mention.pk for mention in mentions]
    warning.mention_ids, warning.value = keys[: raising.MENTIONS_KEPT], len(keys)
    warning.began_at = min(mention.captured_at for mention in mentions)
    warning.detected_at = warning.last_at = warning.ended_at = at
    warning.story, warning.words = raising.driver(keys), raising.telling_words(keys)
    if warning.story is None and len({mention.story_id for mention in mentions}) == 1:
        warning.story = mentions[0].story
    warning.raised_by = by
    warning.save()
    record("raise_warning", warning, by=by, at=at, after={"severity": warning.severity, "note": warning.note})
    raising.tell_coaches(warning, at=at)
    look_again("warnings")
    return warning


@allowed("listening.acknowledge")
@transaction.atomic
def acknowledge(warning: EarlyWarning, *, by: Member | None, at: datetime) -> EarlyWarning:
    """Say that one is on it; the first who says so counts."""
    warning = _held(warning)
    if warning.state != State.OPEN:
        return warning
    warning.state, warning.acknowledged_at, warning.acknowledged_by = State.ACKNOWLEDGED, at, by
    warning.save(update_fields=["state", "acknowledged_at", "acknowledged_by"])
    record("acknowledge", warning, by=by, at=at)
    look_again("warnings")
    return warning


@allowed("listening.close_warning")
@transaction.atomic
def close_warning(
    warning: EarlyWarning, *, outcome: str, note: str = "", by: Member | None, at: datetime
) -> EarlyWarning:
    """Note how it ended; what was a false alarm makes the next one rarer, what was right makes it sooner."""
    if outcome not in Outcome.values:
        raise ValidationError({"outcome": _("Say how it ended: right, false alarm or known event.")})
    series = _held_series(warning)
    warning = _held(warning)
    if warning.state == State.CLOSED:
        return warning
    if series is not None:
        series.once_in = learned(series.once_in, ending=outcome)  # type: ignore[arg-type]
        series.save(update_fields=["once_in"])
    warning.state, warning.outcome, warning.note = State.CLOSED, outcome, note.strip()[:1000] or warning.note
    warning.closed_at, warning.closed_by = at, by
    warning.save(update_fields=["state", "outcome", "note", "closed_at", "closed_by"])
    record("close_warning", warning, by=by, at=at, after={"outcome": outcome, "note": warning.note})
    look_again("warnings")
    return warning


@allowed("listening.close_warning")
@transaction.atomic
def reopen_warning(warning: EarlyWarning, *, by: Member | None, at: datetime) -> EarlyWarning:
    """Take the note of how it ended back, and what was learned from it."""
    series = _held_series(warning)
    warning = _held(warning)
    if warning.state != State.CLOSED:
        return warning
    before = {"outcome": warning.outcome}
    if series is not None and warning.closed_by_id is not None:
        factor = learned(ONCE_IN, ending=warning.outcome) / ONCE_IN  # type: ignore[arg-type]
        series.once_in = min(max(series.once_in / factor, RANGE[0]), RANGE[1])
        series.save(update_fields=["once_in"])
    warning.state = State.ACKNOWLEDGED if warning.acknowledged_at else State.OPEN
    warning.outcome, warning.closed_at, warning.closed_by = "", None, None
    warning.save(update_fields=["state", "outcome", "closed_at", "closed_by"])
    record("reopen_warning", warning, by=by, at=at, before=before)
    look_again("warnings")
    return warning


def _held_series(warning: EarlyWarning) -> WatchedSeries | None:
    """The series of a warning, held before the warning, as the lookout does it."""
    rows = WatchedSeries.objects.select_for_update(of=("self",))
    return rows.filter(pk=warning.series_id).first() if warning.series_id is not None else None


def _held(warning: EarlyWarning) -> EarlyWarning:
    return EarlyWarning.objects.select_for_update(of=("self",)).get(pk=warning.pk)


@allowed("listening.tune_warnings")
@transaction.atomic
def tune(series: WatchedSeries, *, once_in: timedelta = ONCE_IN, by: Member | None, at: datetime) -> WatchedSeries:
    """Set how rare something must be for a warning; without a value, as it was in the beginning."""
    series = WatchedSeries.objects.select_for_update(of=("self",)).select_related("query", "topic").get(pk=series.pk)
    before, series.once_in = series.once_in, once_in
    series.save(update_fields=["once_in"])
    record("tune", series, by=by, at=at, before={"days": before.days}, after={"days": once_in.days})
    look_again("warnings")
    return series


def add_event(
    *,
    name: str,
    starts_at: datetime,
    ends_at: datetime,
    query: TrackingQuery | None = None,
    topic: Topic | None = None,
    is_quiet: bool = True,
    by: Member | None,
    at: datetime,
) -> KnownEvent:
    """Say that more is to be expected for a time."""
    event = KnownEvent(name=name.strip(), starts_at=starts_at, ends_at=ends_at, query=query, topic=topic)
    event.is_quiet, event.created_by = is_quiet, by
    return _add_event(event, by=by, at=at)


@allowed("listening.manage_events")
@transaction.atomic
def _add_event(event: KnownEvent, *, by: Member | None, at: datetime) -> KnownEvent:
    event.full_clean(exclude=["created_by"])
    event.save()
    record("add_event", event, by=by, at=at, after=_facts(event))
    look_again("warnings")
    return event


@allowed("listening.manage_events")
@transaction.atomic
def remove_event(event: KnownEvent, *, by: Member | None, at: datetime) -> None:
    """Expect nothing any more; what it kept quiet stays in the history."""
    record("remove_event", event, by=by, at=at, before=_facts(event))
    event.delete()
    look_again("warnings")


def _facts(event: KnownEvent) -> dict[str, Any]:
    return {
        "starts_at": event.starts_at.isoformat(),
        "ends_at": event.ends_at.isoformat(),
        "subject": str(event.query or event.topic or ""),
        "is_quiet": event.is_quiet,
    }
