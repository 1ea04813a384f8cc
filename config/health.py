"""Whether this process lives, and whether what it needs can be reached."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse

from config.parts import QUEUES

NOBODY_BEATS = timedelta(seconds=90)


def alive(request: HttpRequest) -> HttpResponse:
    """Answer 200 as long as the process answers at all."""
    return HttpResponse("ok", content_type="text/plain")


def ready(request: HttpRequest) -> HttpResponse:
    """Answer 200 when the database and the broker answer, else 503 naming the part that fails."""
    from roles.live import broker_answers

    parts = {"database": _database_answers(), "broker": broker_answers()}
    return JsonResponse(parts, status=200 if all(parts.values()) else 503)


def works(request: HttpRequest) -> HttpResponse:
    """Answer 200 while work is taken from every queue and ends well, else 503 naming queues and tasks that do not."""
    import redis

    from roles import clock, live

    at, parts = clock.now(), {"broker": True}
    try:
        for queue in QUEUES.split(","):
            beat = live.last_beat(queue)
            parts[queue] = beat is not None and beat > at - NOBODY_BEATS
    except (redis.RedisError, OSError):
        parts = {"broker": False}
    parts |= _tasks_in_trouble(at, work_is_taken=all(parts.values()))
    return JsonResponse(parts, status=200 if all(parts.values()) else 503)


def _tasks_in_trouble(at: datetime, *, work_is_taken: bool) -> dict[str, bool]:
    from roles.models import TaskRecord

    try:
        with transaction.atomic():
            rows = [*TaskRecord.objects.failing(at), *(TaskRecord.objects.stalled(at) if work_is_taken else [])]
    except DatabaseError:
        return {"database": False}
    return {row.name: False for row in rows}


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True
