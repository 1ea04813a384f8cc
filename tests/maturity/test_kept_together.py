"""Blocks behind “cadence kept”: told of many together to whoever sees the figure, one by one to who coaches them."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from maturity.actions.time import add_time
from maturity.kept_together import kept_blocks, spans
from measurement.measuring import values_of
from measurement.opening import rows_url
from measurement.selecting import Selection
from measurement.windows import Window
from roles import clock
from roles.actions.people import Block, set_time_blocks
from roles.models import Member, Role
from tests.cast import Cast, join

NOW = datetime(2026, 3, 29, 12, tzinfo=UTC)  # a Sunday
FIRST, LAST = date(2026, 3, 2), date(2026, 3, 27)
DAYS = Selection(Window(FIRST, LAST, ZoneInfo("UTC")))
ASKED = {"cadence_kept"}


def commit(member: Member, *weekdays: int, since: date | None = None) -> None:
    blocks = [Block(day, time(9), time(10), "monitoring") for day in weekdays]
    set_time_blocks(member, blocks=blocks, by=member, at=NOW - timedelta(days=60))
    if since:
        member.time_blocks.update(since=since)


def keep(member: Member, *days: date) -> None:
    for day in days:
        add_time(member, day=day, activity="monitoring", minutes=45, by=member, at=NOW)


@pytest.fixture
def kept(acme: Cast, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """Gita has Mondays from the first week on, Rosa and Rui from the third; kept: two of four, and one of two each."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    commit(acme.gita, 0)
    commit(acme.rosa, 0, since=date(2026, 3, 16))
    commit(acme.rui, 0, since=date(2026, 3, 16))
    keep(acme.gita, date(2026, 3, 2), date(2026, 3, 16))
    keep(acme.rosa, date(2026, 3, 16))
    keep(acme.rui, date(2026, 3, 23))
    return acme


def test_whoever_sees_the_figure_opens_what_it_is_made_of(kept: Cast, sign_in: Any) -> None:
    for member in (kept.elif_, kept.olga):
        assert values_of(DAYS, at=NOW, viewer=member, only=ASKED) == {"cadence_kept": 4 / 8}
        answer = sign_in(member).get(f"/o/acme{rows_url('cadence_kept', DAYS)}")
        page = answer.content.decode()
        assert answer.status_code == 200 and 'data-total="8"' in page and "4 of them kept" in page
        main = page[page.index("<main") :]
        assert "Gita" not in main and "Rosa" not in main, "who kept what is for those who coach them"
        told = [(span.first, span.last, span.due, span.kept) for span in answer.context["weeks"]]
        # Gita was alone in two weeks: they are told with the one in which three had a block.
        assert told == [(date(2026, 3, 23), LAST, 3, 1), (FIRST, date(2026, 3, 22), 5, 3)]
        file = sign_in(member).get(f"/o/acme{rows_url('cadence_kept', DAYS)}&as=csv").content.decode("utf-8-sig")
        assert sum(int(line["Kept"]) for line in csv.DictReader(io.StringIO(file))) == 4
    coach = sign_in(kept.carla).get(f"/o/acme{rows_url('cadence_kept', DAYS)}")
    assert len(coach.context["blocks"]) == 8 and len(coach.context["weeks"]) == 4 and "Gita" in coach.content.decode()
    assert sign_in(kept.rosa).get("/o/acme/measure/blocks/").status_code == 403


def test_of_fewer_than_three_it_is_told_to_who_coaches_them(kept: Cast, sign_in: Any) -> None:
    alone = Selection(Window(FIRST, date(2026, 3, 15), DAYS.window.zone))
    assert values_of(alone, at=NOW, viewer=kept.elif_, only=ASKED) == {"cadence_kept": None}
    assert values_of(alone, at=NOW, viewer=None, only=ASKED) == {"cadence_kept": None}
    assert values_of(alone, at=NOW, viewer=kept.carla, only=ASKED) == {"cadence_kept": 1 / 2}
    page = sign_in(kept.elif_).get(f"/o/acme{rows_url('cadence_kept', alone)}").content.decode()
    assert "would tell of one of them" in page and "data-total" not in page
    quiet = Selection(Window(date(2025, 3, 3), date(2025, 3, 9), DAYS.window.zone))
    kept.gita.time_blocks.update(since=date(2026, 1, 1))
    assert "nobody had a block" in sign_in(kept.elif_).get(f"/o/acme{rows_url('cadence_kept', quiet)}").content.decode()


def test_departments_are_told_by_their_own_people(kept: Cast) -> None:
    # Care has Rosa and Rui alone: of so few nobody hears who does not coach them.
    care = Selection(DAYS.window, department=kept.care.pk)
    assert values_of(care, at=NOW, viewer=kept.elif_, only=ASKED) == {"cadence_kept": None}
    assert kept_blocks(kept.care, kept.elif_, FIRST, LAST, at=NOW) is None
    lead = join("Lea", Role.COACH, kept.care)
    found = kept_blocks(kept.care, kept.carla, FIRST, LAST, at=NOW)
    assert found is not None and (found.kept, len(found.blocks), found.by_person) == (2, 4, True)
    assert [span.due for span in spans(found, FIRST, LAST)] == [2, 2]
    assert kept_blocks(kept.care, lead, FIRST, LAST, at=NOW) is not None


def test_hours_open_what_they_add_up_and_nobody_alone(kept: Cast, sign_in: Any) -> None:
    address = f"/o/acme{rows_url('hours_spent', DAYS)}"
    for member, sees_people in ((kept.elif_, False), (kept.olga, False), (kept.carla, True)):
        assert values_of(DAYS, at=NOW, viewer=member, only={"hours_spent"})["hours_spent"] == 4 * 0.75
        answer = sign_in(member).get(address)
        page = answer.content.decode()
        main = page[page.index("<main") :]
        assert "3 h" in main and "Monitoring and research" in main and ("Gita" in main) == sees_people
        assert [hours for _day, hours in answer.context["days"]] == ["0.8 h", "1.5 h", "0.8 h"]
        file = list(csv.DictReader(io.StringIO(sign_in(member).get(f"{address}&as=csv").content.decode("utf-8-sig"))))
        assert sum(float(line["Hours"]) for line in file) == 3 and file[0]["Day"] == "2026-03-23"
    few = sign_in(kept.elif_).get(f"{address}&department={kept.care.pk}").content.decode()
    assert "would tell of one of them" in few and "Monitoring and research" not in few[few.index("<main") :]
    quiet = sign_in(kept.elif_).get("/o/acme/measure/hours/?from=2020-01-01&to=2020-01-02").content.decode()
    assert "Nobody spent time" in quiet
    assert sign_in(kept.rosa).get(address).status_code == 403


def test_these_pages_ask_as_much_for_many_people_as_for_few(kept: Cast, sign_in: Any) -> None:
    client, counts = sign_in(kept.elif_), []
    for number in (1, 6):
        for one in range(number):
            person = join(f"P{number}{one}", Role.GATHERER)
            commit(person, 0, 1)
            keep(person, date(2026, 3, 9), date(2026, 3, 10))
        asked = []
        for key in ("cadence_kept", "hours_spent"):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(f"/o/acme{rows_url(key, DAYS)}").status_code == 200
            asked.append(len(queries))
        counts.append(asked)
    assert counts[0] == counts[1]
