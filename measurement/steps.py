"""In which of some stretches of time a row lies, told by the database, so that it adds up what lies in each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.contrib.postgres.fields import ArrayField
from django.db.models import DateField, DateTimeField, F, Func, IntegerField, Value


class StepOf(Func):
    """In which of some stretches that follow each other a moment lies, named by their beginnings; the first is 1."""

    function = "width_bucket"
    output_field = IntegerField()
    # The database gives whole numbers; each of a thousand rows need not be made one again.
    convert_value = staticmethod(Func._convert_value_noop)  # type: ignore[attr-defined]

    def __init__(self, moment: str, starts: Sequence[datetime]) -> None:
        super().__init__(F(moment), Value(list(starts), output_field=ArrayField(DateTimeField())))


class StepOfDay(Func):
    """The same of the day of a roll-up."""

    function = "width_bucket"
    output_field = IntegerField()
    convert_value = staticmethod(Func._convert_value_noop)  # type: ignore[attr-defined]

    def __init__(self, starts: Sequence[date]) -> None:
        super().__init__(F("day"), Value(list(starts), output_field=ArrayField(DateField())))
