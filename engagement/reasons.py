"""Why an assignment is here and why this person: parts as they were known at the time, and how to say them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from engagement.conditions import leaves
from engagement.models import RoutingRule
from engagement.models.joinings import Step
from engagement.phrases import sentence
from listening.languages import language_name
from roles.models import Member

Part = dict[str, Any]
SETTLED = {
    "topic": gettext_lazy("the topic"),
    "priority": gettext_lazy("the priority"),
    "target": gettext_lazy("the response target"),
    "approval": gettext_lazy("that replies need approval"),
    "department": gettext_lazy("the department"),
}


def rule_fits(rule: RoutingRule, condition: Mapping[str, Any]) -> Part:
    """A routing rule that decided, with the condition that it stated and what that named was called then."""
    part = {"kind": "rule", "id": rule.pk, "name": rule.name, "condition": condition}
    if rule.goes_on:
        part["sets"] = _sets(rule)
    return part


def _sets(rule: RoutingRule) -> list[str]:
    """What a rule that goes on has settled before the next is asked."""
    said = {
        "topic": rule.topic_id, "priority": rule.priority, "target": rule.response_minutes or rule.target_id,
        "approval": rule.needs_approval, "department": rule.department_id,
    }  # fmt: skip
    return [name for name, value in said.items() if value]


def triaged(by: Member | None) -> Part:
    """A gatherer sent it to the department."""
    return {"kind": "triaged", "by": str(by or "")}


def least_load(load: int, capacity: int) -> Part:
    """Of all who are there, this person had the least to do for what they can carry."""
    return {"kind": "least_load", "load": load, "capacity": capacity}


def named_by_rule(load: int, capacity: int) -> Part:
    """The rule names this person, who was there with room."""
    return {"kind": "named", "load": load, "capacity": capacity}


def known_to_author(load: int, capacity: int) -> Part:
    """This person spoke with the author lately."""
    return {"kind": "known", "load": load, "capacity": capacity}


def escalated(minutes: int) -> Part:
    """Nobody took it in time, so it became more urgent."""
    return {"kind": "escalated", "minutes": minutes}


def nobody(at: datetime) -> Part:
    """Nobody was there, or nobody had room."""
    return {"kind": "nobody", "at": at.isoformat()}


def returned(member: Member, why: str) -> Part:
    """It came back from someone who is away, has left, or has another position now."""
    return {"kind": "returned", "id": member.pk, "from": str(member), "why": why}


def who_gave_it_back(parts: Iterable[Mapping[str, Any]]) -> set[int]:
    """The keys of those who released it: it is not given to them again."""
    return {part["id"] for part in parts if part.get("kind") == "returned" and part["why"] == "released"}


def given(by: Member, to: object, note: str = "") -> Part:
    """A person gave it to this person or department."""
    return {"kind": "given", "by": str(by), "to": str(to), "note": note}


def reopened(by: Member | None) -> Part:
    """It was resolved and opened again."""
    return {"kind": "reopened", "by": str(by or "")}


def woken(on: str) -> Part:
    """It was put away until something happened, and that has happened."""
    return {"kind": "woken", "on": on}


def joined(by: Member, step: str) -> Part:
    """A person took part of their own accord."""
    return {"kind": "joined", "by": str(by), "step": step}


def followed_up(by: str) -> Part:
    """It was resolved, and somebody wanted to look again at this time."""
    return {"kind": "followed_up", "by": by}


def in_words(parts: Iterable[Mapping[str, Any]]) -> list[str]:
    """Say the parts in sentences, in their order."""
    return [sentence for part in parts if (sentence := _sentence(part))]


def _sentence(part: Mapping[str, Any]) -> str:
    kind = part.get("kind")
    if kind == "rule":
        return _rule(part)
    if kind == "least_load":
        words = ngettext(
            "Of all who are here, you had the least to do: %(load)s open assignment, with room for %(capacity)s.",
            "Of all who are here, you had the least to do: %(load)s open assignments, with room for %(capacity)s.",
            part["load"],
        )
        return " ".join([words % {"load": part["load"], "capacity": part["capacity"]}, *_narrowed(part)])
    if kind == "known":
        return _("You spoke with this author lately, and you were here with room.")
    if kind == "escalated":
        words = ngettext(
            "Nobody took it within %(minutes)s minute, so it became more urgent and the coaches on call were told.",
            "Nobody took it within %(minutes)s minutes, so it became more urgent and the coaches on call were told.",
            part["minutes"],
        )
        return words % part
    if kind == "named":
        return _("The rule names you, and you were here with room.")
    if kind == "triaged":
        said = _("%(by)s sent it here from the stream.") if part["by"] else _("It was sent here from the stream.")
        return said % part
    if kind == "given":
        said = _("%(by)s gave it to %(to)s.") % part
        return f"{said} “{part['note']}”" if part["note"] else said
    if kind == "returned":
        return _returned(part)
    if kind == "woken":
        return _woken(part)
    if kind == "followed_up":
        return _("%(by)s wanted to look again now.") % part
    if kind == "reopened":
        return _("%(by)s opened it again.") % part if part["by"] else _("It was opened again.")
    return _joined(part) if kind == "joined" else _nobody(part)


def _narrowed(part: Mapping[str, Any]) -> list[str]:
    """What the policy looked at before it compared loads, where that made a difference."""
    said = []
    if part.get("language"):
        said.append(_("You answer in %(language)s.") % {"language": language_name(part["language"])})
    if part.get("skill"):
        said.append(_("You know about “%(skill)s”.") % part)
    if part.get("seen"):
        said.append(_("You had been seen here a moment before."))
    if part.get("last_resort"):
        said.append(_("Nobody else was here with room, and you are on call."))
    if "share" in part:
        said.append(_("Of those, you were given the least in the last %(hours)s hours: %(share)s.") % part)
    return said


def _nobody(part: Mapping[str, Any]) -> str:
    return _("Nobody was there with room for it.") if part.get("kind") == "nobody" else ""


def _joined(part: Mapping[str, Any]) -> str:
    step = str(Step(part["step"]).label).lower() if part["step"] in Step.values else part["step"]
    return _("%(by)s joined this conversation: %(step)s.") % {"by": part["by"], "step": step}


def _rule(part: Mapping[str, Any]) -> str:
    condition = part.get("condition") or {"all": [_leaf(kept) for kept in part.get("conditions", ())]}
    sets = ", ".join(str(SETTLED[name]) for name in part.get("sets", ()) if name in SETTLED)
    if not any(leaves(condition)):
        said = _("The rule “%(name)s” takes everything.") % {"name": part["name"]}
    else:
        said = _("The rule “%(name)s” fits: %(how)s.") % {"name": part["name"], "how": sentence(condition)}
    return said if not sets else _("%(said)s It sets: %(sets)s.") % {"said": said, "sets": sets}


def _leaf(kept: Mapping[str, Any]) -> Part:
    """A condition in the form in which it was kept before conditions could be nested."""
    about = kept["on"]
    if about in {"query", "source", "topic"}:
        return {"field": about, "operator": "is", "value": kept.get("id", 0), "named": kept["is"]}
    return {"field": about, "operator": "say" if about == "words" else "is", "value": kept["is"]}


def _returned(part: Mapping[str, Any]) -> str:
    says = {
        "away": _("%(from)s had it and is away."),
        "left": _("%(from)s had it and has left."),
        "hours": _("%(from)s had it, and their hours ended."),
        "handed_over": _("%(from)s had it, and it was handed over."),
        "position": _("%(from)s had it and does not answer here any more."),
        "released": _("%(from)s gave it back."),
    }
    return says.get(part["why"], says["released"]) % part


def _woken(part: Mapping[str, Any]) -> str:
    says = {
        "author_writes": _("It is awake because the author wrote again."),
        "post_edited": _("It is awake because the post was edited."),
        "consult_answered": _("It is awake because the consult was answered."),
    }
    return says.get(part["on"], "")
