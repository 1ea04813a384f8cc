"""The words of other languages: gather what is said in the code, bring catalogues up to date, make them readable.

`python -m config.catalogs` makes of each catalogue (`config/locale/<language>/LC_MESSAGES/django.po`) the form that is
read while running (`.mo`); with `--gather` it first brings all catalogues up to date with the code. No program but
Python is needed. `python -m config.catalogs path/to/package` does both for a package that brings a network.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract, extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

from roles import glossary

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "config" / "locale"
SOURCES = ("config", "content", "engagement", "listening", "maturity", "measurement", "roles")
# What adapters say is known again among what stands under this (`listening.translating`).
NETWORKS, OF_NETWORKS = ROOT / "listening" / "networks", "network"
# What these functions say of themselves is read on the pages of practices.
EVIDENCE, WRITTEN_SO = ROOT / "maturity" / "evidence", "(asked: Asked) -> Figures:"
KEYWORDS: dict[str, Any] = {
    **DEFAULT_KEYWORDS, "gettext_lazy": None, "ngettext_lazy": (1, 2), "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3), "gettext_noop": None, "_now": None, "lazy": None,
}  # fmt: skip


def said() -> Catalog:
    """Everything that the code says, without translations."""
    catalog = Catalog(charset="utf-8")
    for words, context in _found():
        catalog.add(words, context=context)
    return catalog


def _found() -> Iterator[tuple[Any, str | None]]:
    for app in SOURCES:
        for path in sorted((ROOT / app).rglob("*.py")):
            if EVIDENCE in path.parents:
                yield from ((words, None) for words in _evidence_in(path))
            if NETWORKS in path.parents:
                yield from ((words, OF_NETWORKS) for words, _context in _said_in(path))
            elif "migrations" not in path.parts:
                yield from _said_in(path)
    for term, meaning in glossary.terms().items():
        yield from ((words, glossary.CONTEXT) for words in (term, meaning))
    for path in sorted((ROOT / "templates").rglob("*")):
        if (reader := TEMPLATES.get(path.suffix)) is not None:
            with path.open("rb") as source:
                yield from ((words, context) for _line, words, _notes, context in extract(reader, source, KEYWORDS))


def _evidence_in(path: Path) -> Iterator[str]:
    """What the figures that show a practice count: it stands on pages as their functions say it."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef) and ast.unparse(node).partition("\n")[0].endswith(WRITTEN_SO):
            yield str(ast.get_docstring(node))


def _said_in(path: Path) -> Iterator[tuple[Any, str | None]]:
    with path.open("rb") as source:
        yield from ((words, context) for _line, words, _notes, context in extract("python", source, KEYWORDS))


def _template(source: Any, keywords: Any, comment_tags: Any, options: Any) -> Iterator[Any]:
    """Yield what a template says, once Django has written it as calls of gettext."""
    from django.utils.translation.template import templatize

    # Each call stands on one line; how far lines are moved in means nothing.
    calls = "\n".join(line.strip() for line in templatize(source.read().decode()).splitlines())
    yield from extract_python(BytesIO(calls.encode()), keywords, comment_tags, options)


# How each kind of template is read.
TEMPLATES: dict[str, Any] = {".html": _template, ".txt": _template, ".jinja": babel_extract}


def said_by(package: Path) -> Catalog:
    """Everything that a package with a network says, without translations."""
    catalog = Catalog(charset="utf-8")
    for path in sorted(package.rglob("*.py")):
        for words, _context in _said_in(path):
            catalog.add(words, context=OF_NETWORKS)
    return catalog


def catalogues(folder: Path = FOLDER) -> list[Path]:
    """Every catalogue there is."""
    return sorted(folder.glob("*/LC_MESSAGES/django.po"))


def read(path: Path) -> Catalog:
    """A catalogue as it is kept."""
    with path.open("rb") as source:
        return read_po(source, locale=path.parent.parent.name)


def keep(catalog: Catalog, path: Path) -> None:
    """Write a catalogue so that a change of one word is a change of one line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as target:
        write_po(target, catalog, width=0, no_location=True, omit_header=False, ignore_obsolete=True)


def gather(template: Catalog, folder: Path = FOLDER) -> None:
    """Bring every catalogue up to date: what is new has no translation, what is said no more is left out."""
    for path in catalogues(folder):
        catalog = read(path)
        catalog.update(template, no_fuzzy_matching=True)
        keep(catalog, path)


def compile_all(folder: Path = FOLDER) -> None:
    """Make readable what has changed since it last was."""
    for path in catalogues(folder):
        made = path.with_suffix(".mo")
        if not made.exists() or made.stat().st_mtime < path.stat().st_mtime:
            with made.open("wb") as target:
                write_mo(target, read(path))


def bring_up_to_date(packages: list[Path]) -> None:
    """Do both for packages that bring a network, in the folder `locale` of each."""
    for package in packages:
        gather(said_by(package), package / "locale")
        compile_all(package / "locale")


if __name__ == "__main__":
    if "--gather" in sys.argv[1:]:
        gather(said())
    compile_all()
    bring_up_to_date([Path(one) for one in sys.argv[1:] if not one.startswith("-")])
