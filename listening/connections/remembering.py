"""What an adapter remembers from one call to the next, such as a file that it has handed over already."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from hashlib import sha256

from django.core.cache import cache

SECONDS = 3600
MOST_LETTERS = 2_000


class Memory(MutableMapping[str, str]):
    """Short texts of one connection, in the shared cache; whatever is forgotten is done again."""

    def __init__(self, connection_id: int) -> None:
        self.connection_id = connection_id

    def __getitem__(self, name: str) -> str:
        found = cache.get(self._key(name))
        if not isinstance(found, str):
            raise KeyError(name)
        return found

    def __setitem__(self, name: str, text: str) -> None:
        if len(text) <= MOST_LETTERS:
            cache.set(self._key(name), text, SECONDS)

    def __delitem__(self, name: str) -> None:
        cache.delete(self._key(name))

    def __iter__(self) -> Iterator[str]:
        """Nobody can say what is in it: one asks by name."""
        return iter(())

    def __len__(self) -> int:
        return 0

    def _key(self, name: str) -> str:
        return f"networks:{self.connection_id}:{sha256(name.encode()).hexdigest()}"
