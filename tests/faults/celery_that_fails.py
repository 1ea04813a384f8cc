"""The application's Celery, where polling fails as on a server that lacks a function, and so do terms."""

from __future__ import annotations

from datetime import datetime

from celery.signals import worker_init
from django.db import connection

from config.celery import app

__all__ = ["app"]


def ask_what_is_not_there(at: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_input_is_missing('secret words'::text)")
    return 0


def raise_always(*, at: datetime) -> int:
    raise LookupError("no such position: 'somebody wrote this'")


@worker_init.connect
def break_two(**_said: object) -> None:
    from listening import polling
    from roles.actions import absences, terms

    polling.poll_due = ask_what_is_not_there
    terms.keep_terms = absences.keep_absences = raise_always
