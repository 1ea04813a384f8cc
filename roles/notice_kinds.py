"""The kinds of news that members are told, as each app names its own: by mail, and at other addresses of theirs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from roles.models import Member


@dataclass(frozen=True, slots=True)
class News:
    """Something that no mail tells: its key, by which it is told once, and what is said of it, with its page."""

    key: str
    subject: str
    url: str


# What is new for a member since a moment.
Since = Callable[[Member, datetime], Sequence[News]]
_kinds: dict[str, Any] = {}
_not_by_mail: dict[str, Since] = {}


def add_notice_kinds(kinds: Mapping[str, Any]) -> None:
    """Name kinds of mails, in the words of those who get them."""
    _kinds.update(kinds)


def add_news(kind: str, words: Any, since: Since) -> None:
    """Name a kind of news that would be too many mails: it is told only where somebody chose it."""
    _kinds[kind] = words
    _not_by_mail[kind] = since


def notice_kinds() -> list[tuple[str, str]]:
    """Return all kinds with their words, in the order of the words."""
    return sorted(((kind, str(words)) for kind, words in _kinds.items()), key=lambda pair: pair[1])


def news_not_by_mail() -> Mapping[str, Since]:
    """Return what to ask for news of which no mail is written, by kinds."""
    return MappingProxyType(_not_by_mail)
