"""Choose whose voices are compared."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from listening.models import TrackingQuery
from measurement.models import Voice
from roles.audit import record
from roles.models import Member, Organization
from roles.permissions import allowed

MOST = 20


@allowed("measurement.compare_voices")
@transaction.atomic
def compare_voices(
    organization: Organization,
    /,
    *,
    ours: Sequence[TrackingQuery],
    theirs: Sequence[TrackingQuery],
    by: Member | None,
    at: datetime,
) -> None:
    """Say which queries stand for us and which for competitors; what is not named is not compared."""
    wanted = {query.pk: False for query in theirs} | {query.pk: True for query in ours}
    if {query.pk for query in ours} & {query.pk for query in theirs}:
        raise ValidationError(_("A query stands for us or for a competitor, not for both."))
    if len(wanted) > MOST:
        raise ValidationError(_("At most %(n)s queries can be compared.") % {"n": MOST})
    if wanted and not (ours and theirs):
        raise ValidationError(_("A comparison needs at least one query of each side."))
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    before = dict(Voice.objects.values_list("query", "is_ours"))
    if before == wanted:
        return
    Voice.objects.exclude(query__in=list(wanted)).delete()
    for query, is_ours in wanted.items():
        Voice.objects.update_or_create(query_id=query, defaults={"is_ours": is_ours})
    said = [{"ours": sorted(key for key, mine in row.items() if mine), "theirs": sorted(
        key for key, mine in row.items() if not mine)} for row in (before, wanted)]  # fmt: skip
    record("compare_voices", organization, by=by, at=at, before=said[0], after=said[1])
