"""How much of what we published was about ourselves, week by week, beside the limit of the policy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from content.value_mix import Mix, published_by_week
from measurement.pictures import Cell, Picture, lines_of
from measurement.saying import number, share
from roles.tenancy import active_organization
from roles.wording import in_order, labelled

WEEK, WEEKS = timedelta(days=7), 13
SHARE_STEPS = (0.1, 0.25, 0.5, 1.0)


def promotion_picture(*, at: datetime) -> Picture:
    """The share about ourselves in each week of the last quarter, this one included, with the limit as a line."""
    zone = active_organization().zone
    today = at.astimezone(zone).date()
    this = today - timedelta(days=today.weekday())
    weeks = [this - WEEK * back for back in reversed(range(WEEKS))]
    found, most = published_by_week(weeks[0], weeks[-1] + WEEK, zone)
    return draw(weeks, found, most)


def draw(weeks: list[date], found: Mapping[date, Mix], most_percent: int) -> Picture:
    """Draw weeks with what was published in them; where nothing was said there is no share, and the line is broken."""
    mixes = [found.get(monday) for monday in weeks]
    shares, limit = [_share_of(mix) for mix in mixes], most_percent / 100
    labels = [formats.date_format(monday, in_order("j M")) for monday in weeks]
    lines = lines_of([shares, [limit] * len(weeks)], labels, say=lambda value: f"{value:.0%}", steps=SHARE_STEPS)
    said = [
        (
            f"#{KEY}-head",
            "\n".join([label, labelled(_("About ourselves"), share(one)), labelled(_("At most"), f"{most_percent} %")]),
        )
        for label, one in zip(labels, shares, strict=True)
    ]
    rows = tuple(
        (
            Cell(label, monday.isoformat()),
            Cell(number(mix.given if mix else 0), mix.given if mix else 0),
            Cell(number(mix.asked_for if mix else 0), mix.asked_for if mix else 0),
            Cell(share(one), one),
            Cell(f"{most_percent} %", limit),
        )
        for label, monday, mix, one in zip(labels, weeks, mixes, shares, strict=True)
    )
    over = sum(mix.is_too_much for mix in mixes if mix)
    summary = ngettext(
        "%(n)s of %(of)s weeks was over the limit of %(most)s %%.",
        "%(n)s of %(of)s weeks were over the limit of %(most)s %%.",
        over,
    ) % {"n": over, "of": len(weeks), "most": most_percent}
    heads = (_("Week of"), _("Gives something"), _("About ourselves"), _("Share"), _("At most"))
    series = ((1, _("About ourselves")), (2, _("The limit of the policy")))
    return Picture(KEY, _("About ourselves, week by week"), summary, series, tuple(said), lines, heads, rows)


KEY = "promotion"


def _share_of(mix: Mix | None) -> float | None:
    both = mix.given + mix.asked_for if mix else 0
    return mix.asked_for / both if mix and both else None
