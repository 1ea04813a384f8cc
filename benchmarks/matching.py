"""How many short texts a second are matched against 100, 1,000 and 10,000 boolean queries.

Beside the matcher stand the loops one would write first: every query's words as regular expressions, and every
query's own plain evaluation; and, with DATABASE_URL set, PostgreSQL's reversed tsquery (one text against a table of
queries). They all say which queries match, and none of them where; so that is what the matcher is compared by, and what
the places cost stands beside it. Texts and queries are generated from a fixed seed; all contenders must agree on the
texts they share.

    python benchmarks/matching.py [--texts 20000] [--rounds 5]
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from listening.matching import Document, Query, compile, parse
from listening.matching.folding import fold
from listening.matching.tree import And, Node, Not, Or, Term

SIZES = (100, 1_000, 10_000)
Contender = Callable[[Document], Iterable[int]]


class Corpus:
    """Posts and queries over one invented vocabulary, common words drawn as often as in real text."""

    def __init__(self, seed: int = 20) -> None:
        self.random = random.Random(seed)
        self.vocabulary = self._words(30_000)
        self.weights = [0.0]
        for rank in range(1, len(self.vocabulary) + 1):
            self.weights.append(self.weights[-1] + 1 / (rank + 3))
        self.weights.pop(0)

    def _words(self, count: int) -> list[str]:
        alphabets = (("bcdfghklmnprstvz", "aeiou"),) * 7 + (("bdfglmnrstçñ", "aéèüöá"), ("бвгдклмнпрст", "аеиоуяы"))
        # By folded form, since the other contenders tell accents apart.
        words: dict[str, str] = {}
        while len(words) < count:
            consonants, vowels = self.random.choice(alphabets)
            syllables = self.random.choice((1, 2, 2, 3, 3, 4))
            word = "".join(self.random.choice(consonants) + self.random.choice(vowels) for _ in range(syllables))
            words.setdefault(fold(word), word)
        return list(words.values())

    def text(self) -> str:
        """A post of 10 to 35 words, with capitals, punctuation, now and then a tag, a handle, an address."""
        words = self.random.choices(self.vocabulary, cum_weights=self.weights, k=self.random.randint(10, 35))
        for place, word in enumerate(words):
            chance = self.random.random()
            if chance < 0.1:
                words[place] = word.capitalize()
            elif chance < 0.16:
                words[place] = word + self.random.choice((",", ".", "!", "?", "…", "’s"))
            elif chance < 0.18:
                words[place] = self.random.choice("#@") + word
            elif chance < 0.185:
                words[place] = f"https://{word}.example/{place}"
        return " ".join(words)

    def query(self) -> str:
        """A query as teams write them: a name with context, names in several spellings, a phrase, a tag."""
        choice, rare, frequent = self.random.choice, self.vocabulary[1_000:], self.vocabulary[20:1_000]
        shape = self.random.random()
        if shape < 0.4:
            return (
                f"{choice(rare)} ({choice(frequent)} OR {choice(frequent)} OR {choice(frequent)}) -{choice(frequent)}"
            )
        if shape < 0.6:
            return f"{choice(rare)} OR {choice(rare)} OR {choice(rare)}"
        if shape < 0.8:
            return f'"{choice(frequent)} {choice(frequent)}" OR ({choice(rare)} {choice(frequent)})'
        if shape < 0.9:
            return f"#{choice(rare)} OR {choice(rare)}"
        return f"{choice(frequent)} {choice(frequent)} {choice(frequent)}"


def regular_expressions(queries: dict[int, Query]) -> Contender:
    """Each query as its words' regular expressions, asked one after another."""
    tests = {number: _expression(query.tree) for number, query in queries.items()}
    return lambda document: [number for number, test in tests.items() if test(document.text)]


def _expression(node: Node) -> Callable[[str], bool]:
    if isinstance(node, Term):
        search = re.compile(rf"(?<!\w){re.escape(node.text)}(?!\w)", re.IGNORECASE).search
        return lambda text: search(text) is not None
    if isinstance(node, Not):
        inner = _expression(node.part)
        return lambda text: not inner(text)
    assert isinstance(node, And | Or)
    parts = [_expression(part) for part in node.parts]
    if isinstance(node, And):
        return lambda text: all(part(text) for part in parts)
    return lambda text: any(part(text) for part in parts)


