"""What an operator watches: figures for Prometheus, and which part of the work stands still."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from config import parts
from config.services import free_port
from roles import clock, live, task_records
from tests import factories
from tests.cast import Cast

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "watched-by-us"


def read(text: str) -> dict[tuple[str, ...], float]:
    """Every figure by its name and the values of its labels."""
    return {
        (sample.name, *(value for _name, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def figures(client: Client) -> dict[tuple[str, ...], float]:
    response = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert response.status_code == 200
    return read(response.content.decode())


def test_without_the_setting_there_is_no_such_page(client: Client, db: None) -> None:
    assert client.get("/metrics").status_code == 404


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer no", f"Token {TOKEN}", f"Bearer {TOKEN} "])
def test_another_key_reads_nothing(header: str, client: Client, db: None, settings: object) -> None:
    settings.METRICS_TOKEN = TOKEN  # type: ignore[attr-defined]
    response = client.get("/metrics", headers={"Authorization": header})
    assert response.status_code == 401
    assert b"touchline_" not in response.content


def test_what_waits_is_told_with_its_age(client: Client, acme: Cast, settings: object) -> None:
    settings.METRICS_TOKEN = TOKEN  # type: ignore[attr-defined]
    at = clock.now()
    factories.assignment(department=acme.care, due_at=at - timedelta(hours=1))
    factories.assignment(department=acme.care, member=acme.rui, due_at=at + timedelta(hours=1))
    factories.source(next_poll_at=at - timedelta(minutes=30), network_failures_in_row=2)
    factories.source(next_poll_at=at + timedelta(minutes=30))
    factories.publication(due_at=at - timedelta(minutes=5), state="ready", next_attempt_at=at - timedelta(minutes=5))
    factories.publication(due_at=at + timedelta(days=5), state="ready", next_attempt_at=at + timedelta(days=5))
    found = figures(client)
    assert found["touchline_up", "database"] == found["touchline_up", "broker"] == 1
    assert found["touchline_assignments", "left over"] == 1
    assert found["touchline_assignments_late", "left over"] == 1
    assert found["touchline_assignments", "open"] == 1
    assert found["touchline_assignments_late", "open"] == 0
    assert found["touchline_sources", "active"] >= 2
    assert found["touchline_sources", "overdue"] == found["touchline_sources", "failing"] == 1
    assert found["touchline_under_way", "publication", "ready"] == 1
    assert 299 < found["touchline_longest_wait_seconds", "publication", "ready"] < 360
    assert found[("touchline_database_bytes",)] > 1_000_000
    assert "Acme" not in str(found)


def test_the_questions_are_as_many_with_many_rows(
    client: Client, acme: Cast, settings: object, django_assert_num_queries: Callable[..., object]
) -> None:
    settings.METRICS_TOKEN = TOKEN  # type: ignore[attr-defined]
    for _ in range(20):
        factories.assignment(department=acme.care)
        factories.source()
    with django_assert_num_queries(9):  # with the savepoint and its limit
        figures(client)


def test_a_part_that_is_away_is_named_and_the_rest_is_told(
    client: Client, db: None, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.METRICS_TOKEN = TOKEN  # type: ignore[attr-defined]
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"  # type: ignore[attr-defined]
    live._broker.cache_clear()
    try:
        found = figures(client)
        stands_still = client.get("/health/work/")
    finally:
        live._broker.cache_clear()
    assert (found["touchline_up", "broker"], found["touchline_up", "database"]) == (0, 1)
    assert (stands_still.status_code, stands_still.json()) == (503, {"broker": False})


def test_a_queue_that_nobody_takes_from_is_named(client: Client, db: None) -> None:
    at = clock.now()
    for queue in parts.QUEUES.split(","):
        live.beat_once(queue, at=at)
    assert client.get("/health/work/").status_code == 200
    live.beat_once("deliver", at=at - timedelta(minutes=3))
    response = client.get("/health/work/")
    assert response.status_code == 503
    assert [queue for queue, moves in response.json().items() if not moves] == ["deliver"]


def test_a_task_that_fails_each_time_is_named(client: Client, db: None, settings: object) -> None:
    settings.METRICS_TOKEN = TOKEN  # type: ignore[attr-defined]
    at = clock.now()
    for queue in parts.QUEUES.split(","):
        live.beat_once(queue, at=at)
    task_records.know_tasks({"listening.tasks.poll_due": 5, "roles.tasks.send_mails": 15}, at=at)
    for minutes in (6, 4, 2):
        problem = LookupError("a key 4fzK2mQ9xW7cV1bN8rT3yU6")
        task_records.note_failure(
            "listening.tasks.poll_due", problem, in_part=False, at=at - timedelta(minutes=minutes)
        )
    task_records.note_end("roles.tasks.send_mails", idle=True, at=at - timedelta(seconds=5))
    found = figures(client)
    assert found["touchline_task_failures_total", "listening.tasks.poll_due"] == 3
    assert found["touchline_task_failures_in_row", "listening.tasks.poll_due"] == 3
    assert found["touchline_task_failures_in_row", "roles.tasks.send_mails"] == 0
    assert 4 < found["touchline_task_ended_seconds", "roles.tasks.send_mails"] < 60
    health = client.get("/health/work/")
    assert health.status_code == 503
    assert [part for part, is_well in health.json().items() if not is_well] == ["listening.tasks.poll_due"]
    task_records.note_end("listening.tasks.poll_due", idle=True, at=at)
    assert client.get("/health/work/").status_code == 200


def test_the_page_of_operations_names_all_that_is_told(client: Client, db: None, settings: object) -> None:
    settings.METRICS_TOKEN = TOKEN  # type: ignore[attr-defined]
    page = (ROOT / "docs" / "operations" / "watching.md").read_text()
    text = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).content.decode()
    families = [family for family in text_string_to_metric_families(text) if family.name.startswith("touchline_")]
    told = {family.name + "_total" * (family.type == "counter") for family in families}
    named = set(re.findall(r"`(touchline_[a-z_]+)`", page))
    assert told == named
