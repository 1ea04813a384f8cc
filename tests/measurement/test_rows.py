"""Every figure, wherever it stands, opens exactly the rows that it counts."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from measurement.exploring import choices, parts
from measurement.measuring import values_of
from measurement.metrics import METRICS
from measurement.opening import ELSEWHERE, place_url, rows_url
from measurement.selecting import Selection
from roles import clock
from roles.models import AuditEntry
from tests.cast import Cast
from tests.measurement.conftest import a_week
from tests.measurement.golden import NOW, ROWS_BY_HAND, WEEK
from tests.sharing import made_once

# What counts something else than rows of ours: people, followers, and what other networks counted.
SUMS = {"authors", "reach", "link_clicks", "reply_clicks", "reply_answers", "reply_likes", "reply_reposts"} | {
    f"publication_{told}" for told in ("answers", "likes", "reposts")
}


@pytest.fixture(scope="module")
def week(django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
    with made_once(a_week, django_db_blocker) as made:
        yield made


@pytest.fixture
def cast(week: Any, db: None) -> Cast:
    """Acme after its week."""
    cast: Cast = deepcopy(week[0])
    return cast


@pytest.fixture
def golden(acme: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the Monday after it."""
    monkeypatch.setattr(clock, "now", lambda: NOW)


def rows_at(client: Any, url: str) -> int:
    """How many rows a list says that it has."""
    answer = client.get(f"/o/acme{url}")
    assert answer.status_code == 200, url
    found = re.search(r'data-total="(\d+)"', answer.content.decode())
    return int(found[1]) if found else 0


def test_every_metric_opens_its_rows(golden: Any, acme: Cast, sign_in: Any) -> None:
    client, selection = sign_in(acme.carla), Selection(WEEK)
    singles = {key for key, metric in METRICS.items() if not metric.place}
    assert singles - set(ELSEWHERE) == set(ROWS_BY_HAND), "no figure is left without rows"
    assert {key: rows_at(client, rows_url(key, selection)) for key in ROWS_BY_HAND} == ROWS_BY_HAND
    figures = values_of(selection, at=NOW)
    for key, count in ROWS_BY_HAND.items():
        if METRICS[key].kind == "count" and key not in SUMS:
            assert figures[key] == count, key


def test_whoever_reads_figures_may_open_every_list_behind_them(golden: Any, acme: Cast, sign_in: Any) -> None:
    selection = Selection(WEEK)
    singles = {key: rows_url(key, selection) for key, metric in METRICS.items() if not metric.place}
    assert [key for key, url in singles.items() if not url] == []
    # Of each list one address is enough: what else is asked of it is asked above.
    lists = {url.partition("?")[0]: url for url in singles.values()}
    lists |= {metric.place: place_url(metric.place) for metric in METRICS.values() if metric.place}
    closed = [
        (str(member), url)
        for member in (acme.olga, acme.elif_, acme.carla)
        for client in [sign_in(member)]
        for url in lists.values()
        if client.get(f"/o/acme{url}").status_code != 200
    ]
    assert closed == []


def test_a_department_opens_its_own(golden: Any, acme: Cast, sign_in: Any) -> None:
    client = sign_in(acme.carla)
    for where in (acme.care, acme.press):
        own = Selection(WEEK, department=where.pk)
        figures = values_of(own, at=NOW)
        for key in ("assigned", "backlog", "backlog_at_end", "replies", "approvals"):
            assert rows_at(client, rows_url(key, own)) == figures[key], (where, key)


@pytest.mark.parametrize(
    ("by", "metric"),
    [("hour", "captured"), ("hour", "assigned"), ("time", "captured"), ("time", "assigned"), ("time", "backlog_at_end"),
     ("network", "captured"), ("query", "captured"), ("department", "assigned"),
     *(("spread", key) for key in choices("spread"))],
)  # fmt: skip
def test_every_place_of_a_picture_opens_its_rows(golden: Any, acme: Cast, sign_in: Any, by: str, metric: str) -> None:
    client, selection = sign_in(acme.carla), Selection(WEEK)
    found = parts(metric, by, selection, selection.on(WEEK.before()), at=NOW)
    told = [part for part in found if part.now]
    assert told
    for part in told:
        assert rows_at(client, part.url) == part.now, part.label
    quiet = next((part for part in found if part.now == 0), None)
    assert quiet is None or rows_at(client, quiet.url) == 0


def test_lists_are_files_too_and_say_that_they_left(golden: Any, acme: Cast, sign_in: Any) -> None:
    client = sign_in(acme.elif_)
    for key in ("captured", "assigned", "replies", "approvals", "next_response_median", "stories"):
        url = f"/o/acme{rows_url(key, Selection(WEEK))}&as=csv&odd=1&%00=2"
        answer = client.get(url)
        assert answer.headers["Content-Type"].startswith("text/csv"), url
        assert len(list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))) == ROWS_BY_HAND[key] + 1
    entries = AuditEntry.objects.filter(verb="export_rows", by=acme.elif_)
    filters = entries.order_by("pk")[0].after["filters"]
    assert entries.count() == 6 and filters == {"from": "2026-03-23", "to": "2026-03-29", "of": "outside"}
    assert sign_in(acme.rosa).get(url).status_code == 403
    for nonsense in ("step=99&wait=resolution", "hour=168", "wait=moon", "department=x"):
        assert client.get(f"/o/acme/measure/assignments/?{nonsense}").status_code == 400


def test_side_and_network_narrow_every_list(golden: Any, acme: Cast, sign_in: Any) -> None:
    client = sign_in(acme.carla)
    practice = replace(Selection(WEEK), side="practice")
    elsewhere = replace(Selection(WEEK), network="practice")
    for key in ROWS_BY_HAND.keys() - {"stories"}:
        assert rows_at(client, rows_url(key, practice)) == rows_at(client, rows_url(key, elsewhere)) == 0, key
