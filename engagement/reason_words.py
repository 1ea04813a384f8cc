"""How the reasons of an assignment read: to whoever has it as “you”, to all others with the name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from engagement.conditions import leaves
from engagement.models.joinings import Step
from engagement.models.rules import Priority
from engagement.phrases import sentence
from listening.languages import language_name
from roles.wording import listed, spoken

Part = Mapping[str, Any]
SETTLED = {
    "topic": gettext_lazy("the topic"),
    "priority": gettext_lazy("the priority"),
    "target": gettext_lazy("the response target"),
    "approval": gettext_lazy("that replies need approval"),
    "department": gettext_lazy("the department"),
}


@dataclass(frozen=True)
class Reader:
    """Who reads: a member's key, and what the others are called. Without names everything is said to “you”."""

    key: int | None = None
    names: Mapping[int, str] | None = None
    # Whom parts mean that were kept without a key.
    holder: int | None = None

    def name_in(self, part: Part) -> str | None:
        """What the person is called whom a part means; None where that is the one who reads."""
        who = part.get("who", self.holder)
        if self.names is None or (who is not None and who == self.key):
            return None
        return self.names.get(who or 0, _("whoever got it"))


YOU = Reader()


def in_words(parts: Iterable[Part], reader: Reader = YOU) -> list[str]:
    """Say the parts in sentences, in their order."""
    return [said for part in parts if (said := in_a_sentence(part, reader))]


def in_a_sentence(part: Part, reader: Reader = YOU) -> str:
    """Say one part; empty where it is of a kind that nobody knows any more."""
    say = _KINDS.get(part.get("kind", ""))
    return say(part, reader) if say else ""


def _least_load(part: Part, reader: Reader) -> str:
    numbers = {"load": part["load"], "capacity": part["capacity"]}
    if (name := reader.name_in(part)) is None:
        words = ngettext(
            "Of all who are here, you had the least to do: %(load)s open assignment, with room for %(capacity)s.",
            "Of all who are here, you had the least to do: %(load)s open assignments, with room for %(capacity)s.",
            part["load"],
        )
    else:
        words = ngettext(
            "Of all who were here, %(name)s had the least to do: %(load)s open assignment, with room for %(capacity)s.",
            "Of all who were here, %(name)s had the least to do: %(load)s open assignments, with room for"
            " %(capacity)s.",
            part["load"],
        )
    return " ".join([words % (numbers | {"name": name}), *_narrowed(part, name)])


def _narrowed(part: Part, name: str | None) -> list[str]:
    """What the policy looked at before it compared loads, where that made a difference."""
    values = {
        "name": capfirst(name or ""), "skill": part.get("skill", ""), "hours": part.get("hours"),
        "share": part.get("share"), "language": language_name(part["language"]) if part.get("language") else "",
    }  # fmt: skip
    phrases = {
        "language": (_("You answer in %(language)s."), _("%(name)s answers in %(language)s.")),
        "skill": (_("You know about “%(skill)s”."), _("%(name)s knows about “%(skill)s”.")),
        "seen": (_("You had been seen here a moment before."), _("%(name)s had been seen here a moment before.")),
        "last_resort": (
            _("Nobody else was here with room, and you are on call, or stand in for a coach who is."),
            _("Nobody else was here with room, and this person was on call, or stood in for a coach who was."),
        ),
    }
    said = [(you if name is None else other) % values for key, (you, other) in phrases.items() if part.get(key)]
    if "share" in part:
        you = _("Of those, you were given the least in the last %(hours)s hours: %(share)s.")
        other = _("Of those who were equal, this person was given the least in the last %(hours)s hours: %(share)s.")
        said.append((you if name is None else other) % values)
    return said


def _known(part: Part, reader: Reader) -> str:
    if (name := reader.name_in(part)) is None:
        return _("You spoke with this author lately, and you were here with room.")
    return _("%(name)s spoke with this author lately, and was here with room.") % {"name": capfirst(name)}


def _named(part: Part, reader: Reader) -> str:
    name = reader.name_in(part)
    if of := part.get("instead_of"):
        if name is None:
            return _("You stand in for %(of)s, who is away.") % {"of": of}
        return _("%(name)s stands in for %(of)s, who is away.") % {"name": name, "of": of}
    if name is None:
        return _("The rule names you, and you were here with room.")
    return _("The rule names %(name)s, who was here with room.") % {"name": name}


