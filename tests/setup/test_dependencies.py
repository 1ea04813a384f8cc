"""What we depend on: each is used, each has its reason, and the lock files name contents and no address."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.architecture.sources import sources

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
REASONS = (ROOT / "docs" / "decisions" / "0003-dependencies.md").read_text()
LOCKED = sorted((ROOT / "requirements").glob("*.txt"))


def names(lines: list[str]) -> list[str]:
    return [re.split(r"[\[<>=]", line)[0] for line in lines]


def needed() -> list[str]:
    optional = PROJECT["project"]["optional-dependencies"]
    return names(PROJECT["project"]["dependencies"] + optional["local"])


@cache
def code() -> str:
    """All of our modules and templates."""
    return "\n".join(path.read_text() for path in [*sources(), *(ROOT / "templates").rglob("*.html")])


@cache
def modules_of() -> dict[str, list[str]]:
    """The modules that each installed package brings."""
    found: dict[str, list[str]] = {}
    for module, distributions in packages_distributions().items():
        for distribution in map(canonical, distributions):
            found.setdefault(distribution, []).append(module)
    return found


@pytest.mark.parametrize("name", needed())
def test_what_is_needed_is_used_and_has_its_reason(name: str) -> None:
    assert name in REASONS
    modules = "|".join(map(re.escape, modules_of()[name]))
    assert re.search(rf"(?:(?:import|from) |[\"'])(?:{modules})\b", code()), f"{name} is used nowhere"


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("path", LOCKED, ids=lambda path: path.name)
def test_lock_files_hold_a_hash_for_each_package_and_no_address(path: Path) -> None:
    text = path.read_text()
    assert "://" not in text
    assert not re.search(r"^\s*--(?:index|extra-index|find-links)", text, re.MULTILINE)
    packages = re.split(r"^(?=\S+==)", text, flags=re.MULTILINE)[1:]
    assert len(packages) >= 1
    assert [package.split()[0] for package in packages if "--hash=sha256:" not in package] == []


def test_what_is_installed_was_asked_for_in_the_project() -> None:
    text = (ROOT / "requirements" / "dev.txt").read_text()
    asked = names(PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["dev"])
    assert [name for name in asked if not re.search(rf"^{re.escape(name)}(?:\[[^\]]*\])?==", text, re.MULTILINE)] == []
