"""How each run of a task ends is noted, so that one that fails each time is told to who looks after the installation.

A run fails when it raises, and in part when a fault was written to the log on its way: much of the work goes on with
the next organization, source or message where one fails.
"""

from __future__ import annotations

import logging
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from time import monotonic
from typing import Any

from celery.signals import after_setup_logger, task_failure, task_prerun, task_success
from django.db import DatabaseError, connection

from config.beat import EVERY

log = logging.getLogger(__name__)
# A look that comes every five seconds need not be noted each time.
NOTED_EVERY_SECONDS = 60.0


@dataclass
class Run:
    """What went wrong in the run that is under way."""

    problem: BaseException | None = None


_run: ContextVar[Run | None] = ContextVar("run", default=None)
# When this process last noted the end of a task, by whether it had found something to do.
_noted: dict[tuple[str, bool], float] = {}


def note_runs() -> None:
    """From now on, note how the tasks of this process end."""
    after_setup_logger.connect(listen_to_the_log)
    task_prerun.connect(begin)
    task_success.connect(end)
    task_failure.connect(fail)


class Faults(logging.Handler):
    """Has a fault that is written to the log count for the run under way."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the first fault; others mostly follow from it."""
        run = _run.get()
        if run is not None and run.problem is None and record.exc_info and record.exc_info[1] is not None:
            run.problem = record.exc_info[1]


def listen_to_the_log(logger: logging.Logger, **_said: object) -> None:
    """Hear of faults wherever they are written."""
    logger.addHandler(Faults())


def begin(**_said: object) -> None:
    """A run begins."""
    _run.set(Run())


def end(sender: Any, result: object = None, **_said: object) -> None:
    """A run came to its end, whole or with something left undone."""
    run, name = _run.get(), _name_of(sender)
    _run.set(None)
    if run is not None and run.problem is not None:
        _note_failure(name, run.problem, in_part=True)
        return
    idle = isinstance(result, int) and result == 0
    if monotonic() - _noted.get((name, idle), -NOTED_EVERY_SECONDS) < NOTED_EVERY_SECONDS:
        return
    from roles import clock, task_records

    try:
        _tell_tasks()
        task_records.note_end(name, idle=idle, at=clock.now())
    except DatabaseError as problem:
        log.warning("It could not be noted that %s ended: %s", name, problem)
        return
    _noted[name, idle] = monotonic()


def fail(sender: Any, exception: BaseException, **_said: object) -> None:
    """A run raised."""
    _run.set(None)
    _note_failure(_name_of(sender), exception, in_part=False)


def all_tasks() -> dict[str, int | None]:
    """The seconds between two runs of each task that beat sends, and the heartbeats of the queues."""
    from config.parts import QUEUES
    from roles.task_querysets import HEARTBEAT

    every: dict[str, int | None] = {task: seconds for seconds, tasks in EVERY.items() for task in tasks}
    return every | {f"{HEARTBEAT} {queue}": None for queue in QUEUES.split(",")}


@cache
def _tell_tasks() -> None:
    from roles import clock, task_records

    task_records.know_tasks(all_tasks(), at=clock.now())


def _name_of(task: Any) -> str:
    """The task's name; a heartbeat is told with its queue, for each queue has its own workers."""
    queue = (getattr(task.request, "kwargs", None) or {}).get("queue")
    return f"{task.name} {queue}" if queue else str(task.name)


def _note_failure(name: str, problem: BaseException, *, in_part: bool) -> None:
    from roles import clock, task_records

    for idle in (True, False):
        _noted.pop((name, idle), None)
    try:
        connection.close_if_unusable_or_obsolete()
        task_records.note_failure(name, problem, in_part=in_part, at=clock.now())
    except DatabaseError as away:  # then that is what must be mended, and the pages of health say so
        log.warning("It could not be noted that %s failed: %s", name, away)
