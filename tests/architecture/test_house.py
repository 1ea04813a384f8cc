"""The house rules that a program can check."""

from __future__ import annotations

import ast
import re
import tomllib
from io import StringIO

import pytest
from django.apps import apps
from django.core.checks import run_checks
from django.core.management import call_command

from roles.capability_words import LABELS
from roles.glossary import terms
from roles.permissions import CAPABILITIES
from tests.architecture.sources import OURS, ROOT, each, named, sources, tree


def test_every_model_stands_in_the_glossary() -> None:
    known = {term.lower() for term in terms()}
    names = {str(model._meta.verbose_name).lower() for model in apps.get_models() if model._meta.app_label in OURS}
    assert names - known == set()


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    out = StringIO()
    call_command("makemigrations", "--check", "--dry-run", stdout=out)


@pytest.mark.django_db
def test_djangos_own_checks_find_nothing() -> None:
    assert run_checks() == []


def test_every_capability_has_words() -> None:
    assert set(CAPABILITIES) == set(LABELS)


def test_no_module_has_a_name_that_says_nothing() -> None:
    bad = {"utils", "helpers", "services", "constants", "exceptions", "misc", "common"}
    # config/services.py starts the services PostgreSQL and Valkey: there the word says what it is.
    assert [path for path in sources() if path.stem in bad and path != ROOT / "config" / "services.py"] == []


def test_files_and_functions_stay_readable() -> None:
    long_files = [path.name for path in sources() if len(path.read_text().splitlines()) > 400]
    long_functions = [
        f"{path.relative_to(ROOT)}:{node.name}"
        for path in sources()
        for node in each(path, ast.FunctionDef, ast.AsyncFunctionDef)
        if (node.end_lineno or 0) - node.lineno - len(node.decorator_list) > 50
    ]
    assert (long_files, long_functions) == ([], [])


def test_only_the_clock_and_the_edges_read_the_time() -> None:
    """Actions, models and querysets are told the time; views, tasks, commands and the API's edge ask the clock."""
    inner = ("models", "actions", "querysets.py", "rules.py", "routing.py", "assigning.py", "ingest.py")
    reading = ("timezone.now(", "datetime.now(", "clock.now(", "time.time(")
    found = [
        str(path.relative_to(ROOT))
        for path in sources()
        if (path.name in inner or set(path.relative_to(ROOT).parts) & {"models", "actions"})
        and not set(path.relative_to(ROOT).parts) & {"views", "api"}
        and any(word in path.read_text() for word in reading)
    ]
    assert found == []


def test_only_the_clock_measures_what_is_promised() -> None:
    """Above roles and listening nobody reckons with times: business hours, pauses and both changes of the clock."""
    measuring = ("total_seconds(", ".tzinfo.utcoffset", "business_hours.hours_of")
    found = [
        str(path.relative_to(ROOT))
        for path in sources()
        if path.relative_to(ROOT).parts[0] in {"engagement", "measurement", "maturity", "content"}
        and any(word in path.read_text() for word in measuring)
    ]
    assert found == []


def test_pages_ask_no_other_host() -> None:
    """Templates and static files name no address outside the installation."""
    found = []
    for folder in (ROOT / "templates", ROOT / "config" / "static"):
        for path in folder.rglob("*"):
            if path.suffix in {".html", ".jinja", ".css", ".js", ".svg"}:
                text = path.read_text().replace("http://www.w3.org/", "")
                if any(f'{mark}="{scheme}' in text for mark in ("src", "href", "action") for scheme in ("http", "//")):
                    found.append(str(path))
                if "@import url(http" in text or "url(//" in text:
                    found.append(str(path))
    assert found == []


def test_nothing_is_scheduled_in_the_broker() -> None:
    """A message with a time of its own is delivered again when the broker loses patience: rows have the due times."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sources()
        for node in each(path, ast.Call)
        if {"eta", "countdown"} & {keyword.arg for keyword in node.keywords}
    ]
    assert found == []


def test_what_is_public_says_what_it_does() -> None:
    """A sentence in the words of the field, for whatever other modules may call."""
    silent = [
        f"{named(path)}:{node.name}"
        for path in sources()
        for node in tree(path).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_")
        if not (ast.get_docstring(node) or "").split("\n\n")[0].rstrip().endswith((".", "?", ":"))
    ]
    assert silent == []


def contracts() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return {contract["name"] for contract in project["tool"]["importlinter"]["contracts"]}


@pytest.mark.parametrize("page", ["failures.md", "promises.md"])
def test_what_is_held_names_tests_and_contracts_that_are_there(page: str) -> None:
    text = (ROOT / "docs" / page).read_text()
    tests = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", text)
    missing = [
        (file, test)
        for file, test in tests
        if not (ROOT / file).exists() or (test and f"def {test}(" not in (ROOT / file).read_text())
    ]
    assert len(tests) > 30 and missing == []
    assert set(re.findall(r"contract “([^”]+)”", text)) <= contracts()
    rows = [line for line in text.splitlines() if line.startswith("| ") and "---" not in line]
    assert [row for row in rows if "`tests/" not in row and "contract “" not in row and "held out by" not in row
            and "held by" not in row] == []  # fmt: skip


# Failures of this kind of system, by the numbers under which they were collected.
COLLECTED = {*range(1, 36)}


def test_every_failure_that_was_collected_is_held_out() -> None:
    rows = [line.split("|") for line in (ROOT / "docs" / "failures.md").read_text().splitlines() if "`tests/" in line]
    assert [row[1] for row in rows if not re.fullmatch(r" (T\d+(, T\d+)*|–) ", row[1])] == []
    assert {f"T{number}" for number in COLLECTED} - set(re.findall(r"T\d+", " ".join(row[1] for row in rows))) == set()


def test_what_the_architecture_names_is_there() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text()
    steps = re.findall(r"`([a-z_]+/[a-z_/]+\.py)(?:: (\w+))?`", page)
    assert len(steps) > 20
    missing = [
        f"{path}: {name}"
        for path, name in steps
        if not (ROOT / path).exists()
        or (name and not re.search(rf"^\s*(?:async )?(?:def|class) {name}\b", (ROOT / path).read_text(), re.MULTILINE))
    ]
    assert missing == []
