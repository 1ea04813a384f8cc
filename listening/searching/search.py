"""Search: rows about posts narrowed to those that a query matches, with the operators of tracking queries.

Words that stand alone are also looked for in the author's name and handle, for people search for people. What SQL can
say is asked of the database; the rest is asked of the posts that it gives, by the very same evaluation as matching.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property
from typing import Any, TypeVar

from django.db import OperationalError, connection, models, transaction
from django.utils.translation import gettext as _

from listening.matching import Query, Span, parse
from listening.matching.tree import And, Field, Node, Not, Or, Term, spans
from listening.models import Post, PostWords
from listening.search_querysets import PostWordsQuerySet
from listening.searching.compiling import Clause, clause
from listening.searching.documents import document_of
from listening.searching.stored import StoredWords, told_by_words

# How many posts are asked themselves where SQL cannot say it all, and how many finds end that: more than a page.
ASKED_AT_MOST = 2_000
ENOUGH = 250
ASKED_AT_ONCE = 250
# So many posts are named to the database one by one.
FEW = 2_000
# The database knows a common word, and guesses one in 200 for each that it does not know.
COMMON = 0.1
PATIENCE_SECONDS = 5

_is_patient: ContextVar[bool] = ContextVar("is_patient", default=False)
Rows = TypeVar("Rows", bound="models.QuerySet[Any]")


class TooWide(Exception):
    """The database needed longer than people wait."""

    def __init__(self) -> None:
        super().__init__(
            _("This search would take too long: add a rarer word, or narrow it by network, source or state.")
        )


class Search:
    """A search as it was written; raises QueryError where it cannot be read."""

    def __init__(self, text: str) -> None:
        self.text = text.strip()
        self.query: Query = parse(self.text)
        self.rule: Node = _with_authors(self.query.rule)
        # Set once rows were narrowed: whether there may be more than was looked at.
        self.is_cut = False

    @cached_property
    def clause(self) -> Clause:
        """The search in SQL."""
        return clause(self.rule)

    def matches(self, post: Post) -> bool:
        """Whether the search finds a post, read with author, source and mention."""
        return self.rule.holds(document_of(post).folded)

    def spans(self, post: Post) -> tuple[Span, ...]:
        """Where the post says what is searched for."""
        return spans(self.rule, document_of(post).folded)

    def words(self) -> PostWordsQuerySet:
        """The rows of post words that may match; all of them do if the clause is exact."""
        return PostWords.objects.that(self.clause)

    def narrow(self, rows: Rows, *, post: str = "post") -> Rows:
        """Keep the rows whose post matches; `post` leads from a row to its post.

        Where SQL cannot say it all, rows are read in their order, as far as ASKED_AT_MOST goes: give them their order
        and the place where a page begins before. Run what comes back within `patience`.
        """
        with patience():
            few = self._few()
            likely = rows.filter(**{f"{post}__in": self.words().values("post") if few is None else few})
            if self.clause.exact:
                return likely
            keys = list(likely.values_list(post, flat=True)[: ASKED_AT_MOST + 1])
            found = self._found(keys[:ASKED_AT_MOST])
        self.is_cut = len(keys) > ASKED_AT_MOST and len(found) < ENOUGH
        return rows.filter(**{f"{post}__in": found})

    def _few(self) -> list[int] | None:
        """The posts that may match, if these are few; the database alone would misjudge how rare a rare word is."""
        if not self.clause.anchor or self._is_common():
            return None
        with through_the_index():
            keys = list(self.words().values_list("post", flat=True)[: FEW + 1])
        return keys if len(keys) <= FEW else None

    def _is_common(self) -> bool:
        """Whether so many posts are known to match that the index would only be read to learn that they are many."""
        return self.words().share() > COMMON

    def _found(self, keys: list[int]) -> list[int]:
        found: list[int] = []
        likely = self._not_ruled_out(keys)
        for start in range(0, len(likely), ASKED_AT_ONCE):
            part = likely[start : start + ASKED_AT_ONCE]
            posts = Post.objects.select_related("author", "source", "mention").in_bulk(part)
            found += [key for key in part if key in posts and self.matches(posts[key])]
            if len(found) >= ENOUGH:
                break
        return found

    def _not_ruled_out(self, keys: list[int]) -> list[int]:
        """Those whose stored words do not say already that the post does not match: to read a post costs far more."""
        rule = told_by_words(self.rule)
        if rule is None:
            return keys
        stored = dict(PostWords.objects.filter(post__in=keys).values_list("post", "words"))
        return [key for key in keys if key in stored and rule.holds(StoredWords(stored[key]))]


@contextmanager
def patience(seconds: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Stop what takes the database longer; raises TooWide."""
    if _is_patient.get():  # whoever called has said how long
        yield
        return
    inside, token = connection.in_atomic_block, _is_patient.set(True)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = {int(seconds * 1000)}")
            yield
            if inside:  # whoever is in a transaction already goes on without it
                cursor.execute("SET LOCAL statement_timeout = 0")
    except OperationalError as problem:
        if getattr(problem.__cause__, "pgcode", "") == "57014":
            raise TooWide from problem
        raise
    finally:
        _is_patient.reset(token)


@contextmanager
def through_the_index() -> Iterator[None]:
    """Let the database ask its index of words although it may think that reading everything were quicker.

    It guesses how common a word is, and asking every post costs far more than it thinks. Within a transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
        yield
        cursor.execute("SET LOCAL enable_seqscan = on; SET LOCAL enable_indexscan = on")


def _with_authors(node: Node) -> Node:
    if isinstance(node, Term) and node.kind in ("word", "phrase") and not node.exact and not node.prefix:
        return Or((node, Field("author", node.text)))
    if isinstance(node, Term) and node.kind == "handle":
        return Or((node, Field("author", node.text)))
    if isinstance(node, And):
        return And(tuple(map(_with_authors, node.parts)))
    if isinstance(node, Or):
        return Or(tuple(map(_with_authors, node.parts)))
    return Not(_with_authors(node.part)) if isinstance(node, Not) else node
