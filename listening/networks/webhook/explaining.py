"""What a mapping finds in a body, thing by thing, and what could be found there: for whoever writes one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from listening.networks.webhook.mapping import FIELDS, Unmapped, check_expression, read_body
from listening.networks.words import _

MOST_PATHS, DEEPEST, LONGEST_SHOWN = 80, 8, 120
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Found:
    """What one expression finds: a value, as it is shown, or what is wrong about it; `path` is the expression."""

    path: str
    value: str = ""
    problem: str = ""

    @property
    def is_missing(self) -> bool:
        """Whether nothing stands there, which is no mistake: not everything is said of everything."""
        return not self.value and not self.problem


def explain(body: bytes, mapping: Mapping[str, str]) -> dict[str, Found]:
    """Say of each thing what its expression finds in the first entry; nothing where the body is no JSON."""
    try:
        said = read_body(body)
    except Unmapped:
        return {}
    where = mapping.get("posts", "")
    found = {"posts": _entries(where, said)}
    item = first_entry(said, where)
    for name in FIELDS:
        if name != "posts" and mapping.get(name):
            found[name] = _thing(mapping[name], item)
    return found


def first_entry(said: Any, where: str) -> Any:
    """Return the first post of a body, or nothing."""
    found = _search(where, said) if where else said
    return (found[0] if found else None) if isinstance(found, list) else found


def paths_in(body: bytes, where: str) -> list[tuple[str, str]]:
    """Return what stands in the first entry: each path as an expression writes it, with its value."""
    try:
        item = first_entry(read_body(body), where)
    except Unmapped:
        return []
    paths = []
    for path, value in _walk(item, "", DEEPEST):
        paths.append((path, _cut(value)))
        if len(paths) == MOST_PATHS:
            break
    return paths


def _walk(value: Any, path: str, depth: int) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and depth:
        for name, inner in value.items():
            step = name if _PLAIN.fullmatch(name) else json.dumps(name)
            yield from _walk(inner, f"{path}.{step}" if path else step, depth - 1)
    elif isinstance(value, list) and value and depth:
        yield from _walk(value[0], f"{path}[0]", depth - 1)
    elif path and value is not None and not isinstance(value, (dict, list)):
        yield path, value


def _entries(where: str, said: Any) -> Found:
    try:
        check_expression(where)
    except Unmapped as problem:
        return Found(where, problem=str(problem))
    found = _search(where, said) if where else said
    if found is None:
        return Found(where, problem=_("There is nothing there."))
    number = len(found) if isinstance(found, list) else 1
    return Found(where, _("1 entry") if number == 1 else _("%(number)s entries", number=number))


def _thing(path: str, item: Any) -> Found:
    try:
        check_expression(path)
    except Unmapped as problem:
        return Found(path, problem=str(problem))
    value = _search(path, item)
    if value is None:
        return Found(path)
    if isinstance(value, (dict, list)):
        kind = _("a list") if isinstance(value, list) else _("an object")
        return Found(path, problem=_("There is %(kind)s; say which thing in it.", kind=kind))
    return Found(path, _cut(value))


def _search(path: str, said: Any) -> Any:
    try:
        return jmespath.search(path, said)
    except (JMESPathError, RecursionError):
        return None


def _cut(value: Any) -> str:
    text = json.dumps(value) if isinstance(value, bool) else str(value)
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"
