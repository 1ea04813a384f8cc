"""What servers say of their limits, in every form that occurs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from listening.networks.limits import Left, Quota, limits_said, until_midnight

AT = datetime(2026, 4, 10, 12, 0, tzinfo=UTC)
IN_FIVE = int(AT.timestamp()) + 300


def said(**headers: str) -> tuple[Left, ...]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return limits_said(CIMultiDict(named), AT)


@pytest.mark.parametrize(
    ("headers", "left"),
    [
        # Mastodon: a written moment.
        (
            {"X_RateLimit_Limit": "300", "X_RateLimit_Remaining": "299", "X_RateLimit_Reset": "2026-04-10T12:05:00.5Z"},
            Left(299, 300, 300.5),
        ),
        # Bluesky: a moment since 1970, and its window beside it.
        (
            {
                "RateLimit_Limit": "3000", "RateLimit_Remaining": "2999", "RateLimit_Reset": str(IN_FIVE),
                "RateLimit_Policy": "3000;w=300",
            },
            Left(2999, 3000, 300, 300),
        ),
        # X and GitHub: small letters.
        (
            {"x_rate_limit_limit": "450", "x_rate_limit_remaining": "7", "x_rate_limit_reset": str(IN_FIVE)},
            Left(7, 450, 300),
        ),
        # Reddit: what is used, and fractions.
        (
            {"X_Ratelimit_Used": "3", "X_Ratelimit_Remaining": "597.0", "X_Ratelimit_Reset": "213"},
            Left(597, 600, 213),
        ),
        # The standard to be.
        (
            {"RateLimit": '"default";r=50;t=30', "RateLimit_Policy": '"default";q=100;w=60'},
            Left(50, 100, 30, 60),
        ),
        ({"RateLimit": "limit=100, remaining=50, reset=30"}, Left(50, 100, 30)),
        # App Store Connect.
        ({"X_Rate_Limit": "user-hour-lim:3600;user-hour-rem:3545;"}, Left(3545, 3600, None, 3600, "user-hour")),
        # Meta: percent.
        (
            {"X_App_Usage": '{"call_count":28,"total_time":91,"total_cputime":25}'},
            Left(9, 100, None, None, "app-usage", is_share=True),
        ),
        (
            {
                "X_Business_Use_Case_Usage": '{"112":[{"type":"pages","call_count":100,"total_time":1,'
                '"estimated_time_to_regain_access":19}]}'
            },
            Left(0, 100, 1140, None, "pages", is_share=True),
        ),
    ],
)  # fmt: skip
def test_each_form_is_understood(headers: dict[str, str], left: Left) -> None:
    assert said(**headers) == (left,)


def test_several_limits_of_one_answer_are_kept_apart() -> None:
    found = said(RateLimit='"burst";r=5;t=10, "daily";r=500;t=3600', RateLimit_Policy='"burst";q=10;w=10')
    assert found == (Left(5, 10, 10, 10, "burst"), Left(500, None, 3600, None, "daily"))


def test_what_says_nothing_says_nothing() -> None:
    for headers in ({}, {"RateLimit": "soon"}, {"X_RateLimit_Remaining": "many"}, {"X_App_Usage": "[1, 2"}):
        assert said(**headers) == ()


@given(st.dictionaries(st.sampled_from(["RateLimit", "RateLimit-Policy", "X-RateLimit-Remaining", "X-RateLimit-Reset",
                                        "X-Rate-Limit", "X-App-Usage", "X-Business-Use-Case-Usage", "Date"]),
                       st.text(max_size=60)))  # fmt: skip
def test_nothing_that_a_server_says_breaks_it(headers: dict[str, Any]) -> None:
    for left in limits_said(CIMultiDict(headers), AT):
        assert left.left >= 0


def test_a_day_ends_at_midnight_there_also_when_clocks_change() -> None:
    zone = "America/Los_Angeles"
    assert until_midnight(zone, datetime(2026, 7, 1, 6, 59, tzinfo=UTC)) == 60
    # The day on which clocks go forward has 23 hours.
    assert until_midnight(zone, datetime(2026, 3, 8, 8, 0, tzinfo=UTC)) == 23 * 3600
    assert Quota(10_000, zone=zone).resets_in(AT) == 19 * 3600
    assert Quota(10, window=60).resets_in(AT + timedelta(days=1)) == 60


@pytest.mark.parametrize(
    "hostile",
    ["a;" + "x=1 ;" * 60, "a" + ";x=1" + " " * 3000 + "!", '"' * 999, "a" * 4000, ";" * 4000, 'a;r="' * 800],
)
def test_whatever_a_server_writes_is_read_in_no_time(hostile: str) -> None:
    """Not measured: read by a pattern that may be read in several ways, the first would take hours."""
    assert all(left.left >= 0 for left in said(RateLimit=hostile, RateLimit_Policy=hostile, X_Rate_Limit=hostile))


def test_numbers_that_are_none_are_left_out() -> None:
    assert said(RateLimit='"default";r=²;t=30') == ()
    assert said(RateLimit="a;r=5;t=" + "9" * 5000)[0].left == 5
    for odd in ("9" * 3000, "NaN", "Infinity", "-1", "[" * 3000):
        assert said(X_App_Usage=f'{{"call_count":{odd}}}') == ()
