"""The page of the settings names every variable, and none that is not read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.settings import database

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "operations" / "settings.md").read_text()


def read_from_the_environment() -> set[str]:
    settings = (ROOT / "config" / "settings.py").read_text()
    return set(re.findall(r'(?:environ\.get|flag|listed)\("([A-Z_]+)"', settings))


def test_every_setting_is_explained() -> None:
    rows = [line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| `")]
    assert {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)} == read_from_the_environment()


@pytest.mark.parametrize("url", ["sqlite:///db.sqlite3", "mysql://root@db/touchline", "touchline"])
def test_another_database_is_refused_in_words(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="must begin with postgresql://"):
        database(url)
