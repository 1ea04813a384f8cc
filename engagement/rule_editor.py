"""The editor of nested conditions: one form whose buttons add and remove groups and conditions, script or not.

Every part has an address: `0` is the whole, `0.2` its third part, `0.2.0` that one's first. A form says for each
address either `kind-` (of a group) or `field-`, `operator-` and `value-` (of a condition). What is half written stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engagement.conditions import DEEPEST, EVERYTHING, FIELDS, GROUPS, MOST_LEAVES, ConditionError, Tree, leaves
from engagement.phrases import ABOUT, CHOICES, OPERATORS, ROWS

ROOT = "0"


def read(said: Mapping[str, Any]) -> dict[str, Any]:
    """The tree that a form holds, however unfinished; the grammar checks it when it is saved."""
    children: dict[str, list[str]] = {}
    for name in said:
        kind, _dash, path = name.partition("-")
        if kind in {"kind", "field"} and path.startswith(f"{ROOT}.") and path.replace(".", "").isdecimal():
            children.setdefault(path.rpartition(".")[0], []).append(path)
    for paths in children.values():
        paths.sort(key=lambda path: int(path.rpartition(".")[2]))
    budget = [MOST_LEAVES * 3]
    return _group(said, ROOT, children, budget) if f"kind-{ROOT}" in said else dict(EVERYTHING)


def _group(said: Mapping[str, Any], path: str, children: Mapping[str, list[str]], budget: list[int]) -> dict[str, Any]:
    kind = said.get(f"kind-{path}")
    parts: list[Any] = []
    for child in children.get(path, ()):
        budget[0] -= 1
        if budget[0] < 0 or child.count(".") > DEEPEST:
            break
        parts.append(_leaf(said, child) if f"field-{child}" in said else _group(said, child, children, budget))
    return {kind if kind in GROUPS else "all": parts}


def _leaf(said: Mapping[str, Any], path: str) -> dict[str, Any]:
    name = said[f"field-{path}"]
    if name not in FIELDS:
        return {"field": "words", "operator": "say", "value": ""}
    operator = said.get(f"operator-{path}")
    value: Any = str(said.get(f"value-{path}", "")).strip()
    if FIELDS[name].kind == "flag":
        value = value != "no"
    elif FIELDS[name].is_number:
        value = _number(value)
    operators = FIELDS[name].operators
    return {"field": name, "operator": operator if operator in operators else operators[0], "value": value}


def _number(value: str) -> Any:
    """The number that was written; what is none stays as it was written, to be told."""
    for kind in (int, float):
        try:
            return kind(value)
        except ValueError:
            continue
    return value


def act(tree: dict[str, Any], do: str, said: Mapping[str, Any]) -> str:
    """Do what a button says, in place: `add:0.1`, `group:0`, `remove:0.1.2`; returns where one goes on."""
    verb, _colon, path = do.partition(":")
    try:
        steps = [int(step) for step in path.split(".")][1:]
        if verb == "remove":
            _at(tree, steps[:-1]).pop(steps[-1])
            return path.rpartition(".")[0]
        parts = _at(tree, steps)
    except (LookupError, ValueError, TypeError):  # the page was drawn from another state
        return ""
    if verb == "group" and len(steps) < DEEPEST - 1:
        parts.append({"any": []})
    elif verb == "add" and sum(1 for _leaf in leaves(tree)) < MOST_LEAVES:
        name = said.get(f"new-{path}")
        name = name if name in FIELDS else "words"
        parts.append({"field": name, "operator": FIELDS[name].operators[0], "value": FIELDS[name].kind == "flag" or ""})
    return f"{path}.{len(parts) - 1}"


def _at(tree: dict[str, Any], steps: list[int]) -> list[Any]:
    """The parts of the group at an address."""
    (parts,) = tree.values()
    for step in steps:
        node = parts[step]
        if "field" in node:
            raise TypeError
        (parts,) = node.values()
    found: list[Any] = parts
    return found


def place_of(problem: ConditionError) -> str:
    """The address of what a problem is about."""
    return ".".join([ROOT, *(step for step in problem.place.split(".") if step.isdecimal())])


def drawn(tree: Tree, *, problem: ConditionError | None = None, fresh: str = "") -> dict[str, Any]:
    """The tree as the page draws it: each part with its address, its choices, and what is wrong with it."""
    wrong = {place_of(problem): problem.reason} if problem else {}
    choices: dict[str, list[tuple[Any, str]]] = {}
    return _draw(tree, ROOT, choices, wrong, fresh)


def _draw(node: Tree, path: str, choices: dict[str, Any], wrong: Mapping[str, str], fresh: str) -> dict[str, Any]:
    same = {"path": path, "error": wrong.get(path, ""), "is_fresh": path == fresh, "is_root": path == ROOT}
    if "field" in node:
        name = node["field"]
        if name not in choices:
            choices[name] = _choices(name)
        return same | {
            "field": name,
            "label": ABOUT[name],
            "operators": [(operator, OPERATORS[operator]) for operator in FIELDS[name].operators],
            "operator": node["operator"],
            "control": "select" if choices[name] else FIELDS[name].kind,
            "choices": choices[name],
            "value": node["value"],
            "least": FIELDS[name].least,
            "most": FIELDS[name].most,
            "step": 1 if FIELDS[name].is_whole else "any",
        }
    ((kind, parts),) = node.items()
    return same | {
        "kind": kind,
        "parts": [_draw(part, f"{path}.{number}", choices, wrong, fresh) for number, part in enumerate(parts)],
        "may_group": path.count(".") < DEEPEST - 1,
        "fields": ABOUT.items(),
    }


def _choices(name: str) -> list[tuple[Any, str]]:
    if name in CHOICES:
        return CHOICES[name]()
    if name in ROWS:
        return sorted(((row.pk, str(row)) for row in ROWS[name].objects.all()), key=lambda pair: pair[1].casefold())
    return []
