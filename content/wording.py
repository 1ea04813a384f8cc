"""Rows that are found by how their words begin, which an index finds however many there are."""

from __future__ import annotations

from typing import Any, TypeVar

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import F, Func, Q, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Left

from listening.matching.folding import is_unspaced

Rows = TypeVar("Rows", bound=QuerySet[Any])
# What is searched of a long text: more than about a megabyte of words the database refuses, and with them the row.
SEARCHED = 50_000


def words_of(*fields: Any) -> SearchVector:
    """The words of some fields as they are indexed and looked for."""
    return SearchVector(*fields, config="simple")


def start_of(field: str) -> Left:
    """So much of a long text as is searched."""
    return Left(field, SEARCHED)


def spoken(field: str) -> Func:
    """A file's name as the words that it is made of."""
    return Func(F(field), Value("._-"), Value("   "), function="translate")


def saying(rows: Rows, word: str, words: SearchVector, *, anywhere: list[str]) -> Rows:
    """Those with a word that begins so, by the index over `words`.

    In scripts that put no spaces between words, and where signs stand in what is looked for, it may stand anywhere in
    the fields `anywhere`, and all are read for it.
    """
    if word.isalnum() and not any(map(is_unspaced, word)):
        wanted = SearchQuery(f"{word}:*", config="simple", search_type="raw")
        found = rows.model.objects.annotate(words=words).filter(words=wanted).order_by().values("pk")
        sql, params = found.query.sql_with_params()
        # The database cannot tell how rare a word is, and would rather read the newest rows until some fit:
        # OFFSET 0 has it ask the index first.
        return rows.filter(pk__in=RawSQL(f"{sql} OFFSET 0", params))  # noqa: S611 - what is searched is a parameter
    some = Q()
    for field in anywhere:
        some |= Q(**{f"{field}__icontains": word})
    return rows.filter(some)
