"""What waits for the commit, once for each transaction however often it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.db import transaction


def once_after_commit(work: Callable[[], None]) -> None:
    """Do something after the commit, but once where equal work is waiting for it already."""
    if all(waiting != work for waiting in waiting_for_commit()):
        transaction.on_commit(work, robust=True)


def waiting_for_commit() -> Iterator[Callable[[], object]]:
    """What will be done after the commit, and is not given up before what is asked for here and now."""
    connection = transaction.get_connection()
    here = set(connection.savepoint_ids)
    return (work for savepoints, work, _robust in connection.run_on_commit if savepoints <= here)
