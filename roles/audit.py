"""Write down who did what; every action calls this once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models

from roles.querysets import append_entries
from roles.sentences import is_named_when_read

if TYPE_CHECKING:
    from roles.models import Member


Facts = dict[str, Any] | None


def record(
    verb: str,
    subject: models.Model | None,
    *,
    by: Member | None,
    at: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Append one entry; `by` is None where the application itself acted."""
    _append([(subject, before, after)], verb, by=by, at=at)


def record_change(
    verb: str,
    subject: models.Model,
    *,
    by: Member | None,
    at: datetime,
    before: dict[str, Any],
    after: dict[str, Any],
    more: dict[str, Any] | None = None,
) -> None:
    """Append one entry with those facts that are others than before, and more to be known."""
    changed = [name for name in after if after[name] != before[name]]
    was, now = ({name: facts[name] for name in changed} for facts in (before, after))
    record(verb, subject, by=by, at=at, before=was, after=now | (more or {}))


def record_many(
    verb: str,
    subjects: Sequence[models.Model],
    *,
    by: Member | None,
    at: datetime,
    before: Mapping[int, dict[str, Any]] | None = None,
    after: Mapping[int, dict[str, Any]] | None = None,
) -> None:
    """Append one entry for each subject, in one statement; `before` and `after` are by the subjects' keys."""
    was, now = before or {}, after or {}
    _append([(subject, was.get(subject.pk), now.get(subject.pk)) for subject in subjects], verb, by=by, at=at)


def _append(
    found: Sequence[tuple[models.Model | None, Facts, Facts]], verb: str, *, by: Member | None, at: datetime
) -> None:
    rows = [
        {
            "subject_kind": _kind(subject),
            "subject_id": subject.pk if subject is not None else None,
            "subject_label": "" if subject is None or is_named_when_read(_kind(subject)) else str(subject)[:200],
            "before": before,
            "after": after,
        }
        for subject, before, after in found
    ]
    name = "Touchline" if by is None else str(by) if by.acted_by is None else f"{by} ({by.acted_by})"
    append_entries(rows, verb=verb, by_id=by.pk if by is not None else None, by_name=name[:160], at=at)
    if by is not None and by.acted_by is not None:
        # The second entry stands with who really did it.
        what = {"verb": verb, "subjects": [[row["subject_kind"], row["subject_id"]] for row in rows]}
        said = {"subject_kind": "member", "subject_id": by.pk, "subject_label": str(by)[:200], "before": None}
        who = by.acted_by
        append_entries([said | {"after": what}], verb="did_as", by_id=who.pk, by_name=str(who)[:160], at=at)


def _kind(subject: models.Model | None) -> str:
    return subject._meta.model_name or "" if subject is not None else ""
