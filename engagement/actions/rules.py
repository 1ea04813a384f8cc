"""Write, order, switch and remove routing rules; a rule applies to what is captured from then on.

Every change keeps a version of the whole set, by which it can be read and gone back to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from engagement.conditions import ConditionError, checked, values_of
from engagement.models import ResponseTarget, RoutingRule, RuleSetVersion, RuleSubject, SavedReply
from engagement.phrases import ROWS
from engagement.querysets import hold_lock
from engagement.refusals import Stale
from engagement.rule_sets import FIELDS, kept
from listening import networks
from roles.audit import record
from roles.models import Department, Member, Organization
from roles.permissions import allowed, decide, require

LONGEST = 60 * 24 * 365


@allowed("engagement.manage_rules")
@transaction.atomic
def add_rule(
    where: Department | Organization, /, *, name: str, by: Member | None, at: datetime, **fields: Any
) -> RoutingRule:
    """Write a rule that sends to a department, or settles something for all of them; it stands last."""
    hold_lock()
    last = RoutingRule.objects.order_by("-position").values_list("position", flat=True).first()
    department = where if isinstance(where, Department) else None
    rule = RoutingRule(name=name, department=department, position=(last or 0) + 1, created_at=at)
    _set(rule, fields, by=by)
    rule.save()
    _write_subjects(rule)
    record("add_rule", rule, by=by, at=at, after=_facts(rule))
    keep_version("add_rule", rule.name, by=by, at=at)
    return rule


@allowed("engagement.manage_rules")
@transaction.atomic
def change_rule(rule: RoutingRule, /, *, by: Member | None, at: datetime, **fields: Any) -> RoutingRule:
    """Change what a rule asks or does; to send to another department one must manage that one's rules too."""
    hold_lock()
    rule = RoutingRule.objects.with_names().get(pk=rule.pk)
    before = _facts(rule)
    _set(rule, fields, by=by)
    if (after := _facts(rule)) != before:
        rule.save()
        _write_subjects(rule)
        record("change_rule", rule, by=by, at=at, before=before, after=after)
        keep_version("change_rule", rule.name, by=by, at=at)
    return rule


@allowed("engagement.manage_rules")
def switch_rule(rule: RoutingRule, *, on: bool, by: Member | None, at: datetime) -> RoutingRule:
    """Switch a rule on or off."""
    return change_rule(rule, is_active=on, by=by, at=at)


@allowed("engagement.manage_rules")
@transaction.atomic
def remove_rule(rule: RoutingRule, *, by: Member | None, at: datetime) -> None:
    """Remove a rule; what it has routed stays where it is, with the reason kept."""
    hold_lock()
    record("remove_rule", rule, by=by, at=at, before=_facts(rule))
    name = rule.name
    rule.delete()
    keep_version("remove_rule", name, by=by, at=at)


@allowed("engagement.manage_rules")
def move_rule(rule: RoutingRule, *, up: bool, by: Member | None, at: datetime) -> None:
    """Move a rule one place up or down in the order in which rules are asked."""
    keys = list(RoutingRule.objects.in_order().values_list("pk", flat=True))
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
    hold_lock()
    rules = {rule.pk: rule for rule in RoutingRule.objects.order_by("pk")}
    before = [rule.pk for rule in sorted(rules.values(), key=lambda rule: (rule.position, rule.pk))]
    changed = []
    for position, key in enumerate(keys, start=1):
        if key in rules and rules[key].position != position:
            rules[key].position = position
            changed.append(rules[key])
    RoutingRule.objects.bulk_update(changed, ["position"])
    verb = "move_rule" if moved else "order_rules"
    record(verb, moved, by=by, at=at, before={"order": before}, after={"order": list(keys)})
    keep_version(verb, moved.name if moved else "", by=by, at=at)


@allowed("engagement.manage_rules")
@transaction.atomic
def restore_rules(
    organization: Organization, *, version: RuleSetVersion, newest: int | None = None, by: Member | None, at: datetime
) -> None:
    """Make the rules what they were after a change; those that came since go, those that went come back.

    Raises Stale where the set is not the `newest` that the person saw.
    """
    hold_lock()
    now = RuleSetVersion.objects.order_by("-number").values_list("number", flat=True).first()
    if newest is not None and now != newest:
        raise Stale(_("The rules have changed since you opened this. Look again, then decide."))
    there = {rule.pk: rule for rule in RoutingRule.objects.all()}
    wanted: dict[int, Mapping[str, Any]] = {rule["id"]: rule for rule in version.rules}
    for key, rule in there.items():
        if key not in wanted:
            rule.delete()
    for position, (key, fields) in enumerate(wanted.items(), start=1):
        rule = there.get(key) or RoutingRule(pk=key, created_at=at)
        rule.position = position
        _set(rule, _as_fields(fields), by=by)
        rule.save(force_insert=key not in there)
        _write_subjects(rule)
    record("restore_rules", None, by=by, at=at, before={"version": now}, after={"version": version.number})
    keep_version("restore_rules", str(version.number), by=by, at=at)


