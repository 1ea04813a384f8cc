"""What waits for the commit: once for each transaction, and lost only with what asked for it."""

from __future__ import annotations

import pytest
from django.db import transaction

from roles.after_commit import once_after_commit

pytestmark = pytest.mark.django_db(transaction=True)


class Note:
    """Something to do that equals every other of its name."""

    done: list[str]

    def __init__(self, name: str, done: list[str]) -> None:
        self.name, self.done = name, done

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Note) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __call__(self) -> None:
        self.done.append(self.name)


def test_equal_work_is_done_once_and_after_the_commit() -> None:
    done: list[str] = []
    with transaction.atomic():
        for name in ("look", "look", "listen"):
            once_after_commit(Note(name, done))
        assert done == []
    assert done == ["look", "listen"]


def test_the_next_transaction_does_it_again() -> None:
    done: list[str] = []
    for _turn in range(2):
        with transaction.atomic():
            once_after_commit(Note("look", done))
    assert done == ["look", "look"]


def test_work_outlives_a_savepoint_in_which_equal_work_is_given_up() -> None:
    done: list[str] = []
    with transaction.atomic():
        with transaction.atomic():
            once_after_commit(Note("look", done))
            transaction.set_rollback(True)
        once_after_commit(Note("look", done))
    assert done == ["look"]


def test_work_asked_for_before_a_savepoint_serves_it_too() -> None:
    done: list[str] = []
    with transaction.atomic():
        once_after_commit(Note("look", done))
        with transaction.atomic():
            once_after_commit(Note("look", done))
    assert done == ["look"]


def test_work_in_an_open_savepoint_does_not_stand_for_work_outside_it() -> None:
    done: list[str] = []
    with transaction.atomic():
        with transaction.atomic():
            with transaction.atomic():
                once_after_commit(Note("look", done))
            once_after_commit(Note("listen", done))
            transaction.set_rollback(True)
        once_after_commit(Note("look", done))
    assert done == ["look"]
