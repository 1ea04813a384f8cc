"""A browser for the tests: what is there is taken, else the smallest that can be had."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.chromium import PACKAGES, find_chromium, install_chromium

APT = """#!/bin/sh
for last in "$@"; do :; done
echo "$last" >> "$0.said"
[ "$1" = install ] || exit 0
case " {offered} " in *" $last "*) ;; *) echo "E: Unable to locate package $last" >&2; exit 100 ;; esac
printf '#!/bin/sh\n' > "${{0%/*}}/$last"
/bin/chmod +x "${{0%/*}}/$last"
"""


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine of Debian's, ours to install on, with nothing there."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return tmp_path


def executable(place: Path, text: str = "#!/bin/sh\n") -> Path:
    place.write_text(text)
    place.chmod(0o755)
    return place


@pytest.mark.parametrize(
    ("offered", "taken"),
    [(PACKAGES, "chromium-headless-shell"), (("chromium",), "chromium"), ((), None)],
    ids=["both", "the whole browser alone", "nothing"],
)
def test_what_the_archive_has_is_installed(house: Path, offered: tuple[str, ...], taken: str | None) -> None:
    executable(house / "apt-get", APT.format(offered=" ".join(offered)))
    assert install_chromium() == (house / taken if taken else None)


def test_beside_a_whole_one_of_debians_the_small_one_comes_where_it_can_be_had(house: Path) -> None:
    apt = executable(house / "apt-get", APT.format(offered=""))
    whole = executable(house / "chromium")
    assert install_chromium() == whole
    executable(apt, APT.format(offered=PACKAGES[0]))
    assert install_chromium() == house / "chromium-headless-shell" == find_chromium()
    said = (house / "apt-get.said").read_text().split()
    assert said == [PACKAGES[0], PACKAGES[0]]
    assert install_chromium() == house / "chromium-headless-shell"
    assert (house / "apt-get.said").read_text().split() == said


@pytest.mark.parametrize("name", ["chromium-headless-shell", "google-chrome"])
def test_where_there_is_one_nothing_is_installed(house: Path, name: str) -> None:
    executable(house / "apt-get", APT.format(offered=" ".join(PACKAGES)))
    there = executable(house / name)
    assert install_chromium() == there == find_chromium()
    assert not (house / "apt-get.said").exists()
