"""Statements of pages that are asked for often: put together once, run with other values each time."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from django.db import connection, transaction
from django.db.models import Model, QuerySet

from roles.models import Organization
from roles.tenancy import acting_for, active_organization_id

Row = TypeVar("Row", bound=Model)
Given = int | date | list[int] | list[date] | list[datetime] | None
# So many shapes of one statement are kept; whoever asks in more is served as if none were.
MOST = 200
_OURS = -(10**17)
_LONG_AGO = datetime(1801, 1, 1, tzinfo=UTC)


def by_key(rows: QuerySet[Row], key: int) -> Row:
    """Get one of the rows with all that they bring along; raises its DoesNotExist.

    They are joined in the order in which the query names them. PostgreSQL would take 13 ms to weigh orders of joining
    fifteen tables, and finds the row by keys within one.
    """
    # A lock outside a transaction is refused, as ever.
    around = nullcontext() if rows.query.select_for_update else transaction.atomic(savepoint=False)
    with around, connection.cursor() as cursor:
        cursor.execute("SET LOCAL join_collapse_limit = 1")
        found = list(rows.filter(pk=key))
        cursor.execute("SET LOCAL join_collapse_limit = DEFAULT")
    if not found:
        said = f"There is no {rows.model._meta.verbose_name} {key}."
        raise rows.model.DoesNotExist(said)  # type: ignore[attr-defined]
    return found[0]


class Statement:
    """What `build` asks for, in tuples; to put the same together again for each page takes longer than to run it.

    `build` is called with the shape, which chooses its words, and with values by name, None where one is not given.
    They may go into it as they are and in no other way: marks stand for them while it is put together.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]]) -> None:
        self._build = build
        self._kept: dict[Hashable, tuple[str, list[Any]]] = {}

    def rows(self, *shape: Hashable, **values: Given) -> list[tuple[Any, ...]]:
        """The rows of the active organization, read now."""
        given = tuple(name for name, value in values.items() if value is not None)
        key = (shape, given)
        kept = self._kept.get(key)
        if kept is None:
            if len(self._kept) >= MOST:
                self._kept.clear()
            kept = self._kept[key] = self._put_together(shape, values)
        sql, places = kept
        mine = {**values, "": active_organization_id()}
        with connection.cursor() as cursor:
            cursor.execute(sql, [mine[place.name] if isinstance(place, _Mark) else place for place in places])
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found

    def _put_together(self, shape: tuple[Hashable, ...], values: dict[str, Given]) -> tuple[str, list[Any]]:
        marks = {name: _mark(value, number) for number, (name, value) in enumerate(values.items())}
        with acting_for(Organization(pk=_OURS)):
            sql, params = self._build(*shape, **marks).query.sql_with_params()
        names = {"": _OURS, **{name: mark for name, mark in marks.items() if mark is not None}}
        places = [next((_Mark(name) for name, mark in names.items() if _is(param, mark)), param) for param in params]
        if missing := set(names) - {place.name for place in places if isinstance(place, _Mark)}:
            raise ValueError(f"These are not in the statement as they were given: {sorted(missing)}.")
        return sql, places


class _Mark:
    def __init__(self, name: str) -> None:
        self.name = name


def _mark(value: Given, number: int) -> Given:
    if value is None:
        return None
    if isinstance(value, list):
        return [_mark_like(one, number) for one in value[:1] or [0]]
    mark: Given = _mark_like(value, number)
    return mark


def _mark_like(value: int | date, number: int) -> Any:
    if isinstance(value, date):
        moment = _LONG_AGO + timedelta(days=number)
        return moment if isinstance(value, datetime) else moment.date()
    return _OURS - 1 - number


def _is(param: Any, mark: Given) -> bool:
    return type(param) is type(mark) and bool(param == mark)
