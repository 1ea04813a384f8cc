"""The grammar of conditions on a mention: a tree of `all`, `any` and `none` with leaves of field, operator and value.

Nothing here reads the database. `checked` takes a tree as somebody wrote it and returns it clean, or raises
`ConditionError` with the place that is wrong; `compiled` makes a function of it that is asked about `Facts`;
`failing` says which leaves stand in the way. How a tree reads as a sentence stands in `phrases.py`.

    {"all": [{"field": "topic", "operator": "is", "value": 7},
             {"any": [{"field": "sentiment", "operator": "is", "value": -1},
                      {"field": "words", "operator": "say", "value": "broken OR recall"}]}]}
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from listening.languages import CODES
from listening.matching import QueryError, parse

if TYPE_CHECKING:
    from engagement.facts import MentionFacts as Facts

Tree = Mapping[str, Any]
GROUPS = ("all", "any", "none")
EVERYTHING: Tree = {"all": []}
DEEPEST = 5
MOST_LEAVES = 60
LONGEST_WORDS = 1000


class ConditionError(ValueError):
    """A tree that cannot be read; `place` leads to what is wrong, as in `all.1.any.0`."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}" if place else reason)
        self.place, self.reason = place, reason


Asks = Callable[["Facts"], bool]


@dataclass(frozen=True)
class Field:
    """One thing that a mention has, and how it can be asked for."""

    kind: str  # row, choice, number, text, words, flag
    operators: tuple[str, ...]
    read: Callable[[Facts], Any]  # from what routing knows of a mention
    # For numbers: the least and the most that can be asked for, and whether parts of a whole make sense.
    least: float = 0
    most: float = 1_000_000
    is_whole: bool = True
    # For a choice that is the same everywhere.
    choices: Collection[Any] = field(default=())

    @property
    def is_number(self) -> bool:
        """Whether what is asked for is a number: of a row, on a scale, or of a choice that is numbered."""
        return self.kind in {"row", "number"} or isinstance(next(iter(self.choices), None), int)


CHOSEN, NUMBER, FLAG = ("is", "is_not"), ("at_least", "at_most"), ("is",)
TEXT = ("is", "is_not", "contains", "does_not_contain")
FIELDS: dict[str, Field] = {
    "query": Field("row", CHOSEN, lambda facts: facts.query_ids),
    "topic": Field("row", CHOSEN, lambda facts: facts.topic_id),
    "source": Field("row", CHOSEN, lambda facts: facts.source_id),
    "channel": Field("row", CHOSEN, lambda facts: facts.channel_id),
    "network": Field("choice", CHOSEN, lambda facts: facts.network),
    "language": Field("choice", CHOSEN, lambda facts: facts.language, choices=CODES),
    "sentiment": Field("choice", CHOSEN, lambda facts: facts.sentiment, choices=(-1, 0, 1)),
    "sentiment_score": Field("number", NUMBER, lambda facts: facts.sentiment_score, least=-1, most=1, is_whole=False),
    "relevance": Field("number", NUMBER, lambda facts: facts.relevance, most=1, is_whole=False),
    "words": Field("words", ("say", "do_not_say"), lambda facts: facts),
    "author_handle": Field("text", TEXT, lambda facts: facts.handle),
    "author_name": Field("text", TEXT, lambda facts: facts.author_name),
    # What is not known is neither much nor little.
    "followers": Field("number", NUMBER, lambda facts: facts.followers, most=10_000_000_000),
    "spoke_before": Field("flag", FLAG, lambda facts: facts.spoke_before),
    "internal": Field("flag", FLAG, lambda facts: facts.is_internal),
    "reply": Field("flag", FLAG, lambda facts: facts.is_reply),
    "media": Field("flag", FLAG, lambda facts: facts.has_media),
    "link": Field("flag", FLAG, lambda facts: facts.has_link),
    "hour": Field("number", NUMBER, lambda facts: facts.hour, most=23),
    "weekday": Field("choice", CHOSEN, lambda facts: facts.weekday, choices=range(1, 8)),
    "story_size": Field("number", NUMBER, lambda facts: facts.story_size, least=1),
    "warning": Field("flag", FLAG, lambda facts: facts.has_warning),
}


