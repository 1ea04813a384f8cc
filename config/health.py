"""Whether this process lives, and whether what it needs can be reached."""

from __future__ import annotations

from datetime import timedelta

from django.db import DatabaseError, connection
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
    """Answer 200 while beat sends to every queue and a worker takes from it, else 503 naming those that stand still."""
    import redis

    from roles import clock, live

    at, parts = clock.now(), {"broker": True}
    try:
        for queue in QUEUES.split(","):
            beat = live.last_beat(queue)
            parts[queue] = beat is not None and beat > at - NOBODY_BEATS
    except (redis.RedisError, OSError):
        parts = {"broker": False}
    return JsonResponse(parts, status=200 if all(parts.values()) else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True
