"""What is written and not sent."""

from __future__ import annotations

from datetime import datetime

from engagement.models import Assignment, Draft
from roles.models import Member
from roles.permissions import allowed

LONGEST = 20_000


@allowed("engagement.read")
def save_draft(assignment: Assignment, *, text: str, by: Member, at: datetime) -> Draft | None:
    """Keep what a member has written; nothing written removes it. The audit log has no interest in keystrokes."""
    if not text.strip():
        Draft.objects.filter(assignment=assignment, member=by).delete()
        return None
    draft, _new = Draft.objects.update_or_create(
        assignment=assignment, member=by, defaults={"text": text[:LONGEST], "saved_at": at}
    )
    return draft
