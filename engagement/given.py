"""What was given to somebody: too much for mails, and what a telephone is for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from engagement.models import Assignment
from engagement.models.rules import Priority
from listening.networks import label_of
from roles.links import inside_address
from roles.models import Member
from roles.notice_kinds import News
from roles.speaking import in_words_for

MOST = 200


def given_to(member: Member, since: datetime) -> Sequence[News]:
    """What was given to a member since a moment and is not claimed; without its words, for others may read them."""
    waiting = Assignment.objects.filter(member=member, state=Assignment.State.OPEN, assigned_at__gte=since)
    rows = waiting.only("network", "priority", "assigned_at").order_by("assigned_at", "pk")[:MOST]
    with in_words_for(member):
        return [
            News(
                key=f"given {row.pk} {row.assigned_at:%Y%m%d%H%M%S%f}",
                subject=_subject(row),
                url=inside_address("engagement:assignment", row.pk),
            )
            for row in rows
        ]


def _subject(row: Assignment) -> str:
    said = {"network": label_of(row.network)}
    if row.priority == Priority.URGENT:
        return _("Urgent, and yours now: a mention on %(network)s") % said
    return _("Yours now: a mention on %(network)s") % said
