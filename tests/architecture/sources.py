"""Reads our own modules: their files, their syntax, and which functions lead to which."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, TypeVar

ROOT = Path(__file__).resolve().parents[2]
Node = TypeVar("Node", bound=ast.AST)
OURS = ("config", "maturity", "measurement", "content", "engagement", "listening", "roles")


@cache
def sources() -> tuple[Path, ...]:
    """Every module of ours but migrations."""
    return tuple(path for app in OURS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts)


@cache
def tree(path: Path) -> ast.Module:
    """The syntax of a module."""
    return ast.parse(path.read_text())


@cache
def _by_kind(path: Path) -> dict[type[ast.AST], list[ast.AST]]:
    found: dict[type[ast.AST], list[ast.AST]] = {}
    for node in ast.walk(tree(path)):
        found.setdefault(type(node), []).append(node)
    return found


def each(path: Path, *kinds: type[Node]) -> list[Node]:
    """Every node of these kinds in a module, which is gone through once for all who ask."""
    return [node for kind in kinds for node in _by_kind(path).get(kind, ())]  # type: ignore[misc]


def named(path: Path) -> str:
    """The module's place in the tree, for people."""
    return str(path.relative_to(ROOT))


def module(path: Path) -> ModuleType:
    """The module itself."""
    return import_module(named(path).removesuffix(".py").removesuffix("/__init__").replace("/", "."))


def is_action(path: Path) -> bool:
    """Whether a module holds actions, which alone write."""
    return "actions" in path.parts or path.name == "actions.py"


def is_door(path: Path) -> bool:
    """Whether people, programs or workers come in by a module: pages, forms, the API, tasks, receivers."""
    return not is_action(path) and (
        bool({"views", "api", "templatetags"} & set(path.parts))
        or path.name in {"views.py", "api.py", "tasks.py", "receivers.py", "urls.py"}
        or path.name.endswith("forms.py")
    )


def functions(path: Path) -> Iterator[tuple[str, Any]]:
    """The public functions that a module defines."""
    here = module(path)
    for node in tree(path).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield f"{named(path)}:{node.name}", getattr(here, node.name)


def reached_from(function: Any) -> set[str]:
    """The names of all functions of ours that a function leads to, itself among them."""
    found: set[FunctionType] = set()
    waiting = _itself_and_what_it_wraps(function)
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += _called_by(one)
    return {one.__name__ for one in found}


def _itself_and_what_it_wraps(function: Any) -> list[FunctionType]:
    both = (function, inspect.unwrap(function))
    return [one for one in both if isinstance(one, FunctionType) and one.__module__.split(".")[0] in OURS]


def _called_by(function: FunctionType) -> Iterator[FunctionType]:
    names = set(_names(function.__code__))
    for name in names:
        there = function.__globals__.get(name)
        is_ours = isinstance(there, ModuleType) and there.__name__.split(".")[0] in OURS
        for candidate in [getattr(there, other, None) for other in names] if is_ours else [there]:
            if callable(candidate):
                yield from _itself_and_what_it_wraps(candidate)


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
