"""What servers say of their limits, in all forms in which they do: how much is left, and when it is full again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, TypeGuard
from zoneinfo import ZoneInfo

from listening.networks.pacing import now_there, seconds_until

_PREFIXES = ("RateLimit", "X-RateLimit", "X-Rate-Limit")
_PERCENT = ("X-App-Usage", "X-Page-Usage", "X-Ad-Account-Usage", "X-Business-Use-Case-Usage")
_SHARES = ("call_count", "total_time", "total_cputime", "acc_id_util_pct")
# Servers are strangers: what is read off them takes time in proportion to its length, whatever they write.
_TOKEN = re.compile(r'"[^"]*"|[^",;]+|[,;]')
_NAME = re.compile(r'"([^"]{0,80})"|([\w*-]{1,80})')
_VALUE = re.compile(r'"?(\d{1,15}(?:\.\d{1,6})?)', re.ASCII)
_PAIR = re.compile(r"(?<![\w-])(\w[\w-]{0,80})\s*[:=]\s*(\d{1,15}(?:\.\d{1,6})?)", re.ASCII)
LARGEST = 4000


@dataclass(frozen=True, slots=True)
class Left:
    """How much may still be asked: of how much, until when, and of which of several limits."""

    left: float
    most: float | None = None
    resets_in: float | None = None
    window: float | None = None
    name: str = ""
    # Said in percent: what one call takes of it is not known before.
    is_share: bool = False


@dataclass(frozen=True, slots=True)
class Quota:
    """A limit that a network has and does not tell: full again after `window` seconds, or at midnight in a zone, each
    day or on the first of a month.

    A network says them as `quotas`, by bucket.
    """

    most: int
    window: float = 0.0
    zone: str = ""
    by_month: bool = False

    def resets_in(self, at: datetime) -> float:
        """In how many seconds it is full again, counted from a moment at which it begins."""
        if not self.zone:
            return self.window
        return until_next_month(self.zone, at) if self.by_month else until_midnight(self.zone, at)


# Of what may be spent, in thousandths of a US dollar; no server's limit is called so.
MONEY = "money"


def budget(most: int | None) -> Quota:
    """Return how much may be spent, as a limit: anew on the first of each month. Where nobody said it, nothing may."""
    return Quota(most or 0, zone="UTC", by_month=True)


def until_midnight(zone: str, at: datetime) -> float:
    """Tell in how many seconds the next day begins in a time zone, whatever clocks do on the way."""
    there = at.astimezone(ZoneInfo(zone))
    midnight = datetime.combine(there.date() + timedelta(days=1), time(), tzinfo=there.tzinfo)
    return midnight.timestamp() - at.timestamp()


def until_next_month(zone: str, at: datetime) -> float:
    """Tell in how many seconds the next month begins in a time zone."""
    there = at.astimezone(ZoneInfo(zone))
    year, month = (there.year + 1, 1) if there.month == 12 else (there.year, there.month + 1)
    return datetime(year, month, 1, tzinfo=there.tzinfo).timestamp() - at.timestamp()


def limits_said(headers: Mapping[str, str], at: datetime) -> tuple[Left, ...]:
    """Read all that an answer's headers say of limits; nothing where they say nothing that can be understood."""
    now = now_there(headers, at)
    windows = dict(_windows(headers.get("RateLimit-Policy", "")[:LARGEST]))
    found = [*_structured(headers.get("RateLimit", "")[:LARGEST], windows)]
    if not found:
        found = [*_one_by_one(headers, now, windows)]
    return (*found, *_by_the_hour(headers.get("X-Rate-Limit", "")[:LARGEST]), *_percent(headers))


def _structured(said: str, windows: Mapping[str, tuple[float | None, float | None]]) -> Iterator[Left]:
    """`"default";r=50;t=30`, several with commas; or the older `limit=100, remaining=50, reset=30`."""
    for name, values in _items(said):
        if "r" in values:
            most, window = windows.get(name, (None, None))
            reset = float(values["t"]) if "t" in values else None
            yield Left(float(values["r"]), most, reset, window, "" if name in {"default", ""} else name)
    pairs = dict(_PAIR.findall(said))
    if "remaining" in pairs and ";" not in said:
        most, reset = pairs.get("limit"), pairs.get("reset")
        yield Left(float(pairs["remaining"]), float(most) if most else None, float(reset) if reset else None)


