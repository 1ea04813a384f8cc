"""Whether the figures kept ready are those that the rows give: each is counted anew and laid beside what was kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction

from measurement.actions.rollups import recompute_rollups
from measurement.computing import ROLL_UPS
from measurement.histogram import unpacked
from measurement.models import StaleHour
from measurement.waits import unpacked_waits
from measurement.windows import Window

# What stands in place of a key where a row is of all of them.
OF_ALL = {"department_id": "all departments", "query_id": "each mention once"}
# So many days are counted at once.
AT_ONCE = 7


@dataclass(frozen=True)
class Difference:
    """One row of a roll-up that is not what the rows give; None where there is none, or should be none."""

    table: str
    key: dict[str, Any]
    kept: dict[str, Any] | None
    counted: dict[str, Any] | None

    def __str__(self) -> str:
        where = ", ".join(_placed(name, value) for name, value in self.key.items())
        if self.kept is None:
            return f"{self.table}: {where}: nothing was kept, though there are rows to count"
        if self.counted is None:
            return f"{self.table}: {where}: something was kept, but there are no rows to count any more"
        names = [name for name in self.kept if self.kept[name] != self.counted[name]]
        told = [f"{name} kept {_short(name, self.kept)}, counted {_short(name, self.counted)}" for name in names]
        return f"{self.table}: {where}: {'; '.join(told)}"


def compare(window: Window, *, at: datetime, mend: bool = False) -> Iterator[Difference]:
    """Yield every difference in a window, some days at a time; what is marked anyway will be counted and is none.

    The rows are counted by the statements that make the roll-ups. Unless the figures are to be mended, all that was
    counted is taken back.
    """
    first = window.first
    while first <= window.last:
        last = min(first + timedelta(days=AT_ONCE - 1), window.last)
        yield from _compare(Window(first, last, window.zone), at=at, mend=mend)
        first = last + timedelta(days=1)


def pending(window: Window) -> int:
    """How many hours of a window are marked and wait to be counted."""
    marked = StaleHour.objects.filter(hour__gte=window.start, hour__lt=window.end)
    return marked.values("hour").distinct().count()


def _compare(window: Window, *, at: datetime, mend: bool) -> list[Difference]:
    found = []
    with transaction.atomic():
        inside = StaleHour.objects.filter(hour__gte=window.start, hour__lt=window.end)
        hours = set(inside.values_list("hour", flat=True))
        marked: set[Any] = hours | {hour.astimezone(window.zone).date() for hour in hours}
        kept = {model: _rows(model, window) for model in ROLL_UPS}
        recompute_rollups(window, at=at)
        for model in ROLL_UPS:
            counted = _rows(model, window)
            for key in sorted({*kept[model], *counted}, key=str):
                named = dict(key)
                was, now = kept[model].get(key), counted.get(key)
                if was != now and named.get("hour") not in marked and named.get("day") not in marked:
                    found.append(Difference(str(model._meta.verbose_name_plural), named, was, now))
        transaction.set_rollback(not mend)
    return found


def _rows(model: type[models.Model], window: Window) -> dict[tuple[tuple[str, Any], ...], dict[str, Any]]:
    """The rows of a roll-up by what tells them apart."""
    [constraint] = [one for one in model._meta.constraints if isinstance(one, models.UniqueConstraint)]
    names = [name for name in constraint.fields if name != "organization"]
    time = "hour" if "hour" in names else "day"
    inside = (
        {"hour__gte": window.start, "hour__lt": window.end}
        if time == "hour"
        else {"day__gte": window.first, "day__lte": window.last}
    )
    found = {}
    for row in model._default_manager.filter(**inside).values():
        key = tuple((name, row.get(name, row.get(f"{name}_id"))) for name in names)
        values = {
            name: bytes(value) if isinstance(value, memoryview) else value
            for name, value in row.items()
            if name not in {"id", "organization_id", *names} and name.removesuffix("_id") not in names
        }
        found[key] = values
    return found


def _placed(name: str, value: Any) -> str:
    """One part of what tells a row apart."""
    if value == 0 and name in OF_ALL:
        return OF_ALL[name]
    return f"{name.removesuffix('_id')} {value}"


def _short(name: str, row: dict[str, Any]) -> str:
    value = row[name]
    if isinstance(value, bytes) and set(row) == {"first_response"}:
        return f"{sum(unpacked_waits(value).values())} in {len(value) // 6} steps"
    if isinstance(value, bytes) and name != "keys":
        value = unpacked(value)
    if isinstance(value, list):
        return f"{sum(value)} in {len(value)} steps"
    return f"{len(value) // 8} keys" if isinstance(value, bytes) else str(value)
