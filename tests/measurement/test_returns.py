"""KPIs and the return: what they rest on is stated, dated, and adds up by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from maturity.models import TimeEntry
from measurement.actions.returns import (
    add_kpi,
    change_kpi,
    drop_kpi,
    restore_assumption,
    state_assumption,
    take_up_kpi,
    withdraw_assumption,
)
from measurement.actions.rollups import refresh_rollups
from measurement.exploring import parts
from measurement.investing import SPENT, return_of
from measurement.kpis import standings
from measurement.measuring import values_of
from measurement.models import Assumption, Kpi
from measurement.selecting import Selection
from measurement.windows import Window
from roles import clock
from roles.actions.organization import move_department
from roles.models import AuditEntry, Department, Role
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast, join

NOW = datetime(2026, 4, 2, 12, tzinfo=UTC)
WEEK = Selection(Window(date(2026, 3, 27), date(2026, 4, 2), ZoneInfo("UTC")))


def state(acme: Cast, **fields: Any) -> Assumption:
    where = fields.pop("where", acme.organization)
    asked = {"about": "hour", "amount": Decimal(40), "currency": "eur", "first_day": date(2026, 1, 1),
             "source": "payroll, with what goes with it", "by": acme.carla, "at": NOW}  # fmt: skip
    return state_assumption(where, **{**asked, **fields})


def work(acme: Cast, hours: dict[date, float], *, answers: int = 0) -> None:
    for day, count in hours.items():
        TimeEntry.objects.create(
            member=acme.rosa, day=day, activity="responding", kind="added", seconds=3600 * count, entered_at=NOW
        )
    for number in range(answers + 1):
        at = NOW - timedelta(days=2)
        mention = factories.mention(at=at, post=factories.post(at=at, network="feed"))
        fields = {"first_answered_at": at + timedelta(hours=1)} if number else {}
        factories.assignment(department=acme.care, mention=mention, at=at, **fields)
    refresh_rollups(at=NOW)


def test_a_return_adds_up_by_hand(acme: Cast) -> None:
    work(acme, {date(2026, 3, 28): 6, date(2026, 4, 1): 4, date(2026, 3, 1): 99}, answers=30)
    assert return_of(WEEK, at=NOW, viewer=acme.carla).value is None, "nothing is stated"
    state(acme, amount=Decimal(30), last_day=date(2026, 3, 31))
    half = return_of(WEEK, at=NOW, viewer=acme.carla).put_in
    assert (half.unpriced, half.amount) == (4, None), "what nobody has priced is not as good as free"
    state(acme, amount=Decimal(50), first_day=date(2026, 4, 1))
    state(acme, about="each", metric="answers", kind="savings", amount=Decimal(12), source="a call costs 14, a mail 2")
    # Came in over ten days, of which these seven hold four.
    orders = state(acme, about="sum", kind="revenue", amount=Decimal(200), first_day=date(2026, 3, 30),
                   last_day=date(2026, 4, 8), source="orders with our code")  # fmt: skip
    found = return_of(WEEK, at=NOW, viewer=acme.carla)
    assert (found.put_in.hours, found.put_in.amount, found.currency) == (10, 6 * 30 + 4 * 50, "EUR")
    assert found.payback == 30 * 12 + 200 * 4 / 10
    assert found.value == pytest.approx((440 - 380) / 380)
    values = values_of(WEEK, at=NOW, viewer=acme.carla)
    assert (values["hours_spent"], values["cost"], values["cost_per_answer"]) == (10, 380, 380 / 30)
    withdraw_assumption(orders, by=acme.carla, at=NOW)
    assert return_of(WEEK, at=NOW, viewer=acme.carla).payback == 30 * 12
    restore_assumption(orders, by=acme.carla, at=NOW)
    assert return_of(WEEK, at=NOW, viewer=acme.carla).payback == 440


def test_answers_on_the_practice_field_pay_nothing_back_and_that_is_said(acme: Cast, sign_in: Any) -> None:
    at = NOW - timedelta(days=1)
    mention = factories.mention(at=at, post=factories.post(at=at, network="practice"))
    factories.assignment(department=acme.care, mention=mention, at=at, first_answered_at=at + timedelta(hours=1))
    work(acme, {NOW.date(): 6}, answers=2)
    state(acme)
    state(acme, about="each", metric="answers", kind="savings", amount=Decimal(12))
    found = return_of(WEEK, at=NOW, viewer=acme.carla)
    assert (found.payback, found.practised) == (24, 1)
    page = sign_in(acme.carla).get("/o/acme/measure/return/?from=2026-03-27&to=2026-04-02").content.decode()
    assert "1 answer was given on the practice field" in page


def test_of_few_people_no_hours_are_told_to_who_does_not_coach_them(acme: Cast) -> None:
    work(acme, {date(2026, 3, 28): 6})
    care = Selection(WEEK.window, department=acme.care.pk)
    assert return_of(care, at=NOW, viewer=acme.elif_).put_in.hours is None
    assert return_of(care, at=NOW, viewer=acme.carla).put_in.hours == 6
    assert values_of(care, at=NOW, viewer=acme.elif_)["hours_spent"] is None


def test_hours_of_a_department_are_those_of_the_departments_below_too(acme: Cast) -> None:
    work(acme, {date(2026, 3, 28): 6})
    press, care = (Selection(WEEK.window, department=one.pk) for one in (acme.press, acme.care))
    assert values_of(press, at=NOW, viewer=acme.carla)["hours_spent"] == 0
    move_department(acme.care, parent=acme.press, by=acme.olga, at=NOW)
    press = Selection(WEEK.window, department=acme.press.pk)
    assert [values_of(one, at=NOW, viewer=acme.carla)["hours_spent"] for one in (press, care)] == [6, 6]


def test_what_was_spent_over_time_is_read_once_for_all_steps(acme: Cast) -> None:
    work(acme, {date(2026, 3, 28): 6, date(2026, 4, 1): 4}, answers=3)
    state(acme)
    state(acme, amount=Decimal(60), first_day=date(2026, 4, 1))
    before = WEEK.on(WEEK.window.before())
    alone = [values_of(WEEK.on(step), at=NOW, viewer=acme.carla, only=set(SPENT)) for step in WEEK.window.steps()]
    for key in SPENT:
        with CaptureQueriesContext(connection) as queries:
            found = parts(key, "time", WEEK, before, at=NOW, viewer=acme.carla)
        assert [part.now for part in found] == [one[key] for one in alone]
        assert len(queries) < 40, "for seven steps as for one"
    assert [one["cost"] for one in alone if one["cost"]] == [240, 240]
    assert {part.now for part in parts("cost", "time", WEEK, before, at=NOW, viewer=None)} <= {None, 240.0}


def test_a_kpi_asks_only_for_what_it_is_about(acme: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    work(acme, {})
    add_kpi(acme.organization, name="Speed", kind="engagement", metric="answered", target=0.5, owner=acme.carla,
            by=acme.carla, at=NOW)  # fmt: skip

    def refuse(*_asked: Any, **_more: Any) -> Any:
        raise AssertionError("Nobody asked for it.")

    monkeypatch.setattr("maturity.measured.kept_blocks", refuse)
    monkeypatch.setattr("measurement.measuring.handling", refuse)
    [one] = [row for _kind, rows in standings(WEEK, at=NOW, viewer=acme.carla) for row in rows]
    assert one.figure == 0
    monkeypatch.undo()
    whole = values_of(WEEK, at=NOW, viewer=acme.carla)
    for key in whole:
        assert values_of(WEEK, at=NOW, viewer=acme.carla, only={key})[key] == whole[key], key


def test_a_department_has_its_own_price_before_that_of_the_whole(acme: Cast) -> None:
    work(acme, {date(2026, 3, 28): 2})
    state(acme, amount=Decimal(60), where=acme.care)
    # Stated later and of a later day, and still only of those who have none of their own.
    state(acme, first_day=date(2026, 2, 1))
    care = Selection(WEEK.window, department=acme.care.pk)
    assert return_of(care, at=NOW, viewer=acme.carla).put_in.amount == 120
    assert return_of(WEEK, at=NOW, viewer=acme.carla).put_in.amount == 80


def test_payback_of_a_department_is_of_its_own_answers_and_by_its_own_word_first(acme: Cast) -> None:
    work(acme, {date(2026, 3, 28): 2}, answers=3)
    care, press = (Selection(WEEK.window, department=one.pk) for one in (acme.care, acme.press))
    each = {"about": "each", "metric": "answers", "kind": "savings"}
    state(acme, amount=Decimal(10), **each)
    paid = [return_of(one, at=NOW, viewer=acme.carla).payback for one in (WEEK, care, press)]
    assert paid == [30, 30, 0], "press answered nothing"
    state(acme, amount=Decimal(12), where=acme.care, **each)
    state(acme, about="sum", kind="revenue", amount=Decimal(70), where=acme.care, first_day=date(2026, 3, 27),
          last_day=date(2026, 4, 2))  # fmt: skip
    state(acme, about="sum", kind="revenue", amount=Decimal(700), first_day=date(2026, 3, 27),
          last_day=date(2026, 4, 2))  # fmt: skip
    paid = [return_of(one, at=NOW, viewer=acme.carla).payback for one in (WEEK, care, press)]
    assert paid == [30 + 70 + 700, 36 + 70, 0], "a sum of the whole is no department's"


@pytest.mark.parametrize(
    "wrong",
    [{"currency": "€"}, {"amount": Decimal(-1)}, {"source": ""}, {"about": "each", "kind": "savings"},
     {"about": "each", "metric": "answers"}, {"about": "sum", "kind": "revenue"},
     {"about": "each", "metric": "answered", "kind": "savings"}, {"last_day": date(2025, 1, 1)}],
)  # fmt: skip
def test_what_cannot_be_is_refused(acme: Cast, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        state(acme, **wrong)


def test_two_currencies_are_not_added_up(acme: Cast) -> None:
    row = state(acme)
    with pytest.raises(ValidationError):
        state(acme, currency="USD")
    withdraw_assumption(row, by=acme.carla, at=NOW)
    state(acme, currency="USD")
    with pytest.raises(ValidationError):
        restore_assumption(row, by=acme.carla, at=NOW)


def test_a_kpi_stands_where_its_metric_does(acme: Cast) -> None:
    work(acme, {}, answers=3)
    said = {"name": "Answers", "kind": "engagement", "metric": "answered", "target": 0.8, "owner": acme.rosa}
    doing: dict[str, Any] = {"by": acme.carla, "at": NOW}
    row = add_kpi(acme.organization, **said, **doing)
    add_kpi(acme.press, **{**said, "metric": "backlog", "target": 0.0}, **doing)
    groups = {kind.value: rows for kind, rows in standings(WEEK, at=NOW, viewer=acme.carla)}
    assert list(groups) == ["engagement", "revenue", "savings", "awareness", "learning"]
    whole, press = groups["engagement"]
    assert (whole.figure, whole.is_reached, whole.needed) == (3 / 4, False, "at least 80 %")
    assert (press.figure, press.is_reached, press.needed) == (0, True, "at most 0")
    assert change_kpi(row, target=0.7, **doing).target == 0.7
    assert standings(WEEK, at=NOW, viewer=acme.carla)[0][1][0].is_reached
    assert drop_kpi(row, **doing).dropped_at == drop_kpi(row, **doing).dropped_at == NOW
    with pytest.raises(ValidationError):
        change_kpi(row, target=0.1, **doing)
    assert take_up_kpi(row, **doing).dropped_at is None
    for wrong in ({"metric": "likes"}, {"metric": "captured_by_query"}, {"name": ""}, {"kind": "fun"}):
        with pytest.raises(ValidationError):
            add_kpi(acme.organization, **{**said, **wrong}, **doing)
    with pytest.raises(ValidationError):
        add_kpi(acme.care, **{**said, "metric": "captured"}, **doing)
    corin = join("Corin", Role.COACH, acme.care)
    with pytest.raises(PermissionDenied):
        add_kpi(acme.organization, **said, by=corin, at=NOW)


def test_pages_for_people_and_programs(acme: Cast, sign_in: Any, api: Any) -> None:
    carla, elif_, rosa = sign_in(acme.carla), sign_in(acme.elif_), sign_in(acme.rosa)
    here = "/o/acme/measure/"
    form = {"name": "<i>Fast</i>", "kind": "engagement", "metric": "first_response_median", "target": "60",
            "owner": acme.rosa.pk, "department": ""}  # fmt: skip
    assert carla.post(f"{here}kpis/add/", form).status_code == 302
    kpi = Kpi.objects.get()
    assert kpi.target == 3600
    assert 'value="60' in carla.get(f"{here}kpis/{kpi.pk}/change/").content.decode()
    assert carla.post(f"{here}kpis/{kpi.pk}/change/", {**form, "target": "30"}).status_code == 302
    assert carla.post(f"{here}kpis/add/", {**form, "target": "x"}).status_code == 422
    assert "&lt;i&gt;Fast" in elif_.get(f"{here}kpis/").content.decode()
    assert elif_.post(f"{here}kpis/add/", form).status_code == 403
    assert carla.post(f"{here}kpis/{kpi.pk}/drop/").status_code == 302
    assert carla.post(f"{here}kpis/{kpi.pk}/take-up/").status_code == 302
    stated = {"about": "hour", "amount": "40", "currency": "EUR", "metric": "", "kind": "", "source": "payroll",
              "first_day": "2026-01-01", "last_day": "", "department": ""}  # fmt: skip
    assert elif_.post(f"{here}return/state/", stated).status_code == 302
    assert elif_.post(f"{here}return/state/", {**stated, "currency": "USD"}).status_code == 422
    assert rosa.get(f"{here}return/").status_code == rosa.post(f"{here}return/state/", stated).status_code == 403
    row = Assumption.objects.get()
    assert "payroll" in elif_.get(f"{here}return/").content.decode()
    assert elif_.post(f"{here}return/{row.pk}/withdraw/").status_code == 302
    assert "Withdrawn" in elif_.get(f"{here}return/").content.decode()
    assert elif_.post(f"{here}return/{row.pk}/restore/").status_code == 302
    assert elif_.get(f"{here}return/?as=csv").headers["Content-Type"] == "text/csv; charset=utf-8"
    program = api(acme.carla)
    body = {"name": "More", "kind": "awareness", "metric": "captured", "target": 5, "owner": acme.carla.pk}
    made = program.post("/api/v1/kpis/", body)
    assert made.status_code == 201
    where = f"/api/v1/kpis/{made.json()['id']}/"
    assert program.put(where, {**body, "target": 7}).json()["target"] == 7
    assert {one["kpi"] for one in program.get("/api/v1/kpis/standing/").json()} == {kpi.pk, made.json()["id"]}
    assert program.post(f"{where}drop/").json()["dropped_at"] and program.post(f"{where}take-up/").status_code == 200
    body = {"about": "each", "metric": "answers", "kind": "savings", "amount": "12.50", "currency": "EUR",
            "first_day": "2026-01-01", "source": "calls"}  # fmt: skip
    made = program.post("/api/v1/assumptions/", body)
    assert made.status_code == 201 and program.post("/api/v1/assumptions/", {**body, "kind": ""}).status_code == 400
    where = f"/api/v1/assumptions/{made.json()['id']}/"
    assert (
        program.post(f"{where}withdraw/").json()["withdrawn_at"] and program.post(f"{where}restore/").status_code == 200
    )
    assert program.get("/api/v1/return/").json()["currency"] == "EUR"
    assert api(acme.rosa).get("/api/v1/return/").status_code == 403


def test_pages_cost_the_same_for_one_and_for_twenty(acme: Cast, sign_in: Any) -> None:
    client = sign_in(acme.carla)
    counts: list[list[int]] = []
    for number in (1, 19):
        for _one in range(number):
            add_kpi(acme.organization, name="Answers", kind="engagement", metric="answered", target=0.8,
                    owner=acme.rosa, by=acme.carla, at=clock.now())  # fmt: skip
            row = state(acme, at=clock.now())
        assert row.currency == "EUR"
        found = []
        for address in ("kpis", "return"):
            client.get(f"/o/acme/measure/{address}/")
            with CaptureQueriesContext(connection) as queries:
                assert client.get(f"/o/acme/measure/{address}/").status_code == 200
            found.append(len(queries))
        counts.append(found)
    assert counts[0] == counts[1]


def test_payback_comes_from_a_file_all_or_nothing_and_nothing_twice(acme: Cast, sign_in: Any) -> None:
    here = "/o/acme/measure/return/"
    elif_, head = sign_in(acme.elif_), "From;Until;Amount;Currency;Kind;Source;Department\n"
    lines = (
        "2026-03-01;2026-03-31;1234.50;eur;revenue;<b>shop</b>;\n"
        "2026-03-27;2026-04-02;70;EUR;Cost savings;books;Customer care\n"
    )
    wrong = elif_.post(f"{here}import/", {"text": f"{head}{lines}2026-03-01;;x;EUR;?;;Nowhere\n"})
    page = wrong.content.decode()
    assert wrong.status_code == 422 and not Assumption.objects.exists()
    assert page.count("Line 4, ") >= 4 and "Line 2" not in page
    ends_early = f"{head}2026-03-02;2026-03-01;1;EUR;revenue;books;\n"
    for text in ("", "a,b\n1,2\n", f"{head}{'x' * 140_000}", ends_early, f"{head}{lines}{ends_early.splitlines()[1]}"):
        assert elif_.post(f"{here}import/", {"text": text}).status_code == 422
    assert not Assumption.objects.exists(), "what ends before it begins is refused with all others"
    file = SimpleUploadedFile("payback.csv", f"\ufeff{head}{lines}".encode())
    assert elif_.post(f"{here}import/", {"file": file}).status_code == 302
    assert elif_.post(f"{here}import/", {"text": head + lines}).status_code == 302
    whole, care = Assumption.objects.order_by("pk")
    assert (whole.about, whole.amount, whole.currency, whole.kind) == ("sum", Decimal("1234.50"), "EUR", "revenue")
    assert (care.department, care.kind, care.last_day) == (acme.care, "savings", date(2026, 4, 2))
    shown = elif_.get(here).content.decode()
    assert "&lt;b&gt;shop" in shown and "Payback from a file" in shown
    assert return_of(WEEK, at=NOW).payback == pytest.approx(70 + 1234.5 * 5 / 31)
    assert elif_.get(f"{here}import/").status_code == 200
    assert sign_in(acme.rosa).post(f"{here}import/", {"text": head + lines}).status_code == 403
    assert AuditEntry.objects.filter(verb="state_assumption").count() == 2


def test_a_program_hands_payback_over_all_or_nothing_and_nothing_twice(acme: Cast, api: Any) -> None:
    address = "/api/v1/assumptions/import-payback/"
    line = {
        "amount": "70.00", "currency": "eur", "kind": "savings", "first_day": "2026-03-27", "last_day": "2026-04-02",
        "source": "books", "department": acme.care.pk,
    }  # fmt: skip
    lines = [line, {**line, "kind": "revenue", "department": None}]
    with acting_for(acme.elsewhere):
        theirs = Department.objects.create(name="Theirs", slug="theirs")
    odd = (
        {"last_day": None},
        {"last_day": "2026-03-01"},
        {"amount": "-1"},
        {"currency": "usd"},
        {"department": theirs.pk},
    )
    for wrong in odd:
        answer = api(acme.elif_).post(address, {"lines": [*lines, {**line, **wrong}]})
        assert answer.status_code == 400 and answer.json()["detail"], wrong
    assert api(acme.elif_).post(address, {"lines": []}).status_code == 400
    assert not Assumption.objects.exists()
    assert [api(acme.elif_).post(address, {"lines": lines}).json() for _time in range(2)] == [
        {"stated": 2},
        {"stated": 0},
    ]
    assert return_of(WEEK, at=NOW).payback == 140
    assert api(acme.rosa).post(address, {"lines": lines}).status_code == 403
