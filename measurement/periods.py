"""Periods that people name: the last full week, month or quarter, each beside the one before it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from measurement.windows import Window
from roles.wording import in_order

# All of them are over: what is read twice of one period is of the same days.
PERIODS: Mapping[str, str | Promise] = {
    "week": gettext_lazy("The last full week"),
    "month": gettext_lazy("The last full month"),
    "quarter": gettext_lazy("The last full quarter"),
    "days7": gettext_lazy("The 7 days up to yesterday"),
    "days30": gettext_lazy("The 30 days up to yesterday"),
    "days90": gettext_lazy("The 90 days up to yesterday"),
}
DAY = timedelta(days=1)


class Week(Window):
    """A week of the calendar, Monday first."""

    def before(self) -> Window:
        """The week before."""
        return Week(self.first - 7 * DAY, self.first - DAY, self.zone)


class Month(Window):
    """A month of the calendar, beside the month before it, however long that was."""

    def before(self) -> Window:
        """The month before."""
        last = self.first - DAY
        return Month(last.replace(day=1), last, self.zone)


class Quarter(Window):
    """Three months of the calendar."""

    def before(self) -> Window:
        """The quarter before."""
        last = self.first - DAY
        return Quarter(_quarter_of(last), last, self.zone)


def period(name: str, day: date, zone: ZoneInfo) -> Window:
    """The newest period of a name that was over when a day began."""
    match name:
        case "week":
            monday = day - day.weekday() * DAY
            return Week(monday - 7 * DAY, monday - DAY, zone)
        case "month":
            last = day.replace(day=1) - DAY
            return Month(last.replace(day=1), last, zone)
        case "quarter":
            last = _quarter_of(day) - DAY
            return Quarter(_quarter_of(last), last, zone)
    days = int(name.removeprefix("days"))
    return Window(day - days * DAY, day - DAY, zone)


def said(window: Window) -> str:
    """Which days these are, as people call them."""
    if isinstance(window, Month):
        return formats.date_format(window.first, in_order("F Y"))
    if isinstance(window, Quarter):
        return _("quarter %(n)s of %(year)s") % {"n": window.first.month // 3 + 1, "year": window.first.year}
    first, last = formats.date_format(window.first), formats.date_format(window.last)
    return first if first == last else _("%(first)s to %(last)s") % {"first": first, "last": last}


def said_before(window: Window) -> str:
    """What it is laid beside, so that “sooner than in” can stand before it."""
    match window:
        case Week():
            return _("the week before")
        case Month():
            return formats.date_format(window.before().first, "F")
        case Quarter():
            return _("the quarter before")
    return _("the %(days)s days before") % {"days": window.days}


def _quarter_of(day: date) -> date:
    """The day on which its quarter begins."""
    return day.replace(month=3 * ((day.month - 1) // 3) + 1, day=1)
