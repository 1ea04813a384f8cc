"""Every built-in network runs through the promises: none without a stage, and nothing left out without a reason."""

from __future__ import annotations

import pytest

from listening import networks
from tests.networks.conformance import plugin
from tests.networks.conformance.stage import NEEDED, Stage, missing
from tests.networks.conformance.stages import LighthouseStage
from tests.networks.lighthouse import Lighthouse

BUILT_IN = [plugin.load(name) for name in networks.BUILT_IN]
STAGES = [plugin.load(name) for name in plugin.BUILT_IN]


def test_every_built_in_network_has_a_stage_that_plays_all_it_can() -> None:
    assert missing(BUILT_IN, STAGES) == {}


@pytest.mark.parametrize("network", BUILT_IN, ids=lambda network: network.name)
def test_none_can_go_without(network: object) -> None:
    name = str(getattr(network, "name", ""))
    others = [stage for stage in STAGES if stage.network.name != name]
    assert missing(BUILT_IN, others) == {name: {"a stage"}}


def test_a_new_one_without_a_stage_or_with_an_idle_one_is_found_out() -> None:
    new = type("Semaphore", (Lighthouse,), {"name": "semaphore"})()
    assert missing([*BUILT_IN, new], STAGES) == {"semaphore": {"a stage"}}
    idle = type("IdleStage", (Stage,), {"network": new})
    assert missing([new], [idle]) == {"semaphore": {play for plays in NEEDED.values() for play in plays} - {"pieces"}}
    silent = type("SilentStage", (LighthouseStage,), {"network": new, "edits": Stage.edits})
    assert missing([new], [silent]) == {"semaphore": {"edits"}}


def test_a_reason_is_given_for_what_is_not_played_and_for_nothing_else() -> None:
    known = {play for plays in NEEDED.values() for play in plays}
    for stage in STAGES:
        for play, reason in stage.unplayed.items():
            assert play in known and not stage.plays(play) and len(reason.split()) > 5, (stage.__name__, play)
