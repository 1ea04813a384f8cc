"""What servers say about when to come back, in the several ways they say it, as seconds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_WAIT = 24 * 3600.0
_EPOCH_FROM = 1_000_000_000  # A smaller number counts seconds from now; a greater one is a moment since 1970.


def wait_asked(headers: Mapping[str, str], at: datetime) -> float | None:
    """Tell how long the server asked to wait (Retry-After, or a used-up rate limit), capped at a day."""
    told = headers.get("Retry-After", "").strip()
    if told:
        wait = seconds_until(told, now_there(headers, at))
        if wait is not None:
            return wait
    return _limit_wait(headers, now_there(headers, at))


def fresh_for(headers: Mapping[str, str]) -> float | None:
    """Tell for how many seconds the answer counts as fresh (Cache-Control: max-age, less its Age)."""
    control = headers.get("Cache-Control", "").lower()
    found = re.search(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,10})", control)
    if not found or "no-cache" in control or "no-store" in control:
        return None
    age = headers.get("Age", "").strip()
    spent = int(age) if age.isascii() and age.isdigit() and len(age) < 10 else 0
    return min(max(float(found.group(1)) - spent, 0.0), LONGEST_WAIT)


def _limit_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    structured = headers.get("RateLimit", "")
    if structured:
        # Structured: how much is left, and in how many seconds it starts afresh.
        left, reset = re.search(r";\s*r=(\d{1,15})", structured), re.search(r";\s*t=(\d{1,10})", structured)
        return seconds_until(reset.group(1), now) if left and reset and int(left.group(1)) == 0 else None
    for prefix in ("RateLimit", "X-RateLimit", "X-Rate-Limit"):
        left_of = headers.get(f"{prefix}-Remaining", "").strip()
        if left_of and re.fullmatch(r"0+(\.0*)?", left_of):
            return seconds_until(headers.get(f"{prefix}-Reset", "").strip(), now)
    return None


def seconds_until(told: str, now: datetime) -> float | None:
    """Read a span in seconds, a moment since 1970, or a written date, as seconds from now; capped at a day."""
    if re.fullmatch(r"\d{1,15}(\.\d{1,9})?", told):
        number = float(told)
        if number >= _EPOCH_FROM:
            number -= now.timestamp()
        return min(max(number, 0.0), LONGEST_WAIT)
    moment = _moment(told)
    return None if moment is None else min(max((moment - now).total_seconds(), 0.0), LONGEST_WAIT)


def _moment(told: str) -> datetime | None:
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(told)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None


def now_there(headers: Mapping[str, str], at: datetime) -> datetime:
    """Return the moment by the server's own clock."""
    # A moment named by the server is meant by the server's own clock, which may be wrong by hours.
    return _moment(headers.get("Date", "").strip()) or at
