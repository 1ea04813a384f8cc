"""A mention that nobody wrote, judged as a real one would be, to be tried on rules; it is never saved."""

from __future__ import annotations

from datetime import datetime

from listening.appraising import Subject, appraise
from listening.judging import matcher
from listening.matching import Document
from listening.models import Author, Mention, Post


def imagined(
    *, text: str, network: str, handle: str = "", language: str = "", sentiment: int | None = None, at: datetime
) -> Mention:
    """Make up a mention of these words; what is not said of it is judged by the machine."""
    author = Author(network=network, handle=handle, name=handle)
    post = Post(network=network, text=text, author=author, captured_at=at, published_at=at, language=language)
    queries = matcher().which(Document(text=text, handle=handle, author=handle, network=network, language=language))
    (judged,) = appraise([Subject(text, handle, None, tuple(sorted(queries)), language)])
    found = Mention(post=post, network=network, captured_at=at, query_ids=sorted(queries))
    for name, value in judged.fields().items():
        setattr(found, name, value)
    if sentiment is not None:
        found.sentiment = sentiment
    return found
