"""Statements that are put together once: read anew each time, with the values given, of the active organization."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.postgres.fields import ArrayField
from django.db import connection, transaction
from django.db.models import DateField, DateTimeField, F, Func, IntegerField, Value
from django.db.models.functions import TruncDate
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from roles import clock, statements
from roles.models import AuditEntry, Position
from roles.statements import Statement, by_key
from roles.tenancy import NoActiveOrganization, acting_for
from tests.cast import Cast


def note(cast: Cast, verb: str, *, at: datetime) -> None:
    AuditEntry.objects.create(verb=verb, at=at, by=cast.rosa, by_name="Rosa", subject_kind="test", subject_label="")


def verbs(*, after: datetime, of: int | None = None) -> Any:
    rows = AuditEntry.objects.filter(at__gt=after)
    return (rows.filter(by=of) if of else rows).order_by("verb").values_list("verb")


def test_it_is_put_together_once_and_read_each_time(cast: Cast) -> None:
    asked, at = [], clock.now() + timedelta(days=1)

    def build(*shape: str, **values: Any) -> Any:
        asked.append(shape)
        return verbs(**values)

    statement = Statement(build)
    with acting_for(cast.organization):
        assert statement.rows(after=at, of=None) == []
        note(cast, "ours", at=at + timedelta(hours=2))
        assert statement.rows(after=at, of=None) == [("ours",)]
        assert statement.rows(after=at + timedelta(hours=3), of=None) == []
        assert len(asked) == 1
        assert statement.rows(after=at, of=cast.rosa.pk) == [("ours",)] and statement.rows(after=at, of=-3) == []
        statement.rows("other", after=at, of=None)
        assert asked == [(), (), ("other",)]
    with acting_for(cast.elsewhere):
        assert statement.rows(after=at, of=None) == []
    with pytest.raises(NoActiveOrganization):
        statement.rows(after=at, of=None)


def test_days_and_several_of_them_are_given_like_moments(acme: Cast) -> None:
    at, put_together = clock.now(), []
    note(acme, "ours", at=at)

    def build(*, first: date, days: list[date], moments: list[datetime]) -> Any:
        put_together.append(first)
        rows = AuditEntry.objects.filter(at__date__gte=first, verb="ours").order_by("pk")
        steps = {"function": "width_bucket", "output_field": IntegerField()}
        on_day = Func(TruncDate("at"), Value(days, output_field=ArrayField(DateField())), **steps)
        by_then = Func(F("at"), Value(moments, output_field=ArrayField(DateTimeField())), **steps)
        return rows.values_list(on_day, by_then)

    statement, day = Statement(build), at.date()
    days, moments = [day + timedelta(days=n) for n in (-2, -1, 0)], [at - timedelta(hours=n) for n in (2, 1)]
    assert statement.rows(first=day, days=days, moments=moments) == [(3, 2)]
    assert statement.rows(first=day, days=days[:1], moments=[*moments, at + timedelta(hours=1)]) == [(1, 2)]
    assert statement.rows(first=day + timedelta(days=2), days=days, moments=moments) == []
    assert len(put_together) == 1


def test_what_is_changed_on_its_way_in_is_refused(acme: Cast) -> None:
    statement = Statement(lambda *, after: verbs(after=after - timedelta(hours=1)))
    with pytest.raises(ValueError, match="after"):
        statement.rows(after=clock.now())


def test_a_day_is_a_value_beside_a_moment(cast: Cast) -> None:
    def build(*, since: Any, day: Any) -> Any:
        return AuditEntry.objects.filter(at__gt=since, at__date=day).order_by("verb").values_list("verb")

    statement, at = Statement(build), clock.now() + timedelta(days=1)
    with acting_for(cast.organization):
        note(cast, "then", at=at)
        for _time in range(2):
            assert statement.rows(since=at - timedelta(hours=1), day=at.date()) == [("then",)]
            assert statement.rows(since=at - timedelta(hours=1), day=at.date() + timedelta(days=1)) == []


def test_no_more_shapes_are_kept_than_so_many(acme: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "MOST", 2)
    statement = Statement(lambda _shape, *, after: verbs(after=after))
    for number in range(5):
        statement.rows(number, after=clock.now())
        assert len(statement._kept) <= 2


def tables_weighed() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW join_collapse_limit")
        (number,) = cursor.fetchone()
    return str(number)


@pytest.mark.django_db(transaction=True)
def test_a_row_by_key_brings_all_along_and_what_comes_after_is_planned_as_before(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    usual, rows = tables_weighed(), Position.objects.select_related("member__user")
    with acting_for(cast.organization):
        first = Position.objects.earliest("pk")
        # Outside a transaction and inside, where there is a row and where there is none.
        assert by_key(rows, first.pk) == first
        assert tables_weighed() == usual
        with pytest.raises(TransactionManagementError):
            by_key(rows.select_for_update(of=("self",)), first.pk)
        with transaction.atomic():
            found = by_key(rows.select_for_update(of=("self",)), first.pk)
            with django_assert_num_queries(0):
                assert found.member.user.name
            with CaptureQueriesContext(connection) as asked:
                by_key(rows, first.pk)
            limited, read, usually = (query["sql"] for query in asked)
            assert limited.endswith("join_collapse_limit = 1") and usually.endswith("join_collapse_limit = DEFAULT")
            assert read.startswith("SELECT")
            with pytest.raises(Position.DoesNotExist):
                by_key(rows, 0)
            assert tables_weighed() == usual
