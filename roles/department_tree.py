"""Departments in the order in which they are read: each followed by its parts."""

from __future__ import annotations

from collections.abc import Iterable

from roles.models import Department


def in_tree(departments: Iterable[Department]) -> list[Department]:
    """Return the departments, each followed by its parts, with its `depth`; the order among equals stays."""
    rows = list(departments)
    known = {row.pk for row in rows}
    parts: dict[int | None, list[Department]] = {}
    for row in rows:
        parts.setdefault(row.parent_id if row.parent_id in known else None, []).append(row)
    found: list[Department] = []
    waiting = [(row, 0) for row in reversed(parts.get(None, []))]
    while waiting:
        row, row.depth = waiting.pop()  # type: ignore[attr-defined]
        found.append(row)
        waiting += [(part, row.depth + 1) for part in reversed(parts.get(row.pk, []))]  # type: ignore[attr-defined]
    return found
