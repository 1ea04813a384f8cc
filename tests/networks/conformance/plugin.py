"""The option `--network package:Stage`, and which promise is asked of which stage."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest

# So that a promise that is broken says what was there instead.
pytest.register_assert_rewrite("tests.networks.conformance.promises", "tests.networks.conformance.asking")

# Where the stages of built-in networks stand. A line for each; what it names is loaded when promises are collected.
BUILT_IN = (
    "tests.networks.conformance.stages:FeedStage",
    "tests.networks.conformance.stages:PracticeStage",
    "tests.networks.conformance.stages:LighthouseStage",
    "tests.networks.conformance.inside:WebhookStage",
    "tests.networks.conformance.inside:OwnFeedStage",
    "tests.networks.conformance.inside:ByHandStage",
    "tests.networks.bluesky.stage:BlueskyStage",
    "tests.networks.wordpress.stage:WordPressStage",
    "tests.networks.mastodon.stage:MastodonStage",
    "tests.networks.mail.stage:MailStage",
    "tests.networks.discourse.stage:DiscourseStage",
    "tests.networks.discourse.stage:NotifiedStage",
    "tests.networks.x.stage:XStage",
    "tests.networks.conformance.read_only:HackerNewsStage",
    "tests.networks.conformance.read_only:StackExchangeStage",
    "tests.networks.conformance.read_only:GitHubStage",
    "tests.networks.conformance.read_only:YouTubeStage",
    "tests.networks.conformance.read_only:RedditStage",
    "tests.networks.conformance.read_only:RedditListingStage",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a stage be named."""
    parser.addoption(
        "--network", action="append", default=[], metavar="PACKAGE:STAGE",
        help="run the promises of tests/networks/conformance on this stage, instead of the built-in ones",
    )  # fmt: skip


def load(name: str) -> Any:
    """Return a stage by its name."""
    module, _colon, attribute = name.partition(":")
    return getattr(import_module(module), attribute)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Ask each promise of the stages whose network gives it, where they can play what it needs."""
    if "stage" not in metafunc.fixturenames or not hasattr(metafunc.cls, "stages"):
        return
    stages = metafunc.cls.stages or [load(name) for name in metafunc.config.getoption("--network") or BUILT_IN]
    protocols, plays = getattr(metafunc.function, "asks", ((), ()))
    able = [
        stage
        for stage in stages
        if all(isinstance(stage.network, protocol) for protocol in protocols) and all(map(stage.plays, plays))
    ]
    # Said beforehand: a database that is asked for only while a test runs is not made where nothing else wants it.
    wants = {True: (pytest.mark.django_db,), False: ()}
    rows = [pytest.param(stage, marks=wants[stage.needs_organization], id=stage.network.name) for stage in able]
    metafunc.parametrize("stage", rows, indirect=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what no stage can play: it was not asked, and is no test that was skipped."""
    idle = [item for item in items if item.name.endswith("[NOTSET]") and "stage" in getattr(item, "fixturenames", ())]
    if idle:
        items[:] = [item for item in items if item not in idle]
        config.hook.pytest_deselected(items=idle)


@pytest.fixture
def stage(request: pytest.FixtureRequest) -> Any:
    """The stage, set."""
    if request.param.needs_organization:
        request.getfixturevalue("acme")
    with request.param() as set_up:
        yield set_up
