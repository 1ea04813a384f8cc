"""Celery's workers: messages only say "look now"; the work itself is rows in the database."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import worker_process_init

from config.memory import settle

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app: Any = Celery("touchline")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect
def begin_to_work(**_said: object) -> None:
    """Settle in each process that works."""
    settle()
