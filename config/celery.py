"""Celery's workers: messages only say "look now"; the work itself is rows in the database."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import after_setup_logger, after_setup_task_logger, worker_init, worker_process_init

from config.memory import settle
from config.runs import note_runs

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app: Any = Celery("touchline")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
note_runs()


@worker_init.connect
def know_addresses(**_said: object) -> None:
    """Load every page's address before processes are forked.

    Whoever writes the first mail asks for an address, and that loads all views of all rooms: seconds, on a busy machine
    a minute. It happened in a transaction that held the row, the piece and the door of what goes out, and in each
    process anew.
    """
    import django
    from django.urls import get_resolver

    django.setup()
    assert get_resolver().reverse_dict is not None


@worker_process_init.connect
def begin_to_work(**_said: object) -> None:
    """Settle in each process that works."""
    settle()


@after_setup_logger.connect
@after_setup_task_logger.connect
def write_as_the_others_do(logger: Any, **_said: object) -> None:
    """Have the lines of workers look like those of every other process."""
    from config.log_lines import Line

    for handler in logger.handlers:
        handler.setFormatter(Line())
