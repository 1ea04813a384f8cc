"""Who is asked to read the guidelines, and what each has not said yes to."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Max

from maturity.models import Acknowledgement, GuidelineSection, ReadingReminder
from roles.models import Member


@dataclass
class Reader:
    """Somebody who is asked for a yes: to what they have not given it, when they last did, how often reminded."""

    member: Member
    missing: list[GuidelineSection] = field(default_factory=list)
    said_at: datetime | None = None
    reminder: ReadingReminder | None = None


def readers() -> list[Reader]:
    """Everybody who is asked, those who miss most first; four statements, however many there are."""
    sections = list(GuidelineSection.objects.in_force().in_order())
    said: defaultdict[int, set[int]] = defaultdict(set)
    for member, section in Acknowledgement.objects.that_count().values_list("member", "version__section"):
        said[member].add(section)
    last = dict(Acknowledgement.objects.order_by().values_list("member").annotate(Max("acknowledged_at")))
    reminders = {row.member_id: row for row in ReadingReminder.objects.all()}
    found = [
        Reader(
            member,
            [section for section in sections if section.pk not in said[member.pk]],
            last.get(member.pk),
            reminders.get(member.pk),
        )
        for member in Member.objects.who_may("maturity.acknowledge").select_related("user").by_name()
    ]
    return sorted(found, key=lambda reader: -len(reader.missing))
