"""What networks say to people is marked where it stands, so that it is gathered, translated and known again."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from listening.networks.protocols import NetworkError
from tests.architecture.sources import ROOT, named, sources, tree

NETWORKS = ROOT / "listening" / "networks"
MARK = "_"
PLACE = re.compile(r"%\((\w+)\)s")
# A sentence, wherever it stands.
SENTENCE = re.compile(r"^[“”\"(]?[A-Z…][\w’']* (.* )?\S+[.!?]$", re.DOTALL)
WORDS = re.compile(r"[^\W\d_]{2,}")
# What people read of these, though it is no sentence: the places of its arguments, and their names.
SAID_BY: dict[str, tuple[slice, set[str]]] = {
    "Asked": (slice(1, 3), {"label", "help"}),
    "Way": (slice(1, 2), {"label", "steps"}),
    "Offer": (slice(0, 0), {"about", "costs", "approval"}),
    "Price": (slice(0, 1), {"label"}),
    "RemotePost": (slice(0, 0), {"problems"}),
    "Page": (slice(0, 0), {"problems"}),
}
# Said to whoever sets up a server or writes an adapter.
TO_OPERATORS = ("FETCH_ALLOWED_PRIVATE_HOSTS: ",)
NOT_FOR_PEOPLE = {
    "RuntimeError",
    "TypeError",
    "UnknownNetwork",
    "debug",
    "info",
    "warning",
    "error",
    "exception",
    "compile",
}


def kinds_of(error: type) -> Iterator[type]:
    yield error
    for kind in error.__subclasses__():
        yield from kinds_of(kind)


def refusals() -> set[str]:
    """The names of the errors whose words people read."""
    ours = {kind.__name__ for kind in kinds_of(ValueError) if kind.__module__.startswith("listening.networks")}
    return {kind.__name__ for kind in kinds_of(NetworkError)} | ours | {"ValueError"}


def name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def bare(node: ast.AST) -> Iterator[tuple[int, str]]:
    """The texts in a piece of code that are not marked, each with what is filled in as one letter."""
    if isinstance(node, ast.Call) and name_of(node) in {MARK, *NOT_FOR_PEOPLE}:
        return
    if isinstance(node, ast.JoinedStr):
        yield node.lineno, "".join(part.value if isinstance(part, ast.Constant) else "X" for part in node.values)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.lineno, node.value
    else:
        for child in ast.iter_child_nodes(node):
            # A docstring is said to whoever reads the code.
            if not (isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)):
                yield from bare(child)


def said(call: ast.Call, errors: set[str]) -> Iterator[ast.expr]:
    """Those arguments of a call that people read."""
    name = name_of(call)
    if name in errors:
        yield from call.args
    if name in SAID_BY:
        places, names = SAID_BY[name]
        yield from call.args[places]
        yield from (word.value for word in call.keywords if word.arg in names)
    if name == "append" and isinstance(call.func, ast.Attribute) and "problem" in ast.unparse(call.func.value):
        yield from call.args


def unmarked(code: ast.Module, errors: set[str]) -> list[tuple[int, str]]:
    """What people read of a module and nobody can translate."""
    found = {(line, text) for line, text in bare(code) if SENTENCE.match(text)}
    for node in ast.walk(code):
        parts = list(said(node, errors)) if isinstance(node, ast.Call) else []
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "places":
            parts.append(node.value)
        found |= {(line, text) for part in parts for line, text in bare(part) if WORDS.search(text)}
    return sorted(one for one in found if not one[1].startswith(TO_OPERATORS))


def ours() -> list[Path]:
    return [path for path in sources() if NETWORKS in path.parents]


def test_no_words_of_a_network_escape_the_mark() -> None:
    errors = refusals()
    found = {named(path): words for path in ours() if (words := unmarked(tree(path), errors))}
    assert not found


def test_words_that_escape_the_mark_are_found() -> None:
    code = '''
"""Docstrings are sentences, too."""
places = "the name of the hill"
offer = Offer(about=_("Flags."), costs="Free.", ways=(Way("key", "With a flag", asked=(Asked("flag", "Flag"),)),))
def reply(host):
    problems.append(f"It has {host}")
    words = "The flag is torn."
    raise ValueError(f"{host} waves") if host else Unreachable(_("Fog at %(host)s.", host=host or "sea"))
'''
    found = [text for _line, text in unmarked(ast.parse(code), refusals())]
    assert found == ["the name of the hill", "Flag", "Free.", "With a flag", "It has X", "The flag is torn.", "X waves"]


def marks() -> Iterator[tuple[str, ast.Call]]:
    for path in ours():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == MARK:
                yield f"{named(path)}:{node.lineno}", node


def wrong_with(call: ast.Call) -> str:
    """What keeps a marked sentence from being gathered or known again; empty where nothing does."""
    text: Any = call.args[0] if len(call.args) == 1 else None
    if not isinstance(text, ast.Constant) or not isinstance(text.value, str) or not text.value.strip():
        return "one sentence, as it stands: what is put together before it is marked is gathered by nobody"
    filled = {word.arg for word in call.keywords}
    if filled != set(PLACE.findall(text.value)):
        return "places and values have the same names"
    rest = PLACE.sub("", text.value)
    if filled and "%" in rest.replace("%%", ""):
        return "places are %(name)s; a percent sign beside them stands twice"
    return ""


def test_what_is_marked_is_one_sentence_with_named_places() -> None:
    found = {where: wrong for where, call in marks() if (wrong := wrong_with(call))}
    assert not found
    assert len(list(marks())) > 400


def test_the_mark_is_nothing_else_where_something_is_marked() -> None:
    """`first, _, rest = text.partition(":")` would make of the mark a colon in all of that function."""
    given = {
        f"{named(path)}:{node.lineno}"
        for path in {NETWORKS.parents[1] / where.rpartition(":")[0] for where, _call in marks()}
        for node in ast.walk(tree(path))
        if (isinstance(node, ast.Name) and node.id == MARK and isinstance(node.ctx, ast.Store))
        or (isinstance(node, ast.arg) and node.arg == MARK)
    }
    assert not given


def test_marks_that_nobody_could_read_are_found() -> None:
    for code in (
        '_(f"{a} waves")',
        '_("%(a)s waves")',
        '_("%(a)s of %(b)d", a=1, b=2)',
        '_("100 % of %(a)s", a=1)',
        "_(x)",
    ):
        call = ast.parse(code, mode="eval").body
        assert isinstance(call, ast.Call) and wrong_with(call), code
    good = ast.parse('_("100 %% of %(a)s", a=1)', mode="eval").body
    assert isinstance(good, ast.Call) and not wrong_with(good)
