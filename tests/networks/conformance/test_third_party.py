"""A third party's network, installed as a package: found by its entry point, shown, and asked for the same promises."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from listening import networks
from tests.cast import Cast
from tests.networks.conformance.plugin import load
from tests.networks.conformance.promises import Promises
from tests.networks.conformance.stages import LighthouseStage
from tests.networks.lighthouse import Lighthouse

PACKAGE = '''"""Beacons."""

from tests.networks.conformance.stages import LighthouseStage
from tests.networks.lighthouse import Lighthouse


class Beacon(Lighthouse):
    """A lighthouse of somebody else's."""

    name, label = "beacon", "Beacon"


network = Beacon()


class Stage(LighthouseStage):
    """A tower of theirs."""

    network = network
'''


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The package, as an installer leaves it: a folder of code, and one that says what is in it."""
    (tmp_path / "touchline_beacon").mkdir()
    (tmp_path / "touchline_beacon" / "__init__.py").write_text(PACKAGE)
    about = tmp_path / "touchline_beacon-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: touchline-beacon\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[touchline.networks]\nbeacon = touchline_beacon:network\n")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    networks._registered.cache_clear()
    yield "touchline_beacon:Stage"
    monkeypatch.undo()
    sys.modules.pop("touchline_beacon", None)
    importlib.invalidate_caches()
    networks._registered.cache_clear()


def test_it_is_found_and_shown(acme: Cast, installed: str, sign_in: Any) -> None:
    assert networks.get("beacon").label == "Beacon"
    page = sign_in(acme.carla).get("/o/acme/connections/add/").content.decode()
    assert "/o/acme/connections/add/beacon/key/" in page and "Beacon" in page


def test_its_stage_is_found_by_name(installed: str) -> None:
    stage = load(installed)
    assert stage.network is networks.get("beacon") and stage.plays("loses_next_answer")
    with stage() as scene:
        Promises().test_what_went_out_without_a_receipt_is_found(scene)


class TestBySubclass(Promises):
    """The same by a class of one's own."""

    class BeaconStage(LighthouseStage):
        """A tower of theirs."""

        network = type("Beacon", (Lighthouse,), {"name": "beacon"})()

    stages = [BeaconStage]


def test_a_network_that_breaks_a_promise_is_found_out() -> None:
    """A suite that cannot fail says nothing."""

    class Forgetful(Lighthouse):
        def find_reply(self, access: Any, outgoing: Any) -> None:
            return None

    class Deaf(Lighthouse):
        async def read(self, access: Any, place: str, since: Any) -> Any:
            from dataclasses import replace

            page = await super().read(access, place, since)
            return replace(page, posts=page.posts[:10])

    promises = Promises()
    for network, promise in (
        (Forgetful, promises.test_what_went_out_without_a_receipt_is_found),
        (Deaf, promises.test_none_of_many_is_lost),
    ):
        with type("Broken", (LighthouseStage,), {"network": network()})() as scene, pytest.raises(AssertionError):
            promise(scene)
