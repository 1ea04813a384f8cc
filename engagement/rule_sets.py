"""The routing rules as a set: what is kept of it after each change, and how two states of it differ, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement.models import RoutingRule
from engagement.models.rules import Priority
from engagement.phrases import named, names_for, sentence
from roles.wording import listed, quoted, spoken

Kept = Mapping[str, Any]
# The columns of a rule that people decide about, in the order in which a change is told.
FIELDS = (
    "name", "condition", "department", "member", "topic", "priority", "target", "response_minutes",
    "needs_approval", "saved_reply", "consult_question", "consult_member", "consult_department", "goes_on",
    "valid_from", "valid_until", "is_active",
)  # fmt: skip
ROWS = ("department", "member", "topic", "target", "saved_reply", "consult_member", "consult_department")
LABELS = {
    "name": gettext_lazy("name"),
    "condition": gettext_lazy("when"),
    "department": gettext_lazy("department"),
    "member": gettext_lazy("person"),
    "topic": gettext_lazy("topic"),
    "priority": gettext_lazy("priority"),
    "target": gettext_lazy("response target"),
    "response_minutes": gettext_lazy("time to answer"),
    "needs_approval": gettext_lazy("replies need approval"),
    "saved_reply": gettext_lazy("suggested saved reply"),
    "consult_question": gettext_lazy("question to the booth"),
    "consult_member": gettext_lazy("asked of"),
    "consult_department": gettext_lazy("asked of the booth of"),
    "goes_on": gettext_lazy("later rules are asked too"),
    "valid_from": gettext_lazy("valid from"),
    "valid_until": gettext_lazy("valid until"),
    "is_active": gettext_lazy("active"),
}


def kept(rules: Sequence[RoutingRule]) -> list[dict[str, Any]]:
    """What is kept of these rules, with what everything that they point to is called now; a few queries for all."""
    names = names_for(rule.condition for rule in rules)
    return [_one(rule, names) for rule in rules]


def _one(rule: RoutingRule, names: Mapping[tuple[str, int], str]) -> dict[str, Any]:
    found: dict[str, Any] = {"id": rule.pk}
    for name in FIELDS:
        if name in ROWS:
            row = getattr(rule, name)
            found[name] = {"id": row.pk, "name": str(row)} if row else None
        elif name == "condition":
            found[name] = named(rule.condition, names)
        else:
            value = getattr(rule, name)
            found[name] = value.isoformat() if isinstance(value, datetime) else value
    return found


def difference(before: Sequence[Kept], after: Sequence[Kept]) -> list[str]:
    """What became of the rules from one state to the other, each change as a sentence."""
    was, now = {rule["id"]: rule for rule in before}, {rule["id"]: rule for rule in after}
    said = [_("“%(name)s” was removed.") % rule for key, rule in was.items() if key not in now]
    said += [
        _("“%(name)s” was added: when %(when)s.") % {"name": rule["name"], "when": sentence(rule["condition"])}
        for key, rule in now.items()
        if key not in was
    ]
    for key in (key for key in now if key in was):
        said += _changes(was[key], now[key])
    stayed = [key for key in was if key in now]
    moved = [key for key in now if key in was]
    if stayed != moved:
        order = listed(quoted(now[key]["name"]) for key in now)
        said.append(_("The order is now: %(order)s.") % {"order": order})
    return said


def _changes(was: Kept, now: Kept) -> list[str]:
    found = []
    for name in FIELDS:
        before, after = value_in_words(name, was.get(name)), value_in_words(name, now.get(name))
        if before != after:
            words = {"rule": now["name"], "what": LABELS[name], "before": before, "after": after}
            found.append(_("“%(rule)s”, %(what)s: %(before)s → %(after)s.") % words)
    return found


def value_in_words(name: str, value: Any) -> str:
    """What a kept field says."""
    if name == "condition":
        return sentence(value or {"all": []})
    if value in (None, ""):
        return _("nothing")
    if isinstance(value, Mapping):
        return str(value["name"])
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name == "priority":
        return str(Priority(value).label).lower()
    if name == "response_minutes":
        return spoken(value)
    if name in {"valid_from", "valid_until"} and (moment := parse_datetime(value)):
        return date_format(localtime(moment), "DATETIME_FORMAT")
    return str(value)
