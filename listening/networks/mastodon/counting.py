"""How Mastodon counts a text: what a reader calls letters, links as 23 of them, people without their server."""

from __future__ import annotations

import regex

LINK_LENGTH = 23
TEXT_LIMIT = 500
_LINK = regex.compile(r"(?i)(?<![\w@/#.])https?://[^\s<>\"“”]+[^\s<>\"“”.,;:!?)'’\]]")
_PERSON = regex.compile(
    r"(?i)(?<![=/\w])@([a-z0-9_]+(?:[a-z0-9_.-]*[a-z0-9_])?)@[\p{L}\p{N}.-]*[\p{L}\p{N}](?::\d{1,5})?"
)
_LETTER = regex.compile(r"\X")


def count(text: str, *, link: int = LINK_LENGTH) -> int:
    """Count as a server counts."""
    shortened = _PERSON.sub(r"@\1", _LINK.sub("x" * link, text))
    return len(_LETTER.findall(shortened))


def with_name(text: str, acct: str) -> str:
    """Put the name of whom a text is for in front, unless it is in there: without it, nobody is told."""
    user, _, server = acct.partition("@")
    said = regex.compile(rf"(?i)(?<![\w@/])@{regex.escape(user)}(?:@{regex.escape(server)})?(?![\w@])")
    return text if not acct or said.search(text) else f"@{acct} {text}"


def letters(text: str) -> str:
    """Return what is the same in a text and in what a server made of it: names without servers, no marks, no spaces."""
    plain = _PERSON.sub(r"@\1", text)
    return "".join(filter(str.isalnum, plain)).casefold() or "".join(plain.split())
