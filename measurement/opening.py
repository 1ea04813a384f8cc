"""Where the rows behind a figure are: every figure opens what it counts."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlencode

from django.urls import get_script_prefix, reverse

from measurement.measuring import LYING
from measurement.selecting import Selection

# By metric: the list that shows its rows, and what is asked of it beside the selection's own filters.
MENTIONS, WORK, REPLIES, STORIES = (
    "measurement:mentions",
    "measurement:assignments",
    "measurement:replies",
    "listening:stories",
)
_ANSWERED = (WORK, {"answered": "yes"})
_RESOLVED = (WORK, {"state": "resolved"})
_LYING = (WORK, {"state": "unresolved"})
ROWS: dict[str, tuple[str, dict[str, str]]] = {
    "captured": (MENTIONS, {}),
    "authors": (MENTIONS, {}),
    "reach": (MENTIONS, {}),
    "net_sentiment": (MENTIONS, {"sentiment": "judged"}),
    "negative_share": (MENTIONS, {"sentiment": "negative"}),
    "positive_share": (MENTIONS, {"sentiment": "positive"}),
    "assigned": (WORK, {}),
    "answered": _ANSWERED,
    "unanswered": (WORK, {"state": "unanswered"}),
    "reopened": (WORK, {"state": "reopened"}),
    "targets_met": (WORK, {"target": "met"}),
    "handling": (WORK, {"state": "claimed"}),
    "backlog": _LYING,
    "backlog_age_median": _LYING,
    "backlog_oldest": _LYING,
    "overdue": (WORK, {"state": "overdue"}),
    "replies": (REPLIES, {}),
    "replies_sent": (REPLIES, {"fate": "sent"}),
    "replies_refused": (REPLIES, {"fate": "trouble"}),
    "replies_automatic": (REPLIES, {"fate": "program"}),
    "approvals": (REPLIES, {"fate": "asked"}),
    "approvals_given": (REPLIES, {"fate": "approved"}),
    "approval_median": (REPLIES, {"fate": "asked"}),
    "approval_p90": (REPLIES, {"fate": "asked"}),
    **{f"{name}_{share}": _ANSWERED for name in ("first_response", "business_response") for share in ("median", "p90")},
    **{f"{name}_{share}": _RESOLVED for name in ("resolution", "business_resolution") for share in ("median", "p90")},
    **{
        name: (WORK, {"state": "continued"})
        for name in (
            "next_response_median", "next_response_p90", "business_next_response_median", "business_next_response_p90",
            "next_targets_met",
        )
    },
    "resolution_targets_met": (WORK, {"state": "promised"}),
}  # fmt: skip
# What has a page of its own; metrics of apps above say themselves where their rows are.
ELSEWHERE: dict[str, str] = {
    "share_of_voice": "measurement:voices",
    "stories": "listening:stories",
    "cost": "measurement:worth",
    "cost_per_answer": "measurement:worth",
}


def rows_url(key: str, selection: Selection) -> str:
    """The address of exactly the rows that a metric counts of a selection; empty where it has none of its own."""
    window = selection.window
    days = {"from": window.first.isoformat(), "to": window.last.isoformat()}
    if page := ELSEWHERE.get(key):
        here = f"?{urlencode({**days, 'of': selection.side})}" if page.startswith("measurement:") else ""
        department = f"&department={selection.department}" if here and selection.department else ""
        return f"{path_of(page, get_script_prefix())}{here}{department}"
    if key not in ROWS:
        return ""
    name, asked = ROWS[key]
    if key in LYING:
        days = {}
    parts: dict[str, object] = {part: value for part in _PARTS[name] if (value := getattr(selection, part))}
    return f"{path_of(name, get_script_prefix())}?{urlencode({**days, 'of': selection.side, **parts, **asked})}"


_PARTS = {
    MENTIONS: ("network", "query", "topic"),
    WORK: ("department", "network", "member"),
    REPLIES: ("department", "network"),
}


@lru_cache(maxsize=256)
def path_of(name: str, prefix: str) -> str:
    """An address, looked up once for each organization; `prefix` is where its pages begin."""
    return reverse(name)


def place_url(place: str) -> str:
    """Where a metric stands that is a list of figures; empty where it is one."""
    prefix = get_script_prefix()
    if place == "venues":
        return path_of("listening:venues", prefix)
    return f"{path_of('measurement:explore', prefix)}?{urlencode({'by': place})}" if place else ""