def all_of(**values: Any) -> dict[str, Any]:
    """The condition that all of these fields have these values, each asked with its first operator."""
    return {
        "all": [
            {"field": name, "operator": FIELDS[name].operators[0], "value": value} for name, value in values.items()
        ]
    }


def checked(tree: object) -> dict[str, Any]:
    """Return the tree clean, nothing in it that the grammar does not know; raises ConditionError with the place."""
    left = [MOST_LEAVES]
    if not isinstance(tree, Mapping) or not set(tree) & set(GROUPS):
        raise ConditionError("", _("A condition begins with a group: all, any or none."))
    return _group(tree, "", DEEPEST, left)


def _group(tree: Tree, place: str, depth: int, left: list[int]) -> dict[str, Any]:
    if len(tree) != 1:
        raise ConditionError(place, _("A group says one of all, any or none, and nothing else."))
    ((kind, parts),) = tree.items()
    here = f"{place}.{kind}" if place else str(kind)
    if depth == 0:
        raise ConditionError(here, _("Groups stand at most %(n)s deep in each other.") % {"n": DEEPEST})
    if not isinstance(parts, list):
        raise ConditionError(here, _("A group holds a list."))
    if not parts and (place or kind != "all"):
        raise ConditionError(here, _("This group is empty. Add a condition or remove the group."))
    found = []
    for number, part in enumerate(parts):
        at = f"{here}.{number}"
        if not isinstance(part, Mapping):
            raise ConditionError(at, _("This is neither a group nor a condition."))
        found.append(_group(part, at, depth - 1, left) if set(part) & set(GROUPS) else _leaf(part, at, left))
    return {str(kind): found}


def _leaf(leaf: Tree, place: str, left: list[int]) -> dict[str, Any]:
    left[0] -= 1
    if left[0] < 0:
        raise ConditionError(place, _("A rule has at most %(n)s conditions.") % {"n": MOST_LEAVES})
    if unknown := set(leaf) - {"field", "operator", "value"}:
        raise ConditionError(place, _("A condition has no “%(name)s”.") % {"name": min(map(str, unknown))})
    name = leaf.get("field")
    asked = FIELDS.get(name) if isinstance(name, str) else None
    if asked is None:
        raise ConditionError(place, _("There is nothing called “%(name)s” to ask for.") % {"name": name})
    operator = leaf.get("operator", asked.operators[0])
    if operator not in asked.operators:
        raise ConditionError(place, _("“%(name)s” cannot be asked with “%(how)s”.") % {"name": name, "how": operator})
    return {"field": name, "operator": operator, "value": _value(asked, leaf.get("value"), place)}


def _value(asked: Field, value: Any, place: str) -> Any:
    kind = asked.kind
    if kind == "flag":
        if not isinstance(value, bool):
            raise ConditionError(place, _("Say yes or no."))
        return value
    if value in (None, ""):
        raise ConditionError(place, _("Say what it asks for."))
    if kind in {"row", "number"}:
        return _number(asked, value, place)
    if kind == "choice":
        if (
            isinstance(value, bool)
            or not isinstance(value, (int, str))
            or (asked.choices and value not in asked.choices)
        ):
            raise ConditionError(place, _("“%(value)s” is not one of the choices.") % {"value": value})
        return value
    if not isinstance(value, str) or not (value := value.strip()):
        raise ConditionError(place, _("Say what it asks for."))
    if len(value) > LONGEST_WORDS:
        raise ConditionError(place, _("At most %(n)s characters.") % {"n": LONGEST_WORDS})
    if kind == "words":
        try:
            parse(value)
        except QueryError as problem:
            raise ConditionError(place, str(problem)) from problem
    return value