@transaction.atomic
def name_another(
    rules: Sequence[RoutingRule], member: Member, *, to: Member | None, by: Member | None, at: datetime
) -> int:
    """Have rules name another person instead of a member, or nobody; whoever hands over has decided it."""
    hold_lock()
    for rule in RoutingRule.objects.with_names().filter(pk__in=[rule.pk for rule in rules]):
        before = _facts(rule)
        if rule.member_id == member.pk:
            rule.member = to
        if rule.consult_member_id == member.pk:
            rule.consult_member = to
            # A question that would be put to nobody is not put.
            rule.consult_question = rule.consult_question if to else ""
        if rule.member is not None:
            _may_answer(rule, rule.member)
        _asks_somebody(rule)
        rule.save()
        record("change_rule", rule, by=by, at=at, before=before, after=_facts(rule))
    if rules:
        keep_version("change_rule", rules[0].name, by=by, at=at)
    return len(rules)


def keep_version(verb: str, subject: str, *, by: Member | None, at: datetime) -> None:
    """Keep the whole set as it is now; inside the transaction of the change, which holds the organization's lock."""
    last = RuleSetVersion.objects.order_by("-number").values_list("number", flat=True).first()
    rules = list(RoutingRule.objects.with_names().in_order())
    RuleSetVersion.objects.create(
        number=(last or 0) + 1, made_at=at, by=by, verb=verb, subject=subject[:120], rules=kept(rules)
    )


def _as_fields(said: Mapping[str, Any]) -> dict[str, Any]:
    """What a kept rule says, as columns; a row that is gone is said by name."""
    fields: dict[str, Any] = {name: said.get(name) for name in FIELDS}
    fields["consult_question"] = fields["consult_question"] or ""
    tables: dict[str, Any] = {
        "department": Department, "member": Member, "topic": ROWS["topic"], "target": ResponseTarget,
        "saved_reply": SavedReply, "consult_member": Member, "consult_department": Department,
    }  # fmt: skip
    for name, rows in tables.items():
        was = fields[name]
        fields[name] = rows.objects.filter(pk=was["id"]).first() if was else None
        if was and fields[name] is None:
            raise ValidationError(
                _("The rule “%(rule)s” names “%(name)s”, which is gone.") % {"rule": said["name"], "name": was["name"]}
            )
    fields["condition"] = _without_names(fields["condition"])
    for name in ("valid_from", "valid_until"):
        fields[name] = datetime.fromisoformat(fields[name]) if fields[name] else None
    return fields


def _without_names(tree: Mapping[str, Any]) -> dict[str, Any]:
    ((kind, parts),) = tree.items()
    return {
        kind: [
            {name: value for name, value in part.items() if name != "named"}
            if "field" in part
            else _without_names(part)
            for part in parts
        ]
    }


def _set(rule: RoutingRule, fields: Mapping[str, Any], *, by: Member | None) -> None:
    for name, value in fields.items():
        if name not in FIELDS:
            raise TypeError(f"A rule has no {name!r}.")
        setattr(rule, name, value)
    try:
        rule.condition = checked(rule.condition)
    except ConditionError as problem:
        raise ValidationError({"condition": str(problem)}) from problem
    rule.full_clean(exclude=["created_at", "position", "id"])
    _names_what_is_there(rule)
    if rule.response_minutes is not None and not 1 <= rule.response_minutes <= LONGEST:
        raise ValidationError({"response_minutes": _("At least one minute, at most a year.")})
    if rule.member is not None:
        _may_answer(rule, rule.member)
    _asks_somebody(rule)
    if by is not None:
        require(by, "engagement.manage_rules", rule)


def _names_what_is_there(rule: RoutingRule) -> None:
    for kind, rows in ROWS.items():
        keys = values_of(rule.condition, kind)
        if keys and rows.objects.filter(pk__in=keys).count() < len(keys):
            raise ValidationError({"condition": _("It asks for a %(kind)s that is not there.") % {"kind": kind}})
    if unknown := values_of(rule.condition, "network") - dict(networks.choices()).keys():
        raise ValidationError({"condition": _("There is no network called “%(name)s”.") % {"name": min(unknown)}})


def _may_answer(rule: RoutingRule, member: Member) -> None:
    if rule.department is None:
        raise ValidationError({"member": _("A person is named together with a department.")})
    if not member.is_active or not member.holds("engagement.claim", rule.department.pk):
        raise ValidationError({"member": _("%(name)s does not answer in this department.") % {"name": member}})


def _asks_somebody(rule: RoutingRule) -> None:
    rule.consult_question = rule.consult_question.strip()
    if rule.consult_member is not None and rule.consult_department is not None:
        raise ValidationError({"consult_member": _("Ask a person, or the booth of a department.")})
    if rule.consult_question and rule.asked_of is None:
        raise ValidationError({"consult_member": _("Say who is asked.")})
    if not rule.consult_question and (rule.consult_member or rule.consult_department):
        raise ValidationError({"consult_question": _("Write what you want to know.")})
    if rule.consult_member is not None and not decide(rule.consult_member, "engagement.answer_consult"):
        raise ValidationError({"consult_member": _("%(name)s cannot be asked.") % {"name": rule.consult_member}})


def _write_subjects(rule: RoutingRule) -> None:
    """Keep what the condition names from being removed."""
    wanted = {(kind, key) for kind in ROWS for key in values_of(rule.condition, kind)}
    rule.subjects.all().delete()
    RuleSubject.objects.bulk_create(RuleSubject(rule=rule, **{f"{kind}_id": key}) for kind, key in sorted(wanted))


def _facts(rule: RoutingRule) -> dict[str, Any]:
    (facts,) = kept([rule])
    return facts
