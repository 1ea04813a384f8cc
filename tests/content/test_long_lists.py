"""Lists of ten thousand rows: indexes find what is shown, page by page, and nothing is asked more often."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from content import publication_lists
from content.idea_filter import IdeaFilter
from content.media_forms import MediaFilter
from content.models import Idea, Media, Publication
from roles import clock
from tests import factories
from tests.cast import Cast

MANY = 10_000
# Copies of one row: `MADE` says which columns differ from one to the next.
FILL = """
    INSERT INTO {table} ({columns}) SELECT {values} FROM {table} AS one, generate_series(1, %s) AS n WHERE one.id = %s
"""
MADE = {
    Media: {"digest": "md5(n::text) || md5(n::text)", "came_as": "''", "name": "'wheel-' || n || '.jpg'"},
    Idea: {"text": "'Number ' || n"},
    Publication: {"key": "md5(n::text)", "due_at": "due_at - n * interval '1 minute'", "state": "'accepted'"},
}


def an_idea(cast: Cast, **said: str) -> Idea:
    """An idea that Rosa noted."""
    return Idea.objects.create(**{"text": "Spokes", "noted_by": cast.rosa, "noted_at": clock.now(), **said})


def filled(row: Any) -> None:
    """Ten thousand more of a row."""
    made = MADE[type(row)]
    fields = [field for field in row._meta.concrete_fields if not (field.primary_key or field.generated)]
    names = [str(field.column) for field in fields]
    values = [made.get(name, f"one.{name}") for name in names]
    sql = FILL.format(table=row._meta.db_table, columns=", ".join(names), values=", ".join(values))
    with connection.cursor() as cursor:
        cursor.execute(sql, [MANY, row.pk])
        cursor.execute(f"ANALYZE {row._meta.db_table}")


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("wheel", ["My_wheel.JPG", "IMG-2024.png"]),
        ("2024", ["IMG-2024.png"]),
        ("wheel rain", ["IMG-2024.png"]),
        ("heel", []),
        ("3,5", ["IMG-2024.png"]),
        ("车轮", ["车轮.gif"]),
        ("' | a:*", []),
    ],
)
def test_media_are_found_by_the_words_of_their_name_and_of_what_is_said(
    acme: Cast, words: str, names: list[str]
) -> None:
    for name, alt in (("My_wheel.JPG", ""), ("IMG-2024.png", "A wheel of 3,5 kilos in the rain."), ("车轮.gif", "")):
        factories.media(name=name, alt=alt)
    form = MediaFilter(QueryDict(f"q={words}") if "&" not in words else None)
    assert [row.name for row in form.rows()] == names[::-1]


def test_among_many_media_indexes_find_words_and_what_has_none(acme: Cast) -> None:
    filled(factories.media(alt="A wheel."))
    factories.media(name="Rims of willow.png", alt="")
    for words, count in (("willow", 1), ("nowhere", 0), ("rims willow", 1)):
        rows = MediaFilter(QueryDict(f"q={words}")).rows()[:25]
        assert "media_words" in rows.explain(), words
        assert len(rows) == count
    rows = MediaFilter(QueryDict("which=without_words")).rows()[:25]
    assert "media_without_words" in rows.explain() and len(rows) == 1
    newest = MediaFilter(QueryDict("")).rows().filter(pk__lt=Media.objects.latest("pk").pk)[:25]
    assert "Seq Scan on content_media" not in newest.explain()


def test_among_many_ideas_an_index_finds_the_words_and_each_order_has_one(acme: Cast) -> None:
    filled(an_idea(acme))
    an_idea(acme, text="Rims of willow", quote="Bent over steam.")
    for words, count in (("willow", 1), ("steam", 1), ("nowhere", 0)):
        rows = IdeaFilter.in_address(QueryDict(f"q={words}")).narrow(Idea.objects.all(), member=acme.rosa)[:31]
        assert "idea_words" in rows.explain(), words
        assert len(rows) == count
    for order, index in (("best", "idea_best"), ("value", "idea_value"), ("easy", "idea_easy")):
        rows = IdeaFilter.in_address(QueryDict(f"order={order}")).narrow(Idea.objects.all(), member=acme.rosa)[:31]
        assert index in rows.explain(), order


def test_what_is_coming_is_found_past_ten_thousand_that_are_out(creating: Cast, planned: Any) -> None:
    row = planned()
    filled(row)
    coming = publication_lists.behind("coming").order_by("due_at", "pk")[:21]
    # The few that are coming are read, by one of the indexes over those that are not out, and nothing else.
    plan = coming.explain(analyze=True)
    assert "Seq Scan" not in plan and "Removed by Filter: 10" not in plan and [one.pk for one in coming] == [row.pk]


def test_pages_of_long_lists_ask_as_often_as_short_ones(creating: Cast, planned: Any, sign_in: Any) -> None:
    client = sign_in(creating.rosa)
    row, idea, media = planned(), an_idea(creating), factories.media()
    Publication.objects.create(
        **{field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key}
        | {"key": "out", "state": "accepted", "accepted_at": clock.now() - timedelta(days=1)}
    )
    pages = [f"/o/acme/content/{page}" for page in ("media/", "ideas/?q=", "pieces/", "publications/?tab=coming")]

    def asked() -> list[int]:
        counts = []
        for page in pages:
            client.get(page)
            with CaptureQueriesContext(connection) as caught:
                assert client.get(page).status_code == 200
            counts.append(len(caught))
        return counts

    few = asked()
    for one in (row, idea, media):
        filled(one)
    assert asked() == few
