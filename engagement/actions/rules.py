"""Write, order, switch and remove routing rules; a rule applies to what is captured from then on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from engagement.models import RoutingRule
from listening.languages import CODES
from listening.matching import QueryError, parse
from listening.networks import all_networks
from roles.audit import record
from roles.models import Department, Member, Organization
from roles.permissions import allowed, require

FIELDS = (
    "name", "query", "source", "network", "language", "sentiment", "topic", "words", "department", "priority",
    "response_minutes", "is_active",
)  # fmt: skip


@allowed("engagement.manage_rules")
@transaction.atomic
def add_rule(department: Department, /, *, name: str, by: Member | None, at: datetime, **fields: Any) -> RoutingRule:
    """Write a rule that sends to the department; it stands last until it is moved."""
    last = RoutingRule.objects.order_by("-position").values_list("position", flat=True).first()
    rule = RoutingRule(name=name, department=department, position=(last or 0) + 1, created_at=at)
    _set(rule, fields)
    rule.save()
    record("add_rule", rule, by=by, at=at, after=_facts(rule))
    return rule


@allowed("engagement.manage_rules")
@transaction.atomic
def change_rule(rule: RoutingRule, /, *, by: Member | None, at: datetime, **fields: Any) -> RoutingRule:
    """Change what a rule asks or does; to send to another department one must manage that one's rules too."""
    rule = RoutingRule.objects.select_for_update(of=("self",)).select_related("department").get(pk=rule.pk)
    before = _facts(rule)
    _set(rule, fields)
    if by is not None:
        require(by, "engagement.manage_rules", rule)
    if (after := _facts(rule)) != before:
        rule.save()
        record("change_rule", rule, by=by, at=at, before=before, after=after)
    return rule


@allowed("engagement.manage_rules")
def switch_rule(rule: RoutingRule, *, on: bool, by: Member | None, at: datetime) -> RoutingRule:
    """Switch a rule on or off."""
    return change_rule(rule, is_active=on, by=by, at=at)


@allowed("engagement.manage_rules")
@transaction.atomic
def remove_rule(rule: RoutingRule, *, by: Member | None, at: datetime) -> None:
    """Remove a rule; what it has routed stays where it is, with the reason kept."""
    record("remove_rule", rule, by=by, at=at, before=_facts(rule))
    rule.delete()


@allowed("engagement.manage_rules")
def move_rule(rule: RoutingRule, *, up: bool, by: Member | None, at: datetime) -> None:
    """Move a rule one place up or down in the order in which rules are asked."""
    keys = list(RoutingRule.objects.values_list("pk", flat=True))
    place = keys.index(rule.pk)
    other = place - 1 if up else place + 1
    if 0 <= other < len(keys):
        keys[place], keys[other] = keys[other], keys[place]
        _put_in_order(keys, moved=rule, by=by, at=at)


@allowed("engagement.manage_rules")
def order_rules(organization: Organization, *, keys: Sequence[int], by: Member | None, at: datetime) -> None:
    """Put all rules into this order; every rule must be named once."""
    if sorted(keys) != sorted(RoutingRule.objects.values_list("pk", flat=True)):
        raise ValidationError(
            {"order": _("Name every rule exactly once; the rules may have changed since you looked.")}
        )
    _put_in_order(keys, moved=None, by=by, at=at)


@transaction.atomic
def _put_in_order(keys: Sequence[int], *, moved: RoutingRule | None, by: Member | None, at: datetime) -> None:
    rules = {rule.pk: rule for rule in RoutingRule.objects.select_for_update().order_by("pk")}
    before = [rule.pk for rule in sorted(rules.values(), key=lambda rule: (rule.position, rule.pk))]
    changed = []
    for position, key in enumerate(keys, start=1):
        if key in rules and rules[key].position != position:
            rules[key].position = position
            changed.append(rules[key])
    RoutingRule.objects.bulk_update(changed, ["position"])
    verb = "move_rule" if moved else "order_rules"
    record(verb, moved, by=by, at=at, before={"order": before}, after={"order": list(keys)})


def _set(rule: RoutingRule, fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        if name not in FIELDS:
            raise TypeError(f"A rule has no {name!r}.")
        setattr(rule, name, value)
    rule.words = rule.words.strip()
    rule.full_clean(exclude=["created_at", "position"])
    if rule.network and rule.network not in {network.name for network in all_networks()}:
        raise ValidationError({"network": _("There is no network of this name.")})
    if rule.language and rule.language not in CODES:
        raise ValidationError({"language": _("There is no language with this code.")})
    if rule.words:
        try:
            parse(rule.words)
        except QueryError as problem:
            raise ValidationError({"words": str(problem)}) from problem
    if rule.response_minutes is not None and rule.response_minutes < 1:
        raise ValidationError({"response_minutes": _("At least one minute.")})


def _facts(rule: RoutingRule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "query": rule.query_id,
        "source": rule.source_id,
        "network": rule.network,
        "language": rule.language,
        "sentiment": rule.sentiment,
        "topic": rule.topic_id,
        "words": rule.words,
        "department": rule.department_id,
        "priority": rule.priority,
        "response_minutes": rule.response_minutes,
        "is_active": rule.is_active,
    }
