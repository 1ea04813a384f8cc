"""One metric in depth: split, over the week, how it is spread, by person, and whose voices are compared."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import formats

from listening.models import TrackingQuery
from measurement import exploring, reading
from measurement.actions.rollups import refresh_rollups
from measurement.backlog import MANY
from measurement.counts import READ
from measurement.exploring import choices, parts, spread, tones
from measurement.measuring import values_of
from measurement.models import HourlyMentions, RollUp, StaleHour
from measurement.opening import ELSEWHERE
from measurement.people import bounded, by_person
from measurement.reading import by_hour_of_week, counts_of, split, told_by_hour
from measurement.selecting import Selection
from measurement.windows import Window
from roles import clock
from roles.models import Role
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast, assemble, join
from tests.measurement.history import live_through
from tests.sharing import made_once

NOW = datetime(2026, 4, 2, 12, tzinfo=UTC)
HERE = "/o/acme/measure/explore/"


def live() -> Cast:
    cast = assemble()
    with acting_for(cast.organization):
        live_through([cast.care, cast.press], [factories.query(), factories.query()], seed=3, mentions=80)
        refresh_rollups(at=NOW)
    return cast


@pytest.fixture(scope="module")
def once(django_db_setup: None, django_db_blocker: Any) -> Iterator[Cast]:
    with made_once(live, django_db_blocker) as made:
        yield made


@pytest.fixture
def cast(once: Cast, db: None) -> Cast:
    """Acme, where something has happened."""
    return deepcopy(once)


@pytest.fixture
def lived(acme: Cast, monkeypatch: pytest.MonkeyPatch) -> Selection:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return Selection(Window.up_to(NOW, days=30, zone=ZoneInfo("UTC")))


@pytest.mark.parametrize("by", ["department", "network", "query", "topic"])
def test_what_is_split_adds_up_to_the_whole(lived: Selection, by: str) -> None:
    whole = counts_of(lived, at=NOW)
    for key in choices(by):
        found = parts(key, by, lived, lived.on(lived.window.before()), at=NOW)
        if key == "assigned" or (key == "captured" and by == "network"):
            assert sum(part.now or 0 for part in found) == READ[key](whole)
        assert all(part.before in {None, 0} for part in found), "nothing happened before"
    assert [name for name in exploring.BY if not choices(name)] == []


def test_a_split_is_narrowed_by_the_other_filters(lived: Selection, acme: Cast) -> None:
    from dataclasses import replace

    care = replace(lived, department=acme.care.pk)
    [alone] = parts("assigned", "department", care, care, at=NOW)
    assert (alone.label, alone.now) == ("Customer care", counts_of(care, at=NOW).assigned)
    networks = parts("assigned", "network", care, care, at=NOW)
    assert sum(part.now or 0 for part in networks) == alone.now
    assert counts_of(replace(care, network="practice"), at=NOW).assigned != alone.now


@pytest.mark.parametrize(
    ("by", "metric", "narrowed"),
    [("query", "captured", "topic"), ("topic", "captured", "query"), ("network", "captured", "department"),
     ("network", "assigned", "query"), ("department", "assigned", "query"), ("hour", "captured", "department"),
     ("spread", "first_response_median", "topic")],
)  # fmt: skip
def test_what_cannot_be_told_of_a_part_is_said_and_is_no_zero(
    lived: Selection, acme: Cast, sign_in: Any, by: str, metric: str, narrowed: str
) -> None:
    parts_of = {"query": TrackingQuery.objects.first(), "topic": factories.topic(), "department": acme.care}
    key = parts_of[narrowed].pk  # type: ignore[union-attr]
    asked = f"?days=30&of=outside&by={by}&metric={metric}&{narrowed}={key}"
    carla = sign_in(acme.carla)
    assert "This cannot be shown for the part that is chosen" in carla.get(f"{HERE}{asked}").content.decode()
    assert len(carla.get(f"/o/acme/measure/explore.csv{asked}").content.decode("utf-8-sig").strip().splitlines()) == 1


def test_the_hours_of_the_week_are_those_of_the_organizations_clock(lived: Selection, acme: Cast) -> None:
    week = by_hour_of_week(lived, "captured")
    assert sum(week) == counts_of(lived, at=NOW).captured
    assert sum(by_hour_of_week(lived, "assigned")) == counts_of(lived, at=NOW).assigned
    days = tones(list(week))
    assert [len(day) for day in days] == [24] * 7
    told = [tone for day in days for tone in day]
    assert {tone for tone, count in zip(told, week, strict=True) if not count} == {"0"} and "5" in told


def test_what_happens_as_often_each_week_neither_rises_nor_falls(
    acme: Cast, sign_in: Any, api: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    HourlyMentions.objects.all().delete()
    last = NOW.replace(hour=0)
    hours = [last - timedelta(days=59) + timedelta(hours=number) for number in range(60 * 24)]
    HourlyMentions.objects.bulk_create(
        HourlyMentions(network="feed", hour=hour, captured=4, negative=1, neutral=1, positive=0) for hour in hours
    )
    asked = {"by": "hour", "metric": "captured", "days": "30", "of": "outside"}
    found = api(acme.elif_).get("/api/v1/metrics/split/", asked).json()
    assert {(part["now"], part["before"]) for part in found} == {(16, 16)}, "four whole weeks beside four"
    client = sign_in(acme.elif_)
    rows = list(csv.reader(io.StringIO(client.get("/o/acme/measure/explore.csv", asked).content.decode("utf-8-sig"))))
    assert {cell for row in rows[1:] for cell in row[2:]} == {"16"} and len(rows) == 15
    page = client.get(HERE, asked).content.decode()
    assert "newest whole weeks" in page and formats.date_format(date(2026, 3, 6)) in page
    # Three days beside the three before are other weekdays.
    other = client.get(HERE, {**asked, "days": "", "from": "2026-03-31", "to": "2026-04-02"}).content.decode()
    assert "are other weekdays" in other and "Nothing was counted for comparison" not in other
    shares = api(acme.elif_).get("/api/v1/metrics/split/", {**asked, "metric": "negative_share"}).json()
    assert {part["now"] for part in shares} == {0.5}


def test_answers_by_the_hour_are_shares_of_what_was_made_then(lived: Selection) -> None:
    made, share = by_hour_of_week(lived, "assigned"), told_by_hour(lived, "answered")
    answered = by_hour_of_week(lived, "answered")
    assert sum(answered) == counts_of(lived, at=NOW).answered > 0
    assert share == [part / whole if whole else None for part, whole in zip(answered, made, strict=True)]


def test_packed_days_are_added_up_little_by_little(lived: Selection, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = {key: counts.histograms for key, counts in split(lived, "department", at=NOW).items()}
    held, added_packs = [], reading.added_packs

    def noting(packs: Iterable[bytes]) -> list[int]:
        held.append(list(packs))
        return added_packs(held[-1])

    monkeypatch.setattr(reading, "added_packs", noting)
    monkeypatch.setattr(reading, "HALF_A_YEAR", 1)
    monkeypatch.setattr(reading, "AT_ONCE", 3)
    assert {key: counts.histograms for key, counts in split(lived, "department", at=NOW).items()} == whole
    assert any(map(any, whole[next(iter(whole))].values())) and max(map(len, held)) <= 3 < len(held)


def test_a_spread_counts_each_wait_once(lived: Selection) -> None:
    found = spread("first_response_median", lived, at=NOW)
    assert sum(count for _label, count in found) == counts_of(lived, at=NOW).answered
    assert found[0][0] == "≤ 5 min" and len(found) == 11


def test_pages_and_files_of_each_way(lived: Selection, acme: Cast, sign_in: Any, api: Any) -> None:
    client = sign_in(acme.elif_)
    for by in exploring.BY:
        for key in choices(by)[:3]:
            asked = {"by": by, "metric": key, "days": "30", "of": "outside"}
            page = client.get(HERE, asked).content.decode()
            assert "CSV" in page and " style=" not in page
            rows = list(
                csv.reader(io.StringIO(client.get("/o/acme/measure/explore.csv", asked).content.decode("utf-8-sig")))
            )
            assert len({len(row) for row in rows}) == 1
            links = re.findall(r'href="(/o/acme/measure/(?:mentions|assignments)/[^"]+)"', page)
            for link in links[:2]:
                assert client.get(link.replace("&amp;", "&")).status_code == 200, link
    for nonsense in ("by=moon", "metric=moon", "days=x", "department=999", "from=2026-01-02&to=2026-01-01", "topic=x"):
        assert client.get(f"{HERE}?{nonsense}").status_code == 200
    program = api(acme.elif_)
    found = program.get(
        "/api/v1/metrics/split/", {"metric": "assigned", "by": "department", "days": 30, "of": "outside"}
    )
    assert sum(part["now"] for part in found.json()) == counts_of(lived, at=NOW).assigned
    assert program.get("/api/v1/metrics/split/", {"metric": "moon"}).status_code == 400
    assert program.get("/api/v1/metrics/", {"days": "x"}).status_code == 400


def test_two_departments_and_two_periods_lie_side_by_side(lived: Selection, acme: Cast, sign_in: Any) -> None:
    client = sign_in(acme.elif_)
    asked = {"days": "30", "of": "outside", "department": acme.care.pk, "beside": f"department-{acme.press.pk}"}
    file = client.get("/o/acme/measure/figures.csv", asked).content.decode("utf-8-sig")
    [row] = [row for row in csv.reader(io.StringIO(file)) if row[0] == "Assignments"]
    from dataclasses import replace

    both = [counts_of(replace(lived, department=where.pk), at=NOW).assigned for where in (acme.care, acme.press)]
    assert [int(row[1]), int(row[2])] == both and all(both)
    assert client.get("/o/acme/measure/figures/", {**asked, "beside": "year"}).status_code == 200


def test_what_goes_on_adds_up_and_can_lie_beside_any_other_days(
    lived: Selection, acme: Cast, sign_in: Any, api: Any
) -> None:
    before = lived.on(lived.window.before())
    found = parts("assigned", "time", lived, before, at=NOW)
    assert len(found) == 30 and sum(part.now or 0 for part in found) == counts_of(lived, at=NOW).assigned
    lying = parts("backlog_at_end", "time", lived, before, at=NOW)
    assert lying[-1].now == values_of(lived, at=NOW)["backlog"], "what lies there now lay there at the end of today"
    for key in set(choices("time")) - set(READ):
        assert len(parts(key, "time", lived.on(Window.up_to(NOW, days=2, zone=lived.window.zone)), before, at=NOW)) == 2
    late = parts("targets_met", "time", lived, before, at=NOW)
    assert any(part.now is not None and 0 < part.now < 1 for part in late)
    # Three days, and beside them the three before, named by their first day.
    asked = {"from": "2026-03-31", "to": "2026-04-02", "since": "2026-03-28", "by": "time", "metric": "captured",
             "of": "outside"}  # fmt: skip
    told = api(acme.elif_).get("/api/v1/metrics/split/", asked).json()
    days = {part.key: part.now for part in parts("captured", "time", lived, before, at=NOW)}
    assert [part["key"] for part in told] == ["2026-03-31", "2026-04-01", "2026-04-02"]
    assert [part["before"] for part in told] == [days[f"2026-03-{day}"] for day in (28, 29, 30)]
    client = sign_in(acme.elif_)
    rows = list(csv.reader(io.StringIO(client.get("/o/acme/measure/explore.csv", asked).content.decode("utf-8-sig"))))
    assert [row[2] for row in rows[1:]] == [str(part["before"]).removesuffix(".0") for part in told]
    assert "as many days from" in client.get(HERE, asked).content.decode()
    assert "A day between 2000" in client.get(HERE, {**asked, "since": "1999-01-01"}).content.decode()


def test_while_all_is_counted_anew_no_backlog_is_made_up(lived: Selection, acme: Cast, sign_in: Any) -> None:
    told, page = sign_in(acme.elif_), "/o/acme/measure/?days=30&of=outside"
    assert values_of(lived, at=NOW)["backlog_at_end"] is not None
    assert "when these days began" in told.get(page).content.decode()
    ago = [NOW - timedelta(days=400, hours=number) for number in range(MANY + 1)]
    StaleHour.objects.bulk_create(StaleHour(hour=hour, marked_at=NOW) for hour in ago)
    assert values_of(lived, at=NOW)["backlog_at_end"] is None
    assert "when these days began" not in told.get(page).content.decode()
    StaleHour.objects.all().delete()
    RollUp.objects.update(time_zone="Asia/Tokyo")
    assert values_of(lived, at=NOW)["backlog_age"] is None, "days are cut elsewhere now, and nothing is counted yet"


def test_what_has_no_rows_has_no_link_to_nowhere(
    lived: Selection, acme: Cast, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(ELSEWHERE, "level")
    [*_earlier, last] = parts("level", "time", lived, lived, at=NOW)
    assert last.now and not last.url
    page = sign_in(acme.elif_).get(HERE, {"by": "time", "metric": "level", "days": "30"}).content.decode()
    assert "<svg" in page and 'href=""' not in page


def test_people_stand_by_name_for_those_who_coach_them(lived: Selection, acme: Cast, sign_in: Any) -> None:
    at = NOW - timedelta(days=1)
    for number, (member, where) in enumerate([(acme.rui, acme.press), *[(acme.rosa, acme.care)] * 6]):
        mention = factories.mention(at=at, post=factories.post(at=at, network="feed"))
        factories.assignment(
            department=where, member=member, mention=mention, at=at, due_at=at + timedelta(hours=4),
            first_answered_at=at + timedelta(hours=number),
        )  # fmt: skip
    rosa, rui = by_person(lived, acme.carla, at=NOW)
    assert (rosa.member, rosa.assigned, rosa.answered) == (acme.rosa, 6, 6)
    assert rosa.median == 3.5 * 3600 and rosa.share_in_time == 4 / 6
    assert (rui.assigned, rui.median, rui.share_in_time) == (1, None, None), "one answer says nothing"
    corin = join("Corin", Role.COACH, acme.care)
    assert [row.member for row in by_person(lived, corin, at=NOW)] == [acme.rosa]
    assert bounded(Selection(Window.up_to(NOW, days=365, zone=ZoneInfo("UTC")))).window.days == 92
    page = sign_in(acme.carla).get("/o/acme/measure/people/?days=30&of=outside").content.decode()
    assert page.index("Rosa") < page.index("Rui") and "not a ranking" in page
    for member in (acme.elif_, acme.rosa):
        assert sign_in(member).get("/o/acme/measure/people/").status_code == 403
        assert sign_in(member).get("/o/acme/measure/people.csv").status_code == 403
    rows = f"/o/acme/measure/assignments/?member={acme.rosa.pk}&days=30&of=outside"
    seen = [len(sign_in(one).get(rows).context["rows"]) for one in (acme.carla, corin, acme.elif_)]
    assert seen == [6, 6, 0], "nor by asking for one person's rows"
    assert "Rosa,6,6" in sign_in(acme.carla).get("/o/acme/measure/people.csv?days=30&of=outside").content.decode(
        "utf-8-sig"
    )
