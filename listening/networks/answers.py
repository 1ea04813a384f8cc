"""What answers in JSON say, read one by one: whatever is missing, or was put in a wrong place, is nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from listening.networks.http import Answer
from listening.networks.protocols import Unreadable
from listening.networks.words import _

Said = Mapping[str, Any]
_NOTHING: Said = {}


def json_of(answer: Answer) -> Any:
    """Return what an answer says; raise Unreadable where it is no JSON."""
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise Unreadable(_("The server answered with something that is not JSON.")) from error


def object_of(answer: Answer) -> Said:
    """Return the object that an answer is; raise Unreadable where it is none."""
    told = json_of(answer)
    if not isinstance(told, dict):
        raise Unreadable(_("The server answered with something else than was asked for."))
    return told


def told_in(answer: Answer) -> Said:
    """Return the object that an answer is, nothing where it is none: what refuses need not say why."""
    try:
        return object_of(answer)
    except Unreadable:
        return _NOTHING


def quoted(words: str) -> str:
    """Return a server's own words as a sentence ends with them; where there are none it just ends."""
    return f": “{words.rstrip('.')}”." if words else "."


def word(said: Said, key: str) -> str:
    """Return a text or a number as text; anything else was put there by mistake."""
    value = said.get(key)
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return ""
    return str(value)


def part(said: Said, key: str) -> Said:
    """Return an object within an object, empty where there is none."""
    value = said.get(key)
    return value if isinstance(value, dict) else _NOTHING


def parts(said: Said, key: str) -> list[Said]:
    """Return the objects of a list within an object."""
    return objects(said.get(key))


def listed(said: Said, key: str) -> list[Said]:
    """Return the objects of a list that must be there, for what is not on it is gone; else raise Unreadable."""
    if not isinstance(said.get(key), list):
        raise Unreadable(_("The server answered with something else than was asked for."))
    return objects(said[key])


def objects(said: Any) -> list[Said]:
    """Return the objects of a list; what is none of both is left out."""
    return [item for item in said if isinstance(item, dict)] if isinstance(said, list) else []


def number(said: Said, key: str) -> int | None:
    """Return a count, or None where the server tells none (-1 is said by some that hide it)."""
    value = said.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def moment(said: Said, key: str) -> datetime | None:
    """Return a time in UTC, or None."""
    try:
        found = datetime.fromisoformat(word(said, key))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
