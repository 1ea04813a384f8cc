"""What one screen has to say first: how loud, how friendly, how fast, how much, and at what cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _

from measurement import investing
from measurement.backlog import backlog_at_ends
from measurement.counts import READ
from measurement.figures import Figures
from measurement.measuring import Measured, looked_at, values_each, values_of
from measurement.metrics import METRICS
from measurement.opening import rows_url
from measurement.periods import said_before
from measurement.saying import number, said
from measurement.selecting import Selection
from measurement.usual import Past, Usual, usual
from roles.models import Member

HEADLINES = (
    "captured", "net_sentiment", "first_response_median", "targets_met", "answered", "backlog", "link_clicks",
    "hours_spent", "cost",
)  # fmt: skip


# Which are known of no network, and may reveal what a few people did.
OF_HOURS = ("hours_spent", "cost")
# Of which is told what is usual: what lies there now is laid beside what lay there when past days ended.
USUAL = tuple("backlog_at_end" if key == "backlog" else key for key in HEADLINES)
# What stands in their place where only what is heard, or what is published, can be told.
HEARD = ("captured", "reach", "net_sentiment", "positive_share", "negative_share")
PUBLISHED = (
    "publications", "publication_answers", "publication_likes", "publication_reposts", "link_clicks", "self_promotion",
)  # fmt: skip


@dataclass(frozen=True)
class Headline:
    """A figure in large type: what it is now, what it was before, and the rows behind it."""

    one: Measured
    value: str
    then: str
    url: str
    # What it was in the year before, where that can be told.
    usual: Usual | None = None
    usual_said: str = ""

    @property
    def key(self) -> str:
        """Which metric it is."""
        return self.one.key

    @property
    def name(self) -> str:
        """What it is called."""
        return str(self.one.metric.label)

    @property
    def title(self) -> str:
        """What it counts."""
        return str(self.one.metric.counts)

    @property
    def better(self) -> bool | None:
        """Whether it went the good way, by enough to be worth a word."""
        return self.one.is_better


def headlines(found: Figures, at: datetime, viewer: Member | None) -> tuple[list[Headline], Past]:
    """The figures of a window in large type, beside the days before and what is usual; hours for who may see them."""
    money = investing.currency()
    shown = _headlines(found, at, viewer, money)
    past = usual(found.selection, {_as_past(one.key) for one in shown}, at=at, viewer=viewer)
    known = [(one, past.found.get(_as_past(one.key))) for one in shown]
    return [replace(one, usual=was, usual_said=was.said(money) if was else "") for one, was in known], past


def _as_past(key: str) -> str:
    """What lies there now is laid beside what lay there when past days ended."""
    return "backlog_at_end" if key == "backlog" else key


def _headlines(found: Figures, at: datetime, viewer: Member | None, money: str) -> list[Headline]:
    selection, days = found.selection, said_before(found.window)
    if not selection.of_work:
        return _of_part(found, HEARD if selection.of_mentions else PUBLISHED, at)
    values, shown = _values(found, at, viewer), []
    is_secret = values["hours_spent"][0] is None
    for key in HEADLINES:
        if not _is_told(key, selection, values[key]):
            continue
        one = Measured(key, *values[key])
        words, url = _then(one, days, money), rows_url(key, selection) if one.now is not None else ""
        if key == "backlog":
            words = _lying(found.overdue, one.before)
        elif key in OF_HOURS and is_secret:
            words, url = _("not shown: it would reveal what a few people did"), ""
        elif key == "cost" and one.now is None:
            words = _("nobody stated what an hour costs")
        shown.append(Headline(one, said(one.metric.kind, one.now, currency=money), words, url))
    return shown


def _values(found: Figures, at: datetime, viewer: Member | None) -> dict[str, tuple[float | None, float | None]]:
    """Each figure now and before; of what lies there now it is what lay there when the days began."""
    selection = found.selection
    values = {key: (READ[key](found.now), READ[key](found.before)) for key in HEADLINES if key in READ}
    [lay] = backlog_at_ends(selection, [found.before.window], at=at)
    values["backlog"] = (found.backlog, lay.count)
    followed = values_each(selection, [found.before.window, found.window], at=at, only={"link_clicks"})
    values["link_clicks"] = (followed[1]["link_clicks"], followed[0]["link_clicks"])
    now, before = investing.invested_each(selection, [found.window, found.before.window], viewer)
    return values | {"hours_spent": (now.hours, before.hours), "cost": (now.amount, before.amount)}


def _is_told(key: str, selection: Selection, value: tuple[float | None, float | None]) -> bool:
    """Whether a figure says anything here.

    Nobody knows for which network an hour was spent; and where nothing that we published was ever followed, a nought
    would say nothing.
    """
    if key not in METRICS or not selection.tells(METRICS[key].about):
        return False
    return value != (None, None) if key == "link_clicks" else not (key in OF_HOURS and selection.network)


def _then(one: Measured, days: str, money: str = "") -> str:
    if one.before is None:
        return _("nothing in %(days)s") % {"days": days}
    return _("%(then)s in %(days)s") % {"then": said(one.metric.kind, one.before, currency=money), "days": days}


def _lying(overdue: int, lay: float | None) -> str:
    if lay is None:
        return _("%(n)s overdue now") % {"n": number(overdue)}
    words = {"n": number(overdue), "then": number(lay)}
    return _("%(then)s when these days began; %(n)s overdue now") % words


def _of_part(found: Figures, keys: Sequence[str], at: datetime) -> list[Headline]:
    """What can be told of a query, a topic or a campaign."""
    selection, days = found.selection, said_before(found.window)
    now, before = (values_of(one, at=at, only=keys) for one in (selection, selection.on(found.before.window)))
    shown, oldest = [], looked_at(selection, keys)
    for key in keys:
        one = Measured(key, now.get(key), before.get(key), oldest.get(key))
        url = rows_url(key, selection) if one.now is not None else ""
        shown.append(Headline(one, said(one.metric.kind, one.now), _then(one, days), url))
    return shown
