"""The ways in which servers say when to come back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from multidict import CIMultiDict

from listening.networks.pacing import LONGEST_WAIT, fresh_for, wait_asked

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, None),
        ({"retry-after": "120"}, 120),
        ({"Retry-After": " 0 "}, 0),
        ({"Retry-After": "Sun, 01 Mar 2026 12:10:00 GMT"}, 600),
        ({"Retry-After": "Sun, 01 Mar 2026 11:00:00 GMT"}, 0),
        ({"Retry-After": "99999999"}, LONGEST_WAIT),
        ({"Retry-After": "864000"}, LONGEST_WAIT),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "2026-03-01T12:05:00.000Z"}, 300),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1772366700"}, 300),
        ({"X-RateLimit-Remaining": "7", "X-RateLimit-Reset": "300"}, None),
        ({"RateLimit-Remaining": "0", "RateLimit-Reset": "45"}, 45),
        ({"RateLimit": '"default";r=0;t=30'}, 30),
        ({"RateLimit": '"default";r=5;t=30'}, None),
    ],
)
def test_wait_asked(headers: dict[str, str], wait: float | None) -> None:
    assert wait_asked(CIMultiDict(headers), NOON) == wait


def test_a_moment_is_meant_by_the_servers_own_clock() -> None:
    headers = CIMultiDict({"Date": "Sun, 01 Mar 2026 09:00:00 GMT", "Retry-After": "Sun, 01 Mar 2026 09:01:00 GMT"})
    assert wait_asked(headers, NOON) == 60


@pytest.mark.parametrize(
    ("headers", "fresh"),
    [
        ({}, None),
        ({"Cache-Control": "public, max-age=300"}, 300),
        ({"Cache-Control": "MAX-AGE=300", "Age": "100"}, 200),
        ({"Cache-Control": "max-age=300", "Age": "400"}, 0),
        ({"Cache-Control": "s-maxage=300"}, None),
        ({"Cache-Control": "no-cache, max-age=300"}, None),
        ({"Cache-Control": "max-age=31536000"}, LONGEST_WAIT),
        ({"Cache-Control": "max-age=never"}, None),
    ],
)
def test_fresh_for(headers: dict[str, str], fresh: float | None) -> None:
    assert fresh_for(CIMultiDict(headers)) == fresh
