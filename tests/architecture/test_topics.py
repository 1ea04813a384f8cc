"""Open pages are told where to look again, and nothing that no page follows: each message wakes every page there is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from engagement.present import subject_of
from listening.threads import topic_of
from tests.architecture.sources import named, sources, tree
from tests.architecture.test_templates import DJANGO, PAGES, markup

# Under these names views hand topics to a template, and these functions name them.
HANDED_ON = {"live", "presence_topic"}
NAMED_BY = {"subject_of": subject_of(7), "topic_of": topic_of("", "")}


def words(node: ast.AST) -> Iterator[str]:
    """The topics in an expression; of one that ends in a key, such as “piece:7”, what stands before the key."""
    for one in ast.walk(node):
        if isinstance(one, ast.Constant) and isinstance(one.value, str):
            yield from one.value.split()
        elif isinstance(one, ast.Name) and one.id in NAMED_BY:
            yield NAMED_BY[one.id].partition(":")[0] + ":"


def nodes(*mentioning: str) -> Iterator[tuple[Path, ast.AST]]:
    """The syntax of our modules in which one of these words stands."""
    for path in sources():
        if any(word in path.read_text() for word in mentioning):
            yield from ((path, node) for node in ast.walk(tree(path)))


def told() -> Iterator[tuple[str, str]]:
    """Each topic that is told, and where."""
    for path, node in nodes("look_again("):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "look_again":
            for argument in node.args:
                yield from ((word, f"{named(path)}:{node.lineno}") for word in words(argument))


def followed() -> set[str]:
    """The topics that parts of pages follow."""
    found = {
        word
        for path in PAGES
        for said in re.findall(r'\sdata-live="((?:{[{%].*?[%}]}|[^"])*)"', markup(path))
        for word in DJANGO.sub("", said).split()
    }
    for _path, node in nodes(*(f'"{name}"' for name in HANDED_ON), "alarm="):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value in HANDED_ON:
                    found |= set(words(value))
        elif isinstance(node, ast.keyword) and node.arg == "alarm":
            found |= set(words(node.value))
    return found


def test_nothing_is_told_that_no_page_follows() -> None:
    follows = followed()
    assert {"queue", "piece:", "assignment:", "thread:", "warnings"} <= follows, "It does not find what it looks for."
    assert sorted({f"{where}: {topic}" for topic, where in told() if topic not in follows}) == []
