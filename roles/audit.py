"""Write down who did what; every action calls this once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    from roles.models import AuditEntry, Member


def record(
    verb: str,
    subject: models.Model | None,
    *,
    by: Member | None,
    at: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> AuditEntry:
    """Append one entry; `by` is None where the application itself acted."""
    from roles.models import AuditEntry

    return AuditEntry.objects.create(
        at=at,
        by=by,
        by_name=str(by)[:160] if by else "Touchline",
        verb=verb,
        subject_kind=subject._meta.model_name or "" if subject is not None else "",
        subject_id=subject.pk if subject is not None else None,
        subject_label=str(subject)[:200] if subject is not None else "",
        before=before,
        after=after,
    )


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
    from roles.models import AuditEntry

    AuditEntry.objects.bulk_create(
        AuditEntry(
            at=at,
            by=by,
            by_name=str(by)[:160] if by else "Touchline",
            verb=verb,
            subject_kind=subject._meta.model_name or "",
            subject_id=subject.pk,
            subject_label=str(subject)[:200],
            before=(before or {}).get(subject.pk),
            after=(after or {}).get(subject.pk),
        )
        for subject in subjects
    )
