"""What reports are made of: each kind of block says the figures of measurement in its own way, and computes none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils import formats
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from listening.models import Story
from measurement import exploring, investing, pictures, usual
from measurement.aims import Aim
from measurement.block import Block
from measurement.figures import Figures
from measurement.headlines import Headline, headlines
from measurement.kpis import standings
from measurement.measuring import Measured, looked_at, measure
from measurement.metric import GROUPS, About, Metric
from measurement.metrics import METRICS
from measurement.only import Named
from measurement.opening import rows_url
from measurement.periods import said_before
from measurement.pictures import Cell
from measurement.reading import told_by_hour
from measurement.saying import IN_SHORT, looked, money, raw, said, short
from measurement.saying import NOTHING as DASH
from measurement.selecting import Selection
from measurement.telling import published_sentences, sentences
from measurement.usual import Past
from roles.wording import listed

MOST_STORIES = 10


@dataclass
class Asked:
    """What a report is asked for: the figures of its days, read once for all of its blocks.

    Nobody is the viewer: a report shows everybody the same, namely what anybody may see who may read figures.
    """

    figures: Figures
    at: datetime
    # Of which part of everything it tells, in words.
    part: Named
    metric: str = ""
    text: str = ""
    found: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def selection(self) -> Selection:
        """Its days, side and part as a selection."""
        return self.figures.selection

    @cached_property
    def before(self) -> Selection:
        """What it is laid beside."""
        return self.selection.on(self.figures.window.before())

    @property
    def measured(self) -> dict[str, Measured]:
        """Every metric, beside the period before."""
        if "measured" not in self.found:
            self.found["measured"] = measure(self.selection, at=self.at)
        measured: dict[str, Measured] = self.found["measured"]
        return measured

    @property
    def shown(self) -> tuple[list[Headline], Past]:
        """The figures in large type, and of how much of the past they know."""
        if "shown" not in self.found:
            self.found["shown"] = headlines(self.figures, self.at, None)
        shown: tuple[list[Headline], Past] = self.found["shown"]
        return shown

    @property
    def currency(self) -> str:
        """In what amounts are stated."""
        if "currency" not in self.found:
            self.found["currency"] = investing.currency()
        return str(self.found["currency"])


Tell = Callable[[str, Asked], Block]
# Of which sentences say whether they are as usual: enough is as good as a feast.
IN_SENTENCES = ("captured", "net_sentiment", "first_response_median", "publications")
NOTHING = gettext_lazy("Nothing was counted on these days.")
TITLES: Mapping[str, str | Promise] = {
    "sentences": gettext_lazy("In a sentence"),
    "figures": gettext_lazy("At a glance"),
    "kpis": gettext_lazy("KPIs"),
    "return": gettext_lazy("Return"),
    "stories": gettext_lazy("Stories"),
    "text": "",
}
UNTOLD = gettext_lazy(
    "This cannot be shown for that part: what is heard belongs to no department, what is answered to no query "
    "and no topic, and a campaign has only what was published for it."
)


def title_of(kind: str, metric: str = "") -> str:
    """What a block is called: what it shows, whether or not it can be told."""
    if metric:
        return exploring.title_of(metric, kind)
    return str({**GROUPS, **pictures.TITLES, **TITLES}[kind])


def _sentences(kind: str, asked: Asked) -> Block:
    told = sentences(asked.figures)
    if asked.selection.campaign:
        told = published_sentences(asked.measured, asked.figures.window)
    part = [asked.part.sentence] if asked.part.sentence else []
    shown, past = asked.shown
    now = {one.key: one.one.now for one in shown if one.key in IN_SENTENCES}
    beside_the_year = usual.sentences(past, now, asked.currency)
    told = told or ([] if beside_the_year else [_("There is too little to compare.")])
    return Block(kind, title_of(kind), lines=[*part, *told, *beside_the_year])


def _figures(kind: str, asked: Asked) -> Block:
    shown, past = asked.shown
    table = _table([one.one for one in shown], {one.key: one.url for one in shown}, asked)
    if past.found:
        table["heads"] = (*table["heads"], _("Usual of the last year"))
        table["rows"] = [
            (*row, Cell(one.usual_said or DASH, raw(one.usual.median) if one.usual else ""))
            for row, one in zip(table["rows"], shown, strict=True)
        ]
    return Block(kind, title_of(kind), headlines=shown, **{**table, "lines": (past.said, *table["lines"])})


def _group(kind: str, asked: Asked) -> Block:
    rows = [one for one in asked.measured.values() if one.metric.group == kind]
    told = [one for one in rows if one.now is not None or one.before is not None]
    links = {one.key: rows_url(one.key, asked.selection) for one in told}
    return Block(kind, title_of(kind), **_table(told, links, asked))


def _table(rows: Sequence[Measured], links: Mapping[str, str], asked: Asked) -> dict[str, Any]:
    currency, cells = asked.currency, []
    for one in rows:
        kind, name = one.metric.kind, str(one.metric.label)
        now = Cell(said(kind, one.now, currency=currency), raw(one.now), links.get(one.key, ""))
        cells.append((Cell(name, name), now, Cell(said(kind, one.before, currency=currency), raw(one.before))))
    return {
        "heads": (_("Figure"), _("Now"), _before(asked)),
        "rows": cells,
        "units": [_unit(one.metric, currency) for one in rows],
        "lines": _looked([one.as_of for one in rows], asked) if cells else (str(NOTHING),),
    }


def _looked(moments: Sequence[datetime | None], asked: Asked) -> Sequence[str]:
    """How old what networks told is, where any of it is there."""
    known = [moment for moment in moments if moment is not None]
    return (looked(min(known), at=asked.at),) if known else ()


def _before(asked: Asked) -> str:
    words = said_before(asked.figures.window)
    return words[:1].upper() + words[1:]


def _unit(metric: Metric, currency: str) -> str:
    """In what a number of a metric stands in a file."""
    match metric.kind:
        case "seconds":
            return _("seconds")
        case "share" | "balance":
            return _("of 1")
        case "money":
            return currency
    return str(metric.unit)


def _picture(kind: str, asked: Asked) -> Block:
    picture = pictures.PICTURES[kind](asked.figures)
    if picture.is_empty:
        return Block(kind, picture.title, lines=(picture.summary,))
    return Block(kind, picture.title, picture=picture, heads=picture.heads, rows=picture.rows)


def _parts(kind: str, asked: Asked) -> Block:
    metric = METRICS[asked.metric]
    found = exploring.parts(asked.metric, kind, asked.selection, asked.before, at=asked.at)
    rows = [
        (Cell(part.label, part.label), Cell(part.said, raw(part.now), part.url if part.now else ""),
         Cell(part.said_before, raw(part.before), part.before_url if part.before else ""))
        for part in found
    ]  # fmt: skip
    heads = (str(exploring.BY[kind]), str(metric.label), _before(asked))
    units = [_unit(metric, asked.currency)] * len(rows)
    oldest = looked_at(asked.selection, [asked.metric]).get(asked.metric)
    return Block(
        kind, title_of(kind, asked.metric),
        heads=heads, rows=rows, units=units, bars=[part.percent for part in found],
        lines=_looked([oldest], asked) if rows else (str(NOTHING),),
    )  # fmt: skip


def _hours(kind: str, asked: Asked) -> Block:
    week, measured = told_by_hour(asked.selection, asked.metric), METRICS[asked.metric].kind
    tones = [tone for day in exploring.tones(week) for tone in day]
    cells = [(short(measured, value), tone) for value, tone in zip(week, tones, strict=True)]
    days = [(str(name), cells[24 * day : 24 * day + 24]) for day, name in enumerate(WEEKDAYS_ABBR.values())]
    title = title_of(kind, asked.metric)
    if not any(week):
        return Block(kind, title, lines=(str(NOTHING),))
    most = max(range(len(week)), key=lambda number: -2 if (value := week[number]) is None else value)
    words = _("The highest, %(figure)s: on %(day)s between %(from)s and %(to)s o'clock.") % {
        "figure": said(measured, week[most]), "day": WEEKDAYS[most // 24], "from": most % 24, "to": most % 24 + 1,
    }  # fmt: skip
    rows = []
    for day, name in WEEKDAYS.items():
        told = [Cell(text, raw(value)) for (text, _tone), value in zip(cells, week, strict=True)]
        rows.append((Cell(str(name), str(name)), *told[24 * day : 24 * day + 24]))
    meant = [str(IN_SHORT[measured])] if measured in IN_SHORT else []
    lines = (words, *meant)
    return Block(kind, title, lines=lines, week=days, heads=(_("Day"), *map(str, range(24))), rows=rows)


def _spread(kind: str, asked: Asked) -> Block:
    steps = exploring.spread(asked.metric, asked.selection, at=asked.at)
    title = title_of(kind, asked.metric)
    if not any(count for _label, count in steps):
        return Block(kind, title, lines=(str(NOTHING),))
    picture = pictures.spread_picture(f"spread-{asked.metric}", title, steps, rows_url(asked.metric, asked.selection))
    return Block(kind, title, picture=picture, heads=picture.heads, rows=picture.rows)


def _kpis(kind: str, asked: Asked) -> Block:
    rows, units = [], []
    for group, ones in standings(asked.selection, at=asked.at, viewer=None):
        for one in ones:
            state = "" if one.is_reached is None else _("reached") if one.is_reached else _("not reached")
            name = listed([one.kpi, one.kpi.department]) if one.kpi.department else str(one.kpi)
            nothing = Aim(one.kpi.metric).said(None)
            now, then = (DASH if words == nothing else words for words in (one.said, one.before))
            words = (one.needed, state)
            usually = Cell(one.usual_said or DASH, raw(one.usual.median) if one.usual else "")
            units.append(_unit(METRICS[one.kpi.metric], asked.currency))
            rows.append((Cell(name, name), Cell(str(group.label), str(group.label)),
                         Cell(now, raw(one.figure), one.url), Cell(then, then), usually,
                         *(Cell(word, word) for word in words)))  # fmt: skip
    heads = (_("KPI"), _("Kind"), _("Now"), _before(asked), _("Usual of the last year"), _("Target"), _("State"))
    none = _("Nobody has set a KPI.")
    return Block(kind, title_of(kind), heads=heads, rows=rows, units=units, lines=() if rows else (none,))


def _return(kind: str, asked: Asked) -> Block:
    now, before = (investing.return_of(one, at=asked.at) for one in (asked.selection, asked.before))
    currency = now.currency
    pairs = [
        (_("Return"), "balance", now.value, before.value),
        (_("Payback"), "money", now.payback, before.payback),
        (_("Investment"), "money", now.put_in.amount, before.put_in.amount),
        (_("Hours"), "hours", now.put_in.hours, before.put_in.hours),
    ]
    units = [_("of 1"), currency, currency, _("hours")]
    rows = [
        (Cell(name, name), Cell(said(what, one, currency=currency), raw(one)),  # type: ignore[arg-type]
         Cell(said(what, then, currency=currency), raw(then)))  # type: ignore[arg-type]
        for name, what, one, then in pairs
    ]  # fmt: skip
    lines = [
        _("%(what)s, which makes %(amount)s. %(source)s") % {
            "what": capfirst(str(line.assumption)), "amount": money(line.amount, currency),
            "source": line.assumption.source,
        }
        for line in (*now.put_in.lines, *now.lines)
    ]  # fmt: skip
    if now.put_in.hours is None:
        lines.append(_("The hours are not shown: they would reveal what a few people did."))
    heads = (_("Figure"), _("Now"), _before(asked))
    return Block(kind, title_of(kind), heads=heads, rows=rows, units=units, lines=lines)


def _stories(kind: str, asked: Asked) -> Block:
    window = asked.figures.window
    begun = Story.objects.filter(first_at__gte=window.start, first_at__lt=window.end, size__gte=2, merged_into=None)
    found = [] if asked.figures.side == "practice" else list(begun.order_by("-size", "-pk")[:MOST_STORIES])
    days = [row.first_at.astimezone(window.zone).date() for row in found]
    rows = [
        (Cell(str(row), str(row), reverse("listening:story", args=[row.pk])), Cell(str(row.size), row.size),
         Cell(formats.date_format(day), day.isoformat()))
        for row, day in zip(found, days, strict=True)
    ]  # fmt: skip
    none = _("No story began on these days.")
    return Block(kind, title_of(kind), heads=(_("Story"), _("Mentions"), _("Since")), rows=rows,
                 lines=() if rows else (none,))  # fmt: skip


def _text(kind: str, asked: Asked) -> Block:
    return Block(kind, "", text=asked.text)


@dataclass(frozen=True)
class Kind:
    """A kind of block: what it is called, who tells it, and of which metrics one must be chosen."""

    label: str | Promise
    tell: Tell
    by: str = ""
    # What it is about, where a part may be chosen that does not tell it: a metric says that of itself.
    about: About | None = None
    # By what alone it may be narrowed; None: by whatever tells it.
    narrows: frozenset[str] | None = None
    # Whether it tells words of other people: these do not go where anybody may read.
    is_of_others: bool = False

    def told(self, kind: str, asked: Asked) -> Block:
        """Tell it, or say that it cannot be told of the part that is chosen."""
        selection, about = asked.selection, METRICS[asked.metric].about if asked.metric else self.about
        knows = about is None or selection.tells(about, by=self.by)
        if knows and (self.narrows is None or selection.named.keys() <= self.narrows):
            return self.tell(kind, asked)
        return Block(kind, title_of(kind, asked.metric), lines=[str(UNTOLD)])

    @property
    def metrics(self) -> list[str]:
        """The metrics of which one must be chosen, the usual one first; empty: none."""
        return exploring.choices(self.by) if self.by else []


# What is set and stated for a department, and for nothing else.
OF_TEAMS = frozenset({"department"})
BLOCKS: Mapping[str, Kind] = {
    "sentences": Kind(gettext_lazy("What changed, in sentences"), _sentences),
    "figures": Kind(gettext_lazy("At a glance"), _figures),
    "mentions": Kind(gettext_lazy("Picture: mentions over time, with what happened"), _picture, about="heard"),
    "answers": Kind(gettext_lazy("Picture: assignments and answers"), _picture, about="worked"),
    "first-response": Kind(gettext_lazy("Picture: first response over time"), _picture, about="worked"),
    **{group: Kind(label, _group) for group, label in GROUPS.items()},
    "department": Kind(gettext_lazy("A metric by department"), _parts, by="department"),
    "network": Kind(gettext_lazy("A metric by network"), _parts, by="network"),
    "query": Kind(gettext_lazy("A metric by tracking query"), _parts, by="query"),
    "topic": Kind(gettext_lazy("A metric by topic"), _parts, by="topic"),
    "campaign": Kind(gettext_lazy("A metric by campaign"), _parts, by="campaign"),
    "step": Kind(gettext_lazy("A metric by step of the value ladder"), _parts, by="step"),
    "hour": Kind(gettext_lazy("A metric by hour of the week"), _hours, by="hour"),
    "spread": Kind(gettext_lazy("How waits are spread"), _spread, by="spread"),
    "kpis": Kind(gettext_lazy("KPIs"), _kpis, narrows=OF_TEAMS),
    "return": Kind(gettext_lazy("Return, and what it rests on"), _return, narrows=OF_TEAMS),
    "stories": Kind(gettext_lazy("Stories, the largest first"), _stories, narrows=frozenset(), is_of_others=True),
    "text": Kind(gettext_lazy("Text of your own"), _text),
}
