"""Why an assignment is here and why this person: parts as they were known at the time, and how to say them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from engagement.models import RoutingRule
from listening.languages import language_name
from listening.models import Mention
from roles.models import Member

Part = dict[str, Any]


def rule_fits(rule: RoutingRule) -> Part:
    """The routing rule that decided, with the conditions that it stated."""
    conditions: list[Part] = []
    if rule.query is not None:
        conditions.append({"on": "query", "id": rule.query.pk, "is": rule.query.name})
    if rule.source is not None:
        conditions.append({"on": "source", "id": rule.source.pk, "is": str(rule.source)})
    if rule.network:
        conditions.append({"on": "network", "is": rule.network})
    if rule.language:
        conditions.append({"on": "language", "is": rule.language})
    if rule.sentiment is not None:
        conditions.append({"on": "sentiment", "is": rule.sentiment})
    if rule.topic is not None:
        conditions.append({"on": "topic", "id": rule.topic.pk, "is": rule.topic.name})
    if rule.words:
        conditions.append({"on": "words", "is": rule.words})
    return {"kind": "rule", "id": rule.pk, "name": rule.name, "conditions": conditions}


def triaged(by: Member | None) -> Part:
    """A gatherer sent it to the department."""
    return {"kind": "triaged", "by": str(by or "")}


def least_load(load: int, capacity: int) -> Part:
    """Of all who are there, this person had the least to do for what they can carry."""
    return {"kind": "least_load", "load": load, "capacity": capacity}


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
        return words % {"load": part["load"], "capacity": part["capacity"]}
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
    return _("Nobody was there with room for it.") if kind == "nobody" else ""


def _rule(part: Mapping[str, Any]) -> str:
    says = {
        "query": _("it matches “%(is)s”"),
        "source": _("it comes from “%(is)s”"),
        "network": _("it was said on the network “%(is)s”"),
        "language": _("it is written in %(is)s"),
        "sentiment": _("it sounds %(is)s"),
        "topic": _("it is about “%(is)s”"),
        "words": _("it says “%(is)s”"),
    }
    conditions = [says[condition["on"]] % {"is": _value(condition)} for condition in part["conditions"]]
    if not conditions:
        return _("The rule “%(name)s” takes everything.") % part
    return _("The rule “%(name)s” fits: %(conditions)s.") % {"name": part["name"], "conditions": ", ".join(conditions)}


def _value(condition: Mapping[str, Any]) -> str:
    """What a condition asks for, as people say it."""
    match condition["on"]:
        case "language":
            return language_name(condition["is"])
        case "sentiment":
            return str(Mention.Sentiment(condition["is"]).label).lower()
    return str(condition["is"])


def _returned(part: Mapping[str, Any]) -> str:
    says = {
        "away": _("%(from)s had it and is away."),
        "left": _("%(from)s had it and has left."),
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