def _number(asked: Field, value: Any, place: str) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not isfinite(value):
        raise ConditionError(place, _("This is not a number."))
    if asked.kind == "row" or asked.is_whole:
        if value != int(value):
            raise ConditionError(place, _("Give a whole number."))
        value = int(value)
    if asked.kind == "number" and not asked.least <= value <= asked.most:
        span = {"least": asked.least, "most": asked.most}
        raise ConditionError(place, _("Give a number from %(least)s to %(most)s.") % span)
    return value


def leaves(tree: Tree) -> Iterator[Tree]:
    """Every leaf of a tree, in the order in which one reads it."""
    for part in next(iter(tree.values()), ()):
        if "field" in part:
            yield part
        else:
            yield from leaves(part)


def values_of(tree: Tree, *names: str) -> set[Any]:
    """What a tree asks for of these fields."""
    return {leaf["value"] for leaf in leaves(tree) if leaf["field"] in names}


def needed_query(tree: Tree) -> int | None:
    """The tracking query without which the tree cannot hold, where there is one."""
    ((kind, parts),) = tree.items()
    if kind == "none" or (kind == "any" and len(parts) != 1):
        return None
    for part in parts:
        if "field" not in part:
            found = needed_query(part)
        else:
            found = part["value"] if (part["field"], part["operator"]) == ("query", "is") else None
        if found is not None:
            return int(found)
    return None


def compiled(tree: Tree) -> Asks:
    """Return a function that says of a mention's facts whether the tree holds; the tree must have been checked."""
    ((kind, parts),) = tree.items()
    asks = [_asks(part) if "field" in part else compiled(part) for part in parts]
    if kind == "none":
        return lambda facts: not any(ask(facts) for ask in asks)
    if len(asks) == 1:
        return asks[0]
    if kind == "any":
        return lambda facts: any(ask(facts) for ask in asks)
    return lambda facts: all(ask(facts) for ask in asks)


def _asks(leaf: Tree) -> Asks:
    asked, operator, value = FIELDS[leaf["field"]], leaf["operator"], leaf["value"]
    read = asked.read
    if leaf["field"] == "query":
        return (lambda facts: value in facts.query_ids) if operator == "is" else lambda f: value not in f.query_ids
    if asked.kind == "words":
        return (lambda facts: facts.says(value)) if operator == "say" else lambda facts: not facts.says(value)
    if asked.kind == "text":
        return _asks_text(read, operator, _bare(value))
    match operator:
        case "is":
            return lambda facts: bool(read(facts) == value)
        case "is_not":
            return lambda facts: bool(read(facts) != value)
        case "at_least":
            return lambda facts: (found := read(facts)) is not None and found >= value
    return lambda facts: (found := read(facts)) is not None and found <= value


def _asks_text(read: Callable[[Facts], Any], operator: str, value: str) -> Asks:
    match operator:
        case "is":
            return lambda facts: _bare(read(facts)) == value
        case "is_not":
            return lambda facts: _bare(read(facts)) != value
        case "contains":
            return lambda facts: value in _bare(read(facts))
    return lambda facts: value not in _bare(read(facts))


def _bare(text: str) -> str:
    """A name as it is compared: `@Ada` is `ada`."""
    return text.strip().lstrip("@").casefold()


def failing(tree: Tree, facts: Facts) -> list[Tree]:
    """What keeps the tree from holding: leaves and groups, the smallest that say it all; empty where it holds."""
    ((kind, parts),) = tree.items()
    holds = [(_asks(part) if "field" in part else compiled(part))(facts) for part in parts]
    if kind == "none":
        return [{"none": [part]} for part, held in zip(parts, holds, strict=True) if held]
    if kind == "any":
        return [] if any(holds) else [tree]
    found: list[Tree] = []
    for part, held in zip(parts, holds, strict=True):
        if not held:
            found += [part] if "field" in part else failing(part, facts)
    return found
