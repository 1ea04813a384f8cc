"""How long what was heard is kept: the owner says."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from listening.models import RetentionRule
from listening.retention import DEFAULT_DAYS
from roles.audit import record
from roles.models import Member, Organization
from roles.permissions import allowed
from roles.wording import listed

SHORTEST, LONGEST = 7, 36_500


@allowed("listening.manage_retention")
@transaction.atomic
def set_retention(
    organization: Organization, *, kind: str, days: int | None, by: Member | None, at: datetime
) -> RetentionRule:
    """Say how many days a kind is kept, or for ever; what is older goes with the next clean-up."""
    if kind not in RetentionRule.Kind.values:
        kinds = listed(RetentionRule.Kind.values)
        raise ValidationError({"kind": _("There is no such kind. Kinds are %(kinds)s.") % {"kinds": kinds}})
    if days is not None and not SHORTEST <= days <= LONGEST:
        message = _("Keep it for %(least)d to %(most)d days, or for ever.")
        raise ValidationError({"days": message % {"least": SHORTEST, "most": LONGEST}})
    RetentionRule.objects.bulk_create([RetentionRule(kind=kind, days=DEFAULT_DAYS[kind])], ignore_conflicts=True)
    rule = RetentionRule.objects.select_for_update().get(kind=kind)
    if rule.days == days:
        return rule
    before, rule.days = rule.days, days
    rule.walked_to, rule.next_walk_at = 0, None
    rule.save(update_fields=["days", "walked_to", "next_walk_at"])
    record("set_retention", rule, by=by, at=at, before={"days": before}, after={"days": days})
    return rule
