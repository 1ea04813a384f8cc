"""One version in one place: what is shown, what networks are told and what the changelog begins with."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from config.management.commands import doctor
from listening.networks.http import user_agent
from tests.architecture.sources import ROOT
from tests.cast import Cast

VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


def test_the_doctor_the_contract_and_the_account_say_it(
    acme: Cast, sign_in: Callable[[Any], Client], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor, "examine", lambda _at: [])
    call_command("doctor")
    assert capsys.readouterr().out.startswith(f"Touchline {VERSION}\n")
    assert settings.SPECTACULAR_SETTINGS["VERSION"] == VERSION
    page = sign_in(acme.rosa).get("/o/acme/account/").content.decode()
    assert f"Touchline {VERSION}" in page


def test_networks_are_told_the_same() -> None:
    named = re.fullmatch(r"Touchline/([\d.]+)", user_agent())
    assert named and VERSION.startswith(f"{named[1]}.")


def test_the_changelog_begins_with_what_is_to_come_or_with_it() -> None:
    first = re.search(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert first and (first[1].startswith("Unreleased") if "dev" in VERSION else first[1].startswith(f"{VERSION} ("))
