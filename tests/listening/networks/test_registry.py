"""Networks are found by name, and asked what they can do."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from listening import networks
from listening.networks.protocols import ChecksPlaces, Reads, Replies


def test_the_feed_is_known_by_its_name() -> None:
    feed = networks.get("feed")
    assert (feed.name, feed.label, feed.ids_within) == ("feed", "Feed", "source")


def test_an_unknown_network_is_named_with_those_known() -> None:
    with pytest.raises(networks.UnknownNetwork, match=r"'telegraph'.*feed"):
        networks.get("telegraph")


def test_a_feed_reads_and_cannot_reply() -> None:
    assert networks.can("feed", Reads)
    assert networks.can("feed", ChecksPlaces)
    assert not networks.can(networks.get("feed"), Replies)
    assert not networks.can("telegraph", Reads)


def test_an_installed_package_brings_its_network(monkeypatch: pytest.MonkeyPatch) -> None:
    class Telegraph:
        name, label, ids_within = "telegraph", "Telegraph", "network"

    class Point:
        def load(self) -> object:
            return Telegraph()

    monkeypatch.setattr(networks, "entry_points", lambda *, group: [Point()] if group == "touchline.networks" else [])
    networks._registered.cache_clear()
    try:
        assert networks.get("telegraph").label == "Telegraph"
        assert networks.get("feed").label == "Feed"
    finally:
        monkeypatch.undo()
        networks._registered.cache_clear()


def test_two_networks_of_one_name_are_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(networks, "BUILT_IN", (networks.BUILT_IN[0],) * 2)
    networks._registered.cache_clear()
    try:
        with pytest.raises(RuntimeError, match="'feed'"):
            networks.all_networks()
    finally:
        monkeypatch.undo()
        networks._registered.cache_clear()


@pytest.mark.parametrize("path", sorted(Path(networks.__file__).parent.rglob("*.py")), ids=lambda path: path.stem)
def test_networks_know_neither_django_nor_celery_nor_models(path: Path) -> None:
    tree = ast.parse(path.read_text())
    names = [a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names]
    names += [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    own = [
        name
        for name in names
        if name.split(".")[0] in {"roles", "engagement", "measurement", "config", "maturity", "content"}
    ]
    assert not own
    assert not [
        name for name in names if name.startswith(("django", "celery", "listening.models", "listening.actions"))
    ]