def _windows(said: str) -> Iterator[tuple[str, tuple[float | None, float | None]]]:
    """`"default";q=100;w=60`, or the older `3000;w=300`: how much in how long, by name."""
    for name, values in _items(said):
        number = _number(name)
        most = float(values["q"]) if "q" in values else number
        window = float(values["w"]) if "w" in values else None
        yield name, (most, window)
        if number is not None:
            yield "", (number, window)


def _items(said: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The members of a structured list: each name with those of its parameters that are numbers."""
    for member in _split(said, ","):
        written, *parameters = _split(member, ";")
        found = _NAME.fullmatch(written)
        if found is None:
            continue
        pairs = [parameter.partition("=") for parameter in parameters]
        values = {key.strip(): value for key, _sign, text in pairs if (value := _VALUE.match(text.strip()))}
        name = found[1] if found[1] is not None else found[2]
        yield name, {key: value[1] for key, value in values.items()}


def _split(said: str, sign: str) -> list[str]:
    """Split at a sign that stands outside of quotes."""
    parts = [""]
    for token in _TOKEN.findall(said):
        if token == sign:
            parts.append("")
        else:
            parts[-1] += token
    return [part.strip() for part in parts]


def _one_by_one(
    headers: Mapping[str, str], now: datetime, windows: Mapping[str, tuple[float | None, float | None]]
) -> Iterator[Left]:
    for prefix in _PREFIXES:
        left = _number(headers.get(f"{prefix}-Remaining", ""))
        if left is None:
            continue
        most = _number(headers.get(f"{prefix}-Limit", ""))
        used = _number(headers.get(f"{prefix}-Used", ""))
        reset = seconds_until(headers.get(f"{prefix}-Reset", "").strip(), now)
        window = windows.get("", (None, None))[1]
        yield Left(left, most if most is not None or used is None else left + used, reset, window)
        return


def _by_the_hour(said: str) -> Iterator[Left]:
    """`user-hour-lim:3600;user-hour-rem:3545;`."""
    pairs = dict(_PAIR.findall(said))
    for name, left in pairs.items():
        if name.endswith("-rem"):
            most = pairs.get(name.removesuffix("-rem") + "-lim")
            window = 3600.0 if "hour" in name else 86_400.0 if "day" in name else None
            yield Left(float(left), float(most) if most else None, None, window, name.removesuffix("-rem"))


def _percent(headers: Mapping[str, str]) -> Iterator[Left]:
    """JSON that says how many percent are used, and in how many minutes access comes back."""
    for header in _PERCENT:
        said = headers.get(header, "")
        if not said or len(said) > LARGEST:
            continue
        try:
            content = json.loads(said)
        except (ValueError, RecursionError):
            continue
        for row in _rows(content):
            shares = [float(row[name]) for name in _SHARES if _is_count(row.get(name))]
            if shares:
                minutes = row.get("estimated_time_to_regain_access")
                reset = float(minutes) * 60.0 if _is_count(minutes) and minutes > 0 else None
                name = str(row.get("type", ""))[:40] or header.removeprefix("X-").lower()
                yield Left(max(100.0 - max(shares), 0.0), 100.0, reset, None, name, is_share=True)


def _rows(content: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(content, dict) and any(name in content for name in _SHARES):
        yield content
    elif isinstance(content, dict):
        for rows in content.values():
            yield from (row for row in (rows if isinstance(rows, list) else [rows]) if isinstance(row, dict))


def _is_count(said: Any) -> TypeGuard[float]:
    """Whether it is a number that means something; JSON has also such as have thousands of digits."""
    return isinstance(said, int | float) and 0 <= said <= 10**9


def _number(said: str) -> float | None:
    said = said.strip().split(",")[0].split(";")[0].strip()
    return float(said) if re.fullmatch(r"\d{1,15}(\.\d{1,9})?", said, re.ASCII) else None