def plain(queries: dict[int, Query]) -> Contender:
    """Each query evaluated on its own, on text that is folded once."""
    return lambda document: [number for number, query in queries.items() if query.matches(document) is not None]


def postgresql(queries: dict[int, Query], cursor: Any) -> Contender:
    """PostgreSQL asked which of a table's queries match a text."""
    cursor.execute("CREATE TEMPORARY TABLE asked (id int, query tsquery)")
    cursor.execute("TRUNCATE asked")
    for number, query in queries.items():
        cursor.execute("INSERT INTO asked VALUES (%s, %s::tsquery)", (number, _tsquery(query.tree)))
    cursor.execute("ANALYZE asked")

    def ask(document: Document) -> list[int]:
        cursor.execute(
            "SELECT asked.id FROM to_tsvector('simple', %s) text, asked WHERE text @@ asked.query", (document.text,)
        )
        return [number for (number,) in cursor.fetchall()]

    return ask


def _tsquery(node: Node) -> str:
    if isinstance(node, Term):
        words = [word.strip("#@").lower() for word in node.text.split()]
        return "(" + " <-> ".join(f"'{word}'" for word in words) + ")"
    if isinstance(node, Not):
        return f"!{_tsquery(node.part)}"
    assert isinstance(node, And | Or)
    return "(" + (" & " if isinstance(node, And) else " | ").join(map(_tsquery, node.parts)) + ")"


def rate(contender: Contender, documents: list[Document]) -> float:
    """Texts a second, each text seen for the first time."""
    fresh = [replace(document) for document in documents]
    began = time.perf_counter()
    for document in fresh:
        contender(document)
    return len(fresh) / (time.perf_counter() - began)


def check(matcher: Contender, other: Contender, documents: list[Document]) -> None:
    """Two contenders must find the same."""
    for document in documents:
        found, expected = set(matcher(document)), set(other(document))
        if found != expected:
            raise SystemExit(f"Not the same: {found ^ expected} on {document.text!r}")


def measure(size: int, corpus: Corpus, documents: list[Document], rounds: int, cursor: Any) -> None:
    """One size: every contender in every round, medians, and ratios to the regular expressions."""
    queries = {number: parse(corpus.query()) for number in range(size)}
    began = time.perf_counter()
    matcher = compile(queries)
    built = time.perf_counter() - began
    few = documents[: max(30_000 // size, 4)]
    contenders: dict[str, tuple[Contender, list[Document]]] = {
        "matcher": (matcher.which, documents),
        "matcher, with the places": (matcher.match, documents),
        "plain evaluations, one by one": (plain(queries), few),
        "regular expressions, one by one": (regular_expressions(queries), few),
    }
    if cursor is not None:
        contenders["PostgreSQL, reversed tsquery"] = (postgresql(queries, cursor), few * 3)
    check(matcher.which, contenders["matcher, with the places"][0], documents)
    check(matcher.match, contenders["plain evaluations, one by one"][0], documents[: 300_000 // size])
    check(matcher.match, contenders["regular expressions, one by one"][0], few)
    rates: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, (contender, texts) in contenders.items():
            rates[name].append(rate(contender, texts))
    hits = sum(len(matcher.match(document)) for document in documents) / len(documents)
    print(f"\n{size:,} queries ({built:.2f} s to compile, {hits:.2f} matches a text)")
    medians = {name: statistics.median(values) for name, values in rates.items()}
    for name, median in medians.items():
        print(f"  {name:<34}{median:>12,.0f} texts/s   matcher is {medians['matcher'] / median:>9,.1f} x")
    if cursor is not None:
        cursor.execute("DROP TABLE asked")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--texts", type=int, default=20_000)
    arguments.add_argument("--rounds", type=int, default=5)
    options = arguments.parse_args()
    corpus = Corpus()
    documents = [Document(text=corpus.text()) for _ in range(options.texts)]
    cursor = None
    if address := os.environ.get("DATABASE_URL"):
        import psycopg2  # type: ignore[import-untyped]

        cursor = psycopg2.connect(address).cursor()
    machine = f"Python {platform.python_version()}, {os.cpu_count()} cores"
    print(f"{machine}, {options.texts:,} texts, median of {options.rounds}")
    for size in SIZES:
        measure(size, corpus, documents, options.rounds, cursor)


if __name__ == "__main__":
    main()
