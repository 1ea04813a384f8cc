"""Say who knows what first-hand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from listening.models import Topic
from maturity.models import Expert, ExpertTopic
from roles.audit import record
from roles.models import Member
from roles.permissions import allowed

LONGEST = 300
MOST_HOURS = 200


@allowed("maturity.name_expert")
@transaction.atomic
def name_expert(
    member: Member, /, *, knows: str, topics: Iterable[Topic] = (), writes_well: bool = False,
    is_ambassador: bool = False, hours: Decimal = Decimal(0), by: Member | None, at: datetime,
) -> Expert:  # fmt: skip
    """Say what a member knows first-hand, of themselves or, as a coach, of somebody else; it replaces what was said."""
    knows, hours = " ".join(knows.split()), Decimal(hours or 0).quantize(Decimal("0.1"))
    if not knows or len(knows) > LONGEST:
        raise ValidationError({"knows": _("Say in at most %(n)s characters what it is.") % {"n": LONGEST}})
    if not 0 <= hours <= MOST_HOURS:
        raise ValidationError({"hours": _("A month has fewer hours to give.")})
    if not member.is_active:
        raise ValidationError(_("This member has left."))
    fresh = Expert(member=member, knows=knows, noted_at=at, noted_by=by)
    Expert.objects.bulk_create([fresh], ignore_conflicts=True)
    row = Expert.objects.select_for_update(of=("self",)).get(member=member)
    before = None if row.noted_at == at else _facts(row)
    row.knows, row.writes_well, row.is_ambassador, row.hours = knows, writes_well, is_ambassador, hours
    row.dropped_at = None
    row.save()
    wanted = {topic.pk: topic for topic in topics}
    row.topics.exclude(topic__in=wanted).delete()
    links = [ExpertTopic(expert=row, topic=topic) for topic in wanted.values()]
    ExpertTopic.objects.bulk_create(links, ignore_conflicts=True)
    if (after := _facts(row)) != before:
        record("name_expert", row, by=by, at=at, before=before, after=after)
    return row


@allowed("maturity.name_expert")
@transaction.atomic
def drop_expert(member: Member, /, *, by: Member | None, at: datetime) -> Expert | None:
    """Take somebody off the list; what was said of them is kept, should they come back to it."""
    row = Expert.objects.select_for_update(of=("self",)).filter(member=member, dropped_at=None).first()
    if row is not None:
        row.dropped_at = at
        row.save(update_fields=["dropped_at"])
        record("drop_expert", row, by=by, at=at)
    return row


def _facts(row: Expert) -> dict[str, Any]:
    return {
        "knows": row.knows,
        "topics": sorted(row.topics.values_list("topic__name", flat=True)),
        "writes_well": row.writes_well,
        "ambassador": row.is_ambassador,
        "hours": str(row.hours),
        "on_the_list": row.dropped_at is None,
    }
