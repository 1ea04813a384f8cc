"""Notes how the workers' tasks end: a few small writes a minute, and one for each failure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from roles.models import TaskRecord

# As much as a line of a page, a mail or a console holds.
LONGEST_PROBLEM = 300
FORGOTTEN_AFTER = timedelta(days=30)

_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff\ud800-\udfff]")
_CREDENTIALS = re.compile(r"(?<=://)[^\s/@]*:[^\s/]*@")
_QUERY = re.compile(r"(?<=[^\s?])\?[^\s\"']+")
# What somebody wrote may stand in quotation marks; a name of a column, a table or a module may stay.
_QUOTED = re.compile(r"(?P<mark>[\"'`])(?P<text>.*?)(?P=mark)|“(?P<curly>.*?)”")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,62}")
_SCHEME = re.compile(r"(?i)\b(bearer|basic)\s+\S+")
_KEY_AND_VALUE = re.compile(r"(?i)\b(authorization|password|passwd|secret|token|api[_-]?key)(?:\s*[:=]\s*|\s+)\S+")
# Letters and digits without a word in them are a key; a path or a dotted name is none.
_KEY = re.compile(r"(?=[A-Za-z0-9+/_=~-]*\d)[A-Za-z0-9+/_=~-]{20,}")

_KNOW = """
INSERT INTO roles_taskrecord (name, every_seconds, known_at, failures_in_row, failures, in_part, problem)
SELECT name, seconds, %(at)s, 0, 0, false, '' FROM unnest(%(names)s::text[], %(seconds)s::int[]) AS told (name, seconds)
ON CONFLICT (name) DO UPDATE SET every_seconds = excluded.every_seconds, known_at = excluded.known_at
WHERE roles_taskrecord.every_seconds IS DISTINCT FROM excluded.every_seconds
"""
_NO_LONGER_SENT = """
UPDATE roles_taskrecord SET every_seconds = NULL WHERE every_seconds IS NOT NULL AND name <> ALL(%(names)s)
"""
_FORGET = """
DELETE FROM roles_taskrecord WHERE name <> ALL(%(names)s) AND greatest(known_at, ended_at, failed_at) < %(before)s
"""
_ENDED = """
UPDATE roles_taskrecord SET ended_at = %(at)s,
    steady_since_at = CASE WHEN ended_at > %(at)s - interval '5 minutes' THEN steady_since_at ELSE %(at)s END,
    failures_in_row = CASE WHEN in_part AND %(idle)s THEN failures_in_row ELSE 0 END
WHERE name = %(name)s AND (
    ended_at IS NULL OR ended_at < %(at)s - interval '45 seconds' OR failures_in_row > 0 AND NOT (in_part AND %(idle)s)
)
"""
_FAILED = """
INSERT INTO roles_taskrecord AS kept
    (name, known_at, failed_at, failing_since_at, failures_in_row, failures, in_part, problem)
VALUES (%(name)s, %(at)s, %(at)s, %(at)s, 1, 1, %(in_part)s, %(problem)s)
ON CONFLICT (name) DO UPDATE SET failed_at = excluded.failed_at,
    failing_since_at = CASE WHEN kept.failures_in_row = 0 THEN excluded.failed_at ELSE kept.failing_since_at END,
    failures_in_row = kept.failures_in_row + 1, failures = kept.failures + 1,
    in_part = excluded.in_part, problem = excluded.problem,
    ended_at = CASE WHEN excluded.in_part THEN excluded.failed_at ELSE kept.ended_at END
"""


def know_tasks(every: Mapping[str, int | None], *, at: datetime) -> None:
    """Note which tasks there are and how often they are sent; what is long gone is forgotten."""
    told: dict[str, Any] = {
        "names": list(every),
        "seconds": list(every.values()),
        "at": at,
        "before": at - FORGOTTEN_AFTER,
    }
    with connection.cursor() as cursor:
        for statement in (_KNOW, _NO_LONGER_SENT, _FORGET):
            cursor.execute(statement, told)


def note_end(name: str, *, idle: bool, at: datetime) -> None:
    """Note that a run came to its end; one that found nothing to do says nothing of what failed in part before."""
    with connection.cursor() as cursor:
        cursor.execute(_ENDED, {"name": name, "idle": idle, "at": at})


def note_failure(name: str, problem: BaseException, *, in_part: bool, at: datetime) -> None:
    """Note that a run failed, as a whole or in part, and why."""
    with connection.cursor() as cursor:
        cursor.execute(_FAILED, {"name": name, "in_part": in_part, "problem": in_short(problem), "at": at})


def since_when_work_fails(at: datetime, *, name: str = "") -> datetime | None:
    """Return the moment since when a task, or the one that is named, fails each time; None where none does."""
    rows = TaskRecord.objects.failing(at)
    row = (rows.filter(name=name) if name else rows).first()
    return row.failing_since_at if row else None


def in_short(problem: BaseException) -> str:
    """Return the type and the first line of a fault, without what may be a secret or somebody's words."""
    lines = str(problem).strip().splitlines()
    line = _UNSEEN.sub(" ", lines[0]) if lines else ""
    line = _QUERY.sub("?…", _CREDENTIALS.sub("…@", line))
    line = _KEY.sub("…", _KEY_AND_VALUE.sub(r"\1 …", _SCHEME.sub("…", _QUOTED.sub(_only_names, line))))
    return f"{type(problem).__name__}: {line}".rstrip(": ")[:LONGEST_PROBLEM]


def _only_names(found: re.Match[str]) -> str:
    text = found["text"] if found["curly"] is None else found["curly"]
    return found[0] if _NAME.fullmatch(text) else "“…”"
