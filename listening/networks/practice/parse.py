"""From the practice field's rows to posts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from listening.networks.protocols import RemoteAuthor, RemotePost
from listening.networks.publishing import Span

POST_LIMIT = 500
_MARKED = re.compile(
    r"(?P<link>https?://[^\s<>\"]+[^\s<>\".,;:!?)])|(?P<mention>(?<![\w@])@[\w.-]*\w)|(?P<tag>(?<!\w)#\w+)"
)
HANDLE = re.compile(r"(?<![\w@])@([\w.-]*\w)")


def parse(row: Mapping[str, Any]) -> RemotePost:
    """Read one row of the field; handles in the text and the author of the post above are whom it addresses."""
    handles = {handle.lower() for handle in HANDLE.findall(row["text"])}
    if row.get("in_reply_to_handle"):
        handles.add(row["in_reply_to_handle"].lower())
    return RemotePost(
        id=str(row["id"]),
        text=row["text"],
        url=row["url"],
        author=RemoteAuthor(
            id=str(row["account_id"]),
            handle=row["handle"],
            name=row["name"],
            url=row["account_url"],
            followers=row.get("followers"),
        ),
        published_at=row["published_at"],
        updated_at=row["edited_at"],
        in_reply_to=str(row["in_reply_to"] or ""),
        conversation=str(row["thread"] or row["id"]),
        addressed_to=tuple(sorted(handles)),
        deleted=row["removed"],
    )


def count(text: str) -> int:
    """Count characters as a reader would: marks and joined signs belong to what they follow."""
    total, joined = 0, False
    for character in unicodedata.normalize("NFC", text.strip()):
        part = (
            unicodedata.combining(character) or character in "\u200d\ufe0f" or "\U0001f3fb" <= character <= "\U0001f3ff"
        )
        total += 0 if part or joined else 1
        joined = character == "\u200d"
    return total


def spans(text: str) -> list[Span]:
    """Find links, handles and hashtags, in their order."""
    return [Span(m.start(), m.end(), m.lastgroup, m.group()) for m in _MARKED.finditer(text)]  # type: ignore[arg-type]
