"""`make` takes a Python that was built for speed, before all the one that is named, and says when there is none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT

SELF_BUILT = '"" if name == "CONFIG_ARGS" else given(name)'
OPTIMIZED = '"--enable-optimizations" if name == "CONFIG_ARGS" else given(name)'


@pytest.fixture
def choose(tmp_path: Path) -> Chooser:
    return Chooser(tmp_path)


class Chooser:
    """Pythons in a folder that is looked through before the machine's; what one is asked to create, it only tells."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "bin").mkdir()

    def put(self, name: str, built: str, version: str = "sys.version_info", besides: str = "") -> Path:
        """A Python in its own prefix: this one, that says it was built so and is of this version."""
        site = self.folder / name
        site.mkdir()
        (site / "sitecustomize.py").write_text(
            "import sys, sysconfig\n"
            f"given = sysconfig.get_config_var\nsysconfig.get_config_var = lambda name: {built}\n"
            f"sys.base_prefix, sys.version_info = {str(site)!r}, {version}\n{besides}\n"
        )
        path = self.folder / "bin" / name
        path.write_text(f'#!/bin/sh\n[ "$1" = -m ] && exit\nPYTHONPATH={site} exec {sys.executable} "$@"\n')
        path.chmod(0o755)
        return path

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["make", "--file", ROOT / "Makefile", ".venv/bin/python", *arguments],
            check=False,
            cwd=self.folder,
            env={"PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
        )


def test_one_that_is_built_for_speed_is_taken_before_the_first(choose: Chooser) -> None:
    choose.put("python3", SELF_BUILT)
    quick = choose.put("python3.14", OPTIMIZED)
    assert f"({quick})" in choose().stdout


def test_one_of_the_distribution_is_taken_for_one(choose: Chooser) -> None:
    choose.put("python3", SELF_BUILT)
    quick = choose.put("python3.14", SELF_BUILT, besides="sys.base_prefix = '/usr'")
    assert f"({quick})" in choose().stdout


def test_one_that_cannot_make_an_environment_is_left(choose: Chooser) -> None:
    choose.put("python3", OPTIMIZED, besides="sys.modules['ensurepip'] = None")
    quick = choose.put("python3.14", OPTIMIZED)
    assert f"({quick})" in choose().stdout


def test_the_first_is_taken_where_none_is(choose: Chooser) -> None:
    choose.put("python3", SELF_BUILT, "(3, 10)")
    first = choose.put("python3.14", SELF_BUILT)
    assert f"({first})" in choose("QUICK=raise SystemExit(1)").stdout


def test_the_one_that_is_named_is_taken_however_it_is_built(choose: Chooser) -> None:
    choose.put("python3", OPTIMIZED)
    named = choose.put("python-of-mine", SELF_BUILT)
    assert f"({named})" in choose("PYTHON=python-of-mine").stdout


def test_none_is_taken_where_the_one_that_is_named_is_too_old(choose: Chooser) -> None:
    choose.put("python3", OPTIMIZED)
    choose.put("python-of-mine", OPTIMIZED, "(3, 9)")
    assert "needs Python 3.11" in choose("PYTHON=python-of-mine").stderr


def test_where_none_is_new_enough_it_says_what_to_do(choose: Chooser) -> None:
    for name in ("python3", "python3.14", "python3.13", "python3.12", "python3.11"):
        choose.put(name, OPTIMIZED, "(3, 10)")
    tried = choose("SYSTEM=python3")
    assert tried.returncode != 0
    assert "needs Python 3.11 or newer" in tried.stderr
    assert "PYTHON=/path/to/python" in tried.stderr
