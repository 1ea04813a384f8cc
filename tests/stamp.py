"""Rows that many tests begin with: drawn once as the ORM writes them, then written by one statement each time.

To go over thirty rows column by column takes the ORM longer than it takes PostgreSQL to write them, and thousands of
tests begin with the same thirty. Each writing has keys and moments of its own, as rows that the ORM writes have.
"""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import Any, Generic, TypeVar
from unittest.mock import patch

from django.db import connection, models
from django.db.models.sql import InsertQuery
from django.utils import timezone

Made = TypeVar("Made")
Row = TypeVar("Row", bound=models.Model)
# What stands in the drawing where keys go, and the moments of the test's clock and of the database's.
FIRST_PLACE = 7_000_000_000_000
AT, NOW = (datetime(1907, 1, 1, 0, 0, 0, number, tzinfo=UTC) for number in (1, 2))
PLACES = re.compile(r"(70000000\d{5}|1907-01-01T00:00:00\.00000\d\+00:00)")


@dataclass
class Drawing:
    """The rows that `draw` makes, each under a place for its key."""

    rows: dict[type[models.Model], list[models.Model]]
    count: int = 0

    def new(self, model: type[Row], **fields: Any) -> Row:
        """Draw a row; of moments it takes the one that is handed in, and keys in columns of their own."""
        kept = (AT, [], {})
        odd = [
            name for name, value in fields.items() if isinstance(value, (datetime, list, dict)) and value not in kept
        ]
        assert not odd, f"Not to be drawn: {odd}"
        row = model(pk=FIRST_PLACE + self.count, **fields)
        row._state.adding, row._state.db = False, "default"
        row.__dict__ |= {name: NOW for name, value in vars(row).items() if isinstance(value, datetime) and value != AT}
        self.count += 1
        self.rows.setdefault(model, []).append(row)
        return row


class Stamp(Generic[Made]):
    """Writes what was drawn as often as one likes; `Made` holds the rows that the tests are given."""

    def __init__(self, draw: Callable[[Drawing, datetime], Made]) -> None:
        self.draw = draw
        self.is_cut = False

    def __call__(self, *, at: datetime) -> Made:
        """Write the rows, and return them."""
        if not self.is_cut:
            self._cut()
        values: dict[Any, Any] = {AT: at, NOW: timezone.now()}
        with connection.cursor() as cursor:
            cursor.execute(self.asks_for_keys)
            values |= zip(self.places, chain.from_iterable(cursor.fetchone()), strict=True)
            said = {_text(place): _text(value) for place, value in values.items()}
            cursor.execute("".join(said.get(part, part) for part in self.parts))
        made, rows = pickle.loads(self.kept)
        for row in rows:
            fields = row.__dict__
            for name, value in fields.items():
                if value.__class__ in {int, datetime} and value in values:
                    fields[name] = values[value]
        return made  # type: ignore[no-any-return]

    def _cut(self) -> None:
        drawing = Drawing({})
        with patch.object(timezone, "now", lambda: NOW), connection.cursor() as cursor:
            made = self.draw(drawing, AT)
            self.parts = PLACES.split("; ".join(_said(cursor, drawing)))
        rows = [row for of_model in drawing.rows.values() for row in of_model]
        self.places = [row.pk for row in rows]
        self.asks_for_keys = "SELECT " + ", ".join(
            f"ARRAY(SELECT nextval(pg_get_serial_sequence('{model._meta.db_table}', 'id'))"
            f" FROM generate_series(1, {len(of_model)}))"
            for model, of_model in drawing.rows.items()
        )
        self.kept = pickle.dumps((made, rows))
        self.is_cut = True


def _said(cursor: Any, drawing: Drawing) -> Iterator[str]:
    for model, rows in drawing.rows.items():
        query = InsertQuery(model)
        query.insert_values([one for one in model._meta.concrete_fields if not one.generated], rows)
        for sql, values in query.get_compiler(connection=connection).as_sql():
            yield cursor.mogrify(sql, values).decode()


def write_each(like: models.Model, **each: Sequence[Any]) -> list[int]:
    """Write as many rows as there are values, like this one but for the columns that are named; returns their keys."""
    meta = like._meta
    varied = {name: meta.get_field(name) for name in each}
    places, constants = {field.column: f"each.{field.column}" for field in varied.values()}, []
    for field in meta.concrete_fields:
        if field.primary_key or field.generated or field in varied.values():
            continue
        value = field.pre_save(like, add=True)
        if not hasattr(value, "resolve_expression"):  # what only the database knows, it says itself
            places[field.column] = f"%s::{field.db_type(connection)}"
            constants.append(field.get_db_prep_save(value, connection))
    arrays = ", ".join(f"%s::{field.db_type(connection)}[]" for field in varied.values())
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {meta.db_table} ({', '.join(places)}) SELECT {', '.join(places.values())}"
            f" FROM unnest({arrays}) AS each ({', '.join(field.column for field in varied.values())}) RETURNING id",
            [*constants, *map(list, each.values())],
        )
        return [key for (key,) in cursor.fetchall()]


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
