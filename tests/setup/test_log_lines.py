"""Lines of the log: one for each message, with its moment; of a request its route and whose it was, never its keys."""

from __future__ import annotations

import logging
import re
import sys
from typing import Any

import pytest
from django.test import Client

from config.log_lines import Line
from tests.cast import Cast

HOSTILE = "x\r\n2026-11-26T10:00:00.000Z INFO roles.sign_in_log: Signed in\x1b[2J\u2028\x85y"


def written(message: str, *args: object, exc_info: Any = None) -> str:
    return Line().format(logging.LogRecord("here", logging.WARNING, "x.py", 1, message, args, exc_info))


def fail() -> None:
    raise ValueError(HOSTILE)


def test_nothing_that_is_said_begins_a_line_of_its_own() -> None:
    line = written("Said: %s", HOSTILE)
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z WARNING here: Said: x\\r\\n2026", line)
    assert len(line.splitlines()) == 1 and "\x1b" not in line
    try:
        fail()
    except ValueError:
        first, *more = written("A fault", exc_info=sys.exc_info()).split("\n")
    assert first.endswith("here: A fault") and all(line.startswith("    ") for line in more)


def test_a_refusal_is_told_by_its_route_and_whose_it_was(
    cast: Cast, sign_in: Any, api: Any, caplog: pytest.LogCaptureFixture
) -> None:
    sign_in(cast.rosa).get("/o/acme/audit/")
    api(cast.rosa).post("/api/v1/departments/", {"name": "Secret project"})
    Client().get("/invitations/a-key-that-nobody-may-read-in-a-log/")
    Client().get("/o/acme/team/a-key-that-nobody-may-read-in-a-log/\r\nforged")
    lines = [record.getMessage() for record in caplog.records if record.name == "django.request"]
    assert lines[0] == f"403 GET /audit/ by member {cast.rosa.pk} from 127.0.0.1"
    assert re.fullmatch(rf"403 POST /api/v1/departments/ by user {cast.rosa.user.pk} from 127\.0\.0\.1", lines[1])
    assert lines[2] == "410 GET /invitations/<str:token>/ by nobody from 127.0.0.1"
    whole = "".join(record.getMessage() for record in caplog.records)
    assert "nobody-may-read" not in whole and "Secret project" not in whole and "forged" not in whole
