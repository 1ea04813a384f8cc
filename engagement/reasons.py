"""Why an assignment is here and why this person: parts as they were known at the time; `reason_words` says them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from engagement.models import RoutingRule, SavedReply
from roles.models import Member

Part = dict[str, Any]


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


def suggested(saved_reply: SavedReply) -> Part:
    """A rule named this saved reply."""
    return {"kind": "suggested", "id": saved_reply.pk, "name": saved_reply.title}


def asked(of: object, question: str, who: Iterable[Member]) -> Part:
    """A rule put a question to the booth: to these people, or to nobody where none of them could be asked."""
    return {"kind": "asked", "of": str(of), "question": question, "who_was_asked": [str(member) for member in who]}


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


def grown(size: int) -> Part:
    """Its story was told more often than before, so the rules were asked again."""
    return {"kind": "grown", "size": size}


def prioritized(by: Member, before: int, after: int) -> Part:
    """A person said that it is more, or less, urgent."""
    return {"kind": "prioritized", "by": str(by), "before": before, "after": after}


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
