"""In which language something is said to somebody who is not at a page: a worker has none of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from itertools import groupby
from typing import Any, cast

from django.conf import settings
from django.utils import translation
from django.utils.functional import lazystr

from roles.models import Member


def language_of(member: Member) -> str:
    """The language that a member has chosen, and the installation's where they have chosen none."""
    return member.user.language or settings.LANGUAGE_CODE


def in_words_for(member: Member) -> AbstractContextManager[None]:
    """Speak the member's language meanwhile."""
    return translation.override(language_of(member))


def by_language(members: Iterable[Member]) -> Iterator[list[Member]]:
    """Yield those who read one language together, with it spoken meanwhile: what is costly to say is said once."""
    for language, alike in groupby(sorted(members, key=lambda row: (language_of(row), row.pk)), key=language_of):
        with translation.override(language):
            yield list(alike)


def filled(words: Any, values: Mapping[str, Any]) -> str:
    """Fill words of gettext_lazy in when they are read, in the language that is spoken then."""
    return cast(str, lazystr(_Filled(words, values)))


class _Filled:
    def __init__(self, words: Any, values: Mapping[str, Any]) -> None:
        self.words, self.values = words, values

    def __str__(self) -> str:
        return str(self.words) % self.values
