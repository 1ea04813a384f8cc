"""The kinds of news that members are told by mail, as each app names its own; one can be told of them elsewhere too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_kinds: dict[str, Any] = {}


def add_notice_kinds(kinds: Mapping[str, Any]) -> None:
    """Name kinds of mails, in the words of those who get them."""
    _kinds.update(kinds)


def notice_kinds() -> list[tuple[str, str]]:
    """Return all kinds with their words, in the order of the words."""
    return sorted(((kind, str(words)) for kind, words in _kinds.items()), key=lambda pair: pair[1])
