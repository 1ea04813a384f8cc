"""Pieces by their words: found by an index however many there are, and as before where words have no spaces."""

from __future__ import annotations

import pytest
from django.db import connection

from content.models import Piece
from content.piece_filters import PieceFilter
from tests import factories
from tests.cast import Cast

MANY = 10_000
FILL = """
    INSERT INTO content_piece (organization_id, title, body, kind, step, language, author_id, state, version,
        created_at, saved_at)
    SELECT organization_id, 'Number ' || n, (SELECT string_agg(md5(n || '-' || m), ' ') FROM generate_series(1, 9) m),
        kind, step, language, author_id, state, version, created_at, saved_at
    FROM content_piece, generate_series(1, %(many)s) AS n WHERE content_piece.id = %(like)s
"""


def found(cast: Cast, words: str) -> list[str]:
    rows = PieceFilter(q=words).narrow(Piece.objects.order_by("pk"), cast.rosa)
    return [row.title for row in rows]


@pytest.mark.parametrize(
    ("words", "titles"),
    [
        ("wheels", ["True WHEELS"]),
        ("whee", ["True WHEELS", "Brakes"]),
        ("true wheel", ["True WHEELS"]),
        ("saturday", ["Brakes"]),
        ("satur & day", []),
        ("3,5", ["Brakes"]),
        ("e-bike", ["Brakes"]),
        ("'", ["Brakes"]),
        ("车轮", ["我们的车轮"]),
        ("колеса", ["колеса и тормоза"]),
        (":* | wheels", []),
        ("nowhere", []),
    ],
)
def test_pieces_are_found_by_words_of_title_and_body(acme: Cast, words: str, titles: list[str]) -> None:
    body = "On saturdays: a wheel's rim, 3,5 mm, for any e-bike."
    for title, said in (("True WHEELS", ""), ("Brakes", body), ("我们的车轮", ""), ("колеса и тормоза", "")):
        factories.piece(author=acme.rosa, title=title, body=said)
    assert found(acme, words) == titles


def test_a_body_of_very_many_different_words_is_kept(acme: Cast) -> None:
    """The database refuses more words than it can index, and would refuse the piece with them."""
    body = " ".join(f"\U00020000\U00020001{number:04x}" for number in range(20_000))[:200_000]
    row = factories.piece(author=acme.rosa, title="Long", body=body)
    assert found(acme, "long") == [row.title]


def test_among_many_pieces_an_index_finds_the_words(acme: Cast) -> None:
    like = factories.piece(author=acme.rosa, title="Rims of willow")
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"many": MANY, "like": like.pk})
        cursor.execute("ANALYZE content_piece")
    for words in ("willow", "nowhere", "rims willow"):
        rows = PieceFilter(q=words).narrow(Piece.objects.order_by("-pk"), acme.rosa)[:31]
        assert "piece_words" in rows.explain(), words
        assert len(rows) == (0 if words == "nowhere" else 1)
