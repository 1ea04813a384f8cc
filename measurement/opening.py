"""Where the rows behind a figure are: every figure opens what it counts."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlencode

from django.urls import get_script_prefix, reverse

from measurement.counts import HISTOGRAMS, PROMISED
from measurement.measuring import LYING
from measurement.selecting import Selection

# By metric: the list that shows its rows, and what is asked of it beside the selection's own filters. A share opens
# what it is the share of; what it is a share among says its definition.
MENTIONS, WORK, REPLIES, APPROVALS, PROMISES, STORIES, PUBLICATIONS, LINKS, REVIEWS, WEEKS = (
    f"measurement:{name}"
    for name in (
        "mentions", "assignments", "replies", "approvals", "promises", "stories", "publications", "links", "reviews",
        "channel_weeks",
    )
)  # fmt: skip
_LYING = (WORK, {"state": "unresolved"})
_NEXT = {"kind": "next_response"}
ROWS: dict[str, tuple[str, dict[str, str]]] = {
    "captured": (MENTIONS, {}),
    "authors": (MENTIONS, {"author": "known"}),
    "reach": (MENTIONS, {"reach": "known"}),
    "stories": (STORIES, {}),
    "net_sentiment": (MENTIONS, {"sentiment": "judged"}),
    "negative_share": (MENTIONS, {"sentiment": "negative"}),
    "positive_share": (MENTIONS, {"sentiment": "positive"}),
    "assigned": (WORK, {}),
    "answered": (WORK, {"answered": "yes"}),
    "resolved": (WORK, {"state": "resolved"}),
    "unanswered": (WORK, {"state": "unanswered"}),
    "reopened": (WORK, {"state": "reopened"}),
    "targets_met": (WORK, {"target": "met"}),
    "handling": (WORK, {"state": "handled"}),
    "handling_p90": (WORK, {"state": "handled"}),
    "backlog": _LYING,
    "backlog_age_median": _LYING,
    "backlog_oldest": _LYING,
    "backlog_at_end": (WORK, {"state": "lying"}),
    "backlog_age": (WORK, {"state": "lying"}),
    "overdue": (WORK, {"state": "overdue"}),
    # Of what was made on these days; the one above is of all that lies there.
    "overdue_of_days": (WORK, {"state": "overdue"}),
    "replies": (REPLIES, {}),
    "replies_sent": (REPLIES, {"fate": "sent"}),
    "replies_refused": (REPLIES, {"fate": "trouble"}),
    "replies_unknown": (REPLIES, {"fate": "unknown"}),
    "replies_automatic": (REPLIES, {"fate": "program"}),
    **{f"reply_{name}": (REPLIES, {"told": name}) for name in ("answers", "likes", "reposts")},
    "publications": (PUBLICATIONS, {}),
    "self_promotion": (PUBLICATIONS, {"about": "us"}),
    "link_clicks": (LINKS, {}),
    "reply_clicks": (LINKS, {"stands": "replies"}),
    "channel_cadence": (WEEKS, {}),
    "passed_at_first": (REVIEWS, {"fate": "passed"}),
    **{f"review_{share}": (REVIEWS, {}) for share in ("median", "p90")},
    **{f"publication_{name}": (PUBLICATIONS, {"told": name}) for name in ("answers", "likes", "reposts")},
    "approvals": (APPROVALS, {}),
    "approvals_given": (APPROVALS, {"fate": "approved"}),
    "approval_median": (APPROVALS, {"fate": "decided"}),
    "approval_p90": (APPROVALS, {"fate": "decided"}),
    **{f"{name}_{share}": (WORK, {"wait": name}) for name in HISTOGRAMS for share in ("median", "p90")},
    **{f"{name}_{share}": (PROMISES, {"wait": name}) for name in PROMISED for share in ("median", "p90")},
    "next_targets_met": (PROMISES, {**_NEXT, "fate": "in_time"}),
    "resolution_targets_met": (PROMISES, {"kind": "resolution", "fate": "in_time"}),
}
# What has a page of its own; metrics of apps above say themselves where their rows are.
ELSEWHERE: dict[str, str] = {
    "share_of_voice": "measurement:voices",
    "cost": "measurement:worth",
    "cost_per_answer": "measurement:worth",
}
# Which of these pages tell of the days and the department that they are asked for.
DATED: set[str] = {"measurement:voices", "measurement:worth"}


def rows_url(key: str, selection: Selection, **also: object) -> str:
    """The address of exactly the rows that a metric counts of a selection; empty where it has none of its own.

    `also` narrows them to one place of a picture: an `hour` of the week, a `step` of a distribution.
    """
    window = selection.window
    days = {"from": window.first.isoformat(), "to": window.last.isoformat()}
    if page := ELSEWHERE.get(key):
        here = f"?{urlencode({**days, 'of': selection.side})}" if page in DATED else ""
        department = f"&department={selection.department}" if here and selection.department else ""
        return f"{path_of(page, get_script_prefix())}{here}{department}"
    if key not in ROWS:
        return ""
    name, asked = ROWS[key]
    if key in LYING:
        days = {}
    parts: dict[str, object] = {part: value for part in _PARTS[name] if (value := getattr(selection, part))}
    return f"{path_of(name, get_script_prefix())}?{urlencode({**days, 'of': selection.side, **parts, **asked, **also})}"


_PARTS: dict[str, tuple[str, ...]] = {
    MENTIONS: ("network", "query", "topic"),
    WORK: ("department", "network", "member"),
    **dict.fromkeys((REPLIES, APPROVALS, PROMISES), ("department", "network")),
    **dict.fromkeys((PUBLICATIONS, LINKS, REVIEWS), ("department", "network", "campaign")),
    WEEKS: ("network",),
    STORIES: (),
}


@lru_cache(maxsize=256)
def path_of(name: str, prefix: str) -> str:
    """An address, looked up once for each organization; `prefix` is where its pages begin."""
    return reverse(name)


def course_url(key: str, selection: Selection) -> str:
    """Where a metric is drawn over time; empty where what lies there now was never asked for then."""
    if key in LYING:
        return ""
    asked: dict[str, object] = {"by": "time", "metric": key, "of": selection.side}
    asked |= {"from": selection.window.first.isoformat(), "to": selection.window.last.isoformat()}
    if selection.department:
        asked["department"] = selection.department
    return f"{path_of('measurement:explore', get_script_prefix())}?{urlencode(asked)}"


def place_url(place: str) -> str:
    """Where a metric stands that is a list of figures; empty where it is one."""
    prefix = get_script_prefix()
    if place == "venues":
        return path_of("listening:venues", prefix)
    return f"{path_of('measurement:explore', prefix)}?{urlencode({'by': place})}" if place else ""
