"""Names of things on the AT Protocol: accounts, records, and the keys that records are stored under."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from hashlib import blake2b
from typing import NamedTuple

POSTS = "app.bsky.feed.post"
_DID = re.compile(r"did:[a-z]+:[A-Za-z0-9._:%-]*[A-Za-z0-9._-]")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HANDLE = re.compile(rf"(?:{_LABEL}\.)+[A-Za-z](?:[A-Za-z0-9-]{{0,61}}[A-Za-z0-9])?")
_LETTERS = "234567abcdefghijklmnopqrstuvwxyz"
_TID = re.compile(r"[234567a-j][234567a-z]{12}")


class Address(NamedTuple):
    """Where a record lies: in whose repository, in which collection, under which key."""

    did: str
    collection: str
    key: str

    def __str__(self) -> str:
        return f"at://{self.did}/{self.collection}/{self.key}"


def is_did(text: str) -> bool:
    """Tell whether a text is an account's permanent name."""
    return len(text) <= 2048 and _DID.fullmatch(text) is not None


def is_handle(text: str) -> bool:
    """Tell whether a text can be an account's readable name."""
    return len(text) <= 253 and _HANDLE.fullmatch(text) is not None


def is_tid(text: str) -> bool:
    """Tell whether a text is a key that stands for a moment."""
    return _TID.fullmatch(text) is not None


def address_of(uri: str) -> Address | None:
    """Take a record's address apart; None where it is none."""
    parts = uri.removeprefix("at://").split("/")
    if not uri.startswith("at://") or len(parts) != 3 or not is_did(parts[0]) or not all(parts):
        return None
    return Address(*parts)


def page_of(uri: str) -> str:
    """Return where people read a post; empty for what is no post."""
    found = address_of(uri)
    return f"https://bsky.app/profile/{found.did}/post/{found.key}" if found and found.collection == POSTS else ""


def profile_page(did: str) -> str:
    """Return where people see an account."""
    return f"https://bsky.app/profile/{did}" if did else ""


def key_for(key: str, at: datetime) -> str:
    """Return the key of the record that goes out under our `key`: the same for every attempt, sorted by its second.

    Many pieces may be dated to the same second; thirty bits of our key tell them apart.
    """
    mark = int.from_bytes(blake2b(key.encode(), digest_size=8).digest())
    micros = int(at.timestamp()) * 1_000_000 + mark % 1_000_000
    number = micros << 10 | (mark >> 40) & 1023
    return "".join(_LETTERS[number >> 5 * place & 31] for place in range(12, -1, -1))


def moment(at: datetime) -> str:
    """Write a moment as records do."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
