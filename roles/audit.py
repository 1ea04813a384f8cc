"""Write down who did what; every action calls this once."""

from __future__ import annotations

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
