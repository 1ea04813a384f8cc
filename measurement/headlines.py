"""What one screen has to say first: how loud, how friendly, how fast, how much, and at what cost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from measurement import investing
from measurement.backlog import backlog_at_ends
from measurement.counts import READ
from measurement.figures import Figures
from measurement.measuring import Measured, values_of
from measurement.metrics import METRICS
from measurement.opening import rows_url
from measurement.periods import said_before
from measurement.saying import number, said
from measurement.selecting import Selection
from roles.models import Member

HEADLINES = (
    "captured", "net_sentiment", "first_response_median", "targets_met", "answered", "backlog", "link_clicks",
    "hours_spent", "cost",
)  # fmt: skip


@dataclass(frozen=True)
class Headline:
    """A figure in large type: what it is now, what it was before, and the rows behind it."""

    one: Measured
    value: str
    then: str
    url: str

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


def headlines(found: Figures, at: datetime, viewer: Member | None) -> list[Headline]:
    """The figures of a window in large type, each beside the days before; hours only for who may see them."""
    selection = Selection(found.window, found.side)
    values = {key: (READ[key](found.now), READ[key](found.before)) for key in HEADLINES if key in READ}
    [lay] = backlog_at_ends(selection, [found.before.window], at=at)
    values["backlog"] = (found.backlog, lay.count)
    clicks = [
        values_of(Selection(days, found.side), at=at, only={"link_clicks"})["link_clicks"]
        for days in (found.window, found.before.window)
    ]
    values["link_clicks"] = (clicks[0], clicks[1])
    now, before = investing.invested_each(selection, [found.window, found.before.window], viewer)
    values |= {"hours_spent": (now.hours, before.hours), "cost": (now.amount, before.amount)}
    money, days = investing.currency(), said_before(found.window)
    shown = []
    for key in HEADLINES:
        # Where nothing that we published was ever followed, a nought would say nothing.
        if key not in METRICS or (key == "link_clicks" and values[key] == (None, None)):
            continue
        one = Measured(key, *values[key])
        kind = one.metric.kind
        words = _("%(then)s in %(days)s") % {"then": said(kind, one.before, currency=money), "days": days}
        if one.before is None:
            words = _("nothing in %(days)s") % {"days": days}
        url = rows_url(key, selection)
        if key == "backlog":
            words = _("%(n)s overdue now") % {"n": number(found.overdue)}
            if lay.count is not None:
                words = _("%(then)s when these days began; %(n)s overdue now") % {
                    "n": number(found.overdue), "then": number(lay.count),
                }  # fmt: skip
        elif key in {"hours_spent", "cost"} and now.hours is None:
            words, url = _("not shown: it would tell of few people"), ""
        elif key == "cost" and one.now is None:
            words = _("nobody stated what an hour costs")
        shown.append(Headline(one, said(kind, one.now, currency=money), words, url))
    return shown