def _escalated(part: Part, reader: Reader) -> str:
    words = _("Nobody took it within %(time)s, so it became more urgent and the coaches on call were told.")
    return words % {"time": spoken(part["minutes"])}


def _rule(part: Part, reader: Reader) -> str:
    condition = part.get("condition") or {"all": [_leaf(kept) for kept in part.get("conditions", ())]}
    sets = listed(SETTLED[name] for name in part.get("sets", ()) if name in SETTLED)
    if not any(leaves(condition)):
        said = _("The rule “%(name)s” takes everything.") % {"name": part["name"]}
    else:
        said = _("The rule “%(name)s” fits: %(how)s.") % {"name": part["name"], "how": sentence(condition)}
    return said if not sets else _("%(said)s It sets: %(sets)s.") % {"said": said, "sets": sets}


def _leaf(kept: Part) -> dict[str, Any]:
    """A condition in the form in which it was kept before conditions could be nested."""
    about = kept["on"]
    if about in {"query", "source", "topic"}:
        return {"field": about, "operator": "is", "value": kept.get("id", 0), "named": kept["is"]}
    return {"field": about, "operator": "say" if about == "words" else "is", "value": kept["is"]}


def _suggested(part: Part, reader: Reader) -> str:
    return _("The rule suggests the saved reply “%(name)s”.") % part


def _asked(part: Part, reader: Reader) -> str:
    if part["who_was_asked"]:
        who = listed(part["who_was_asked"])
        return _("The rule asked %(who)s: “%(question)s”") % {"who": who, "question": part["question"]}
    return _("The rule has a question for %(of)s, who could not be asked: “%(question)s”") % part


def _grown(part: Part, reader: Reader) -> str:
    return _("Its story had grown to %(size)s tellings, so the rules were asked again.") % part


def _triaged(part: Part, reader: Reader) -> str:
    return (_("%(by)s sent it here from the stream.") if part["by"] else _("It was sent here from the stream.")) % part


def _given(part: Part, reader: Reader) -> str:
    said = _("%(by)s gave it to %(to)s.") % part
    return f"{said} “{part['note']}”" if part["note"] else said


def _prioritized(part: Part, reader: Reader) -> str:
    label = str(Priority(part["after"]).label).lower() if part["after"] in Priority.values else "?"
    return _("%(by)s said that it is %(priority)s.") % {"by": part["by"], "priority": label}


def _returned(part: Part, reader: Reader) -> str:
    says = {
        "away": _("%(from)s had it and is away."),
        "left": _("%(from)s had it and has left."),
        "hours": _("%(from)s had it, and their hours ended."),
        "handed_over": _("%(from)s had it, and it was handed over."),
        "position": _("%(from)s had it and does not answer here any more."),
        "released": _("%(from)s gave it back."),
    }
    return says.get(part["why"], says["released"]) % part


def _woken(part: Part, reader: Reader) -> str:
    says = {
        "author_writes": _("It is awake because the author wrote again."),
        "post_edited": _("It is awake because the post was edited."),
        "consult_answered": _("It is awake because the consult was answered."),
    }
    return says.get(part["on"], "")


def _followed_up(part: Part, reader: Reader) -> str:
    return _("%(by)s wanted to look again now.") % part


def _reopened(part: Part, reader: Reader) -> str:
    return _("%(by)s opened it again.") % part if part["by"] else _("It was opened again.")


def _joined(part: Part, reader: Reader) -> str:
    step = str(Step(part["step"]).label).lower() if part["step"] in Step.values else part["step"]
    return _("%(by)s joined this conversation: %(step)s.") % {"by": part["by"], "step": step}


def _nobody(part: Part, reader: Reader) -> str:
    return _("Nobody was there with room for it.")


_KINDS: dict[str, Callable[[Part, Reader], str]] = {
    "rule": _rule, "suggested": _suggested, "asked": _asked, "grown": _grown, "triaged": _triaged, "given": _given,
    "least_load": _least_load, "known": _known, "named": _named, "escalated": _escalated,
    "prioritized": _prioritized, "returned": _returned, "woken": _woken, "followed_up": _followed_up,
    "reopened": _reopened, "joined": _joined, "nobody": _nobody,
}  # fmt: skip
