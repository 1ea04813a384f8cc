"""What is kept of how tasks end, what is called failing and stalled, and what is never kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from roles import clock
from roles.models import TaskRecord
from roles.task_records import in_short, know_tasks, note_end, note_failure
from tests.cast import Cast

AT = datetime(2026, 3, 18, 12, tzinfo=UTC)
EVERY: dict[str, int | None] = {"often": 5, "seldom": 3600, "roles.tasks.heartbeat poll": None}


@pytest.fixture
def known(db: None) -> None:
    know_tasks(EVERY, at=AT)


def fail(name: str, *, times: int, at: datetime = AT, in_part: bool = False) -> None:
    for number in range(times):
        note_failure(name, ValueError("no"), in_part=in_part, at=at + timedelta(seconds=number))


def failing(at: datetime) -> list[str]:
    return [row.name for row in TaskRecord.objects.failing(at)]


def stalled(at: datetime) -> list[str]:
    return [row.name for row in TaskRecord.objects.stalled(at)]


def test_three_failures_that_last_are_named_and_two_of_what_comes_seldom(known: None) -> None:
    soon = AT + timedelta(minutes=3)
    fail("often", times=2)
    fail("seldom", times=1)
    assert failing(soon) == []
    fail("often", times=1, at=AT + timedelta(seconds=10))
    fail("seldom", times=1, at=AT + timedelta(seconds=10))
    assert failing(AT + timedelta(minutes=1)) == []  # a server that was restarted
    assert failing(soon) == ["often", "seldom"]
    assert TaskRecord.objects.get(name="often").failing_since_at == AT


def test_one_run_that_ends_is_the_end_of_the_row(known: None) -> None:
    fail("often", times=3)
    note_end("often", idle=True, at=AT + timedelta(seconds=20))
    assert failing(AT + timedelta(minutes=3)) == []
    row = TaskRecord.objects.get(name="often")
    assert (row.failures, row.failures_in_row, row.problem) == (3, 0, "ValueError: no")
    fail("often", times=1, at=AT + timedelta(minutes=5))
    assert TaskRecord.objects.get(name="often").failing_since_at == AT + timedelta(minutes=5)


def test_what_failed_in_part_is_ended_by_a_run_that_did_something_or_by_a_day(known: None) -> None:
    fail("often", times=3, in_part=True)
    soon = AT + timedelta(minutes=3)
    note_end("often", idle=True, at=soon)
    assert failing(soon) == ["often"]
    assert failing(AT + timedelta(days=1, minutes=1)) == []
    note_end("often", idle=False, at=soon)
    assert failing(soon) == []


def test_what_is_never_heard_of_again_is_stalled_only_while_others_run(known: None) -> None:
    def beat(at: datetime) -> None:
        note_end("roles.tasks.heartbeat poll", idle=False, at=at)

    for minutes in range(0, 21, 4):
        beat(AT + timedelta(minutes=minutes))
    assert stalled(AT + timedelta(minutes=10)) == []
    assert stalled(AT + timedelta(minutes=20)) == ["often"]
    note_end("often", idle=True, at=AT + timedelta(minutes=19))
    assert stalled(AT + timedelta(minutes=20)) == []
    # Nobody beat for a night: nothing is held against the tasks, not even just after it began again.
    morning = AT + timedelta(hours=12)
    assert stalled(morning) == []
    beat(morning)
    assert stalled(morning + timedelta(minutes=1)) == []
    for minutes in range(0, 245, 4):
        beat(morning + timedelta(minutes=minutes))
    note_end("often", idle=True, at=morning + timedelta(minutes=240))
    assert stalled(morning + timedelta(minutes=242)) == ["seldom"]


def test_what_failed_is_not_called_stalled_besides(known: None) -> None:
    for minutes in range(0, 21, 4):
        note_end("roles.tasks.heartbeat poll", idle=False, at=AT + timedelta(minutes=minutes))
    fail("often", times=3, at=AT + timedelta(minutes=15))
    at = AT + timedelta(minutes=20)
    assert (failing(at), stalled(at)) == (["often"], [])


def test_an_upgrade_that_takes_a_task_away_takes_its_record_away(known: None) -> None:
    fail("seldom", times=2)
    know_tasks({"often": 10}, at=AT + timedelta(days=1))
    assert dict(TaskRecord.objects.values_list("name", "every_seconds")) == {
        "often": 10, "seldom": None, "roles.tasks.heartbeat poll": None,
    }  # fmt: skip
    know_tasks({"often": 10}, at=AT + timedelta(days=31))
    assert list(TaskRecord.objects.values_list("name", flat=True)) == ["often"]


def test_ends_are_written_once_a_minute(known: None) -> None:
    note_end("often", idle=False, at=AT)
    note_end("often", idle=False, at=AT + timedelta(seconds=30))
    assert TaskRecord.objects.get(name="often").ended_at == AT
    note_end("often", idle=False, at=AT + timedelta(seconds=60))
    assert TaskRecord.objects.get(name="often").ended_at == AT + timedelta(seconds=60)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("", "ValueError"),
        ("it is\nDETAIL: somebody's words", "ValueError: it is"),
        ('relation "roles_mail" does not exist', 'ValueError: relation "roles_mail" does not exist'),
        ('invalid input syntax for type integer: "I am ill"', "ValueError: invalid input syntax for type integer: “…”"),
        ("cannot reach redis://:hunter2@host:6379/0", "ValueError: cannot reach redis://…@host:6379/0"),
        ("GET https://x.example/feed?key=abc&b=1 failed", "ValueError: GET https://x.example/feed?… failed"),
        ("Authorization: Bearer abcdef refused", "ValueError: Authorization … refused"),
        ("token=abc123 is over", "ValueError: token … is over"),
        ("key 4fzK2mQ9xW7cV1bN8rT3yU6 is wrong", "ValueError: key … is wrong"),
        ("a\x1b[31mred line", "ValueError: a [31mred line"),
    ],
)
def test_why_is_kept_without_secrets_and_words(said: str, kept: str) -> None:
    assert in_short(ValueError(said)) == kept


@given(st.text(max_size=2000))
def test_whatever_a_fault_says_is_one_short_line(said: str) -> None:
    kept = in_short(ValueError(said))
    assert kept.startswith("ValueError") and len(kept) <= 300
    assert not any(ord(letter) < 32 or letter in "\x7f\u2028\u2029" for letter in kept)


def test_the_owner_and_the_gatherer_are_told_in_the_browser(
    acme: Cast, sign_in: Callable[[Any], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    from listening.health import workers

    monkeypatch.setattr(workers, "last_beat", lambda queue: clock.now())
    owner, gita = sign_in(acme.olga), sign_in(acme.gita)
    pages = ((owner, "/o/acme/mails/"), (gita, "/o/acme/sources/"))
    for who, path in pages:
        assert "manage.py doctor" not in who.get(path).content.decode()
    know_tasks({"listening.tasks.poll_due": 5}, at=clock.now())
    fail("listening.tasks.poll_due", times=3, at=clock.now() - timedelta(hours=1))
    for who, path in pages:
        page = who.get(path).content.decode()
        assert "“manage.py doctor”" in page and "1 h ago" in page
