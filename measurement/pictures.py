"""The pictures of the executive page: the figures they draw, their words, their tables and their way to the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import urlencode

from django.urls import get_script_prefix
from django.utils import formats
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from listening.networks import label_of
from measurement import charts
from measurement.counts import Counts
from measurement.figures import Figures
from measurement.opening import path_of
from measurement.saying import duration, number, number_in, share
from measurement.selecting import Selection
from measurement.timeline import Mark
from measurement.windows import Window
from roles import wording
from roles.wording import in_order, labelled

TITLES = {
    "mentions": gettext_lazy("Mentions over time"),
    "answers": gettext_lazy("Assignments and answers"),
    "first-response": gettext_lazy("First response"),
}
WIDE, NARROW = (1000, 270), (340, 210)
# The geometry at a width and a height.
Draw = Callable[[int, int], charts.Chart]
TIME_STEPS = (15, 30, 60, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 432000, 864000)


@dataclass(frozen=True)
class Cell:
    """One value of a table, and the address of the rows that it counts, if it counts rows."""

    text: str
    raw: Any = ""
    url: str = ""


@dataclass(frozen=True)
class Note:
    """Something that happened, at its place on both drawings; several of one step share a place and a number."""

    number: int
    kind: str
    label: str
    title: str
    days: str
    url: str
    step: int


@dataclass(frozen=True)
class Picture:
    """A picture with its table: drawn wide and narrow, the same numbers, as far as it is shown."""

    key: str
    title: str
    summary: str
    series: tuple[tuple[int, str], ...]
    steps: tuple[tuple[str, str], ...]
    draw: Draw
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[Note, ...] = ()

    @cached_property
    def wide(self) -> charts.Chart:
        """As it is drawn where there is room."""
        return self.draw(*WIDE)

    @cached_property
    def narrow(self) -> charts.Chart:
        """As it is drawn on a phone, and where several stand beside each other."""
        return self.draw(*NARROW)

    @property
    def is_empty(self) -> bool:
        """Whether nothing would stand between its axes; then its summary says so, and nothing is drawn."""
        chart = self.narrow
        drawn = any(column.segments for column in chart.columns) or any(line.points for line in chart.lines)
        return not drawn and not self.notes


def mentions_url(window: Window, part: Selection, **filters: object) -> str:
    """The address of the list of exactly these mentions: of these days and of the part that a selection names."""
    return _list_of("measurement:mentions", part)(window, **filters)


def mentions_picture(figures: Figures) -> Picture:
    """Mentions over time, stacked by network."""
    networks, steps = figures.networks, figures.steps
    words, url = _Words.now(), _list_of("measurement:mentions", figures.selection)
    labels = [label_of(name) for name in networks]
    values = [[step.by_network[name] for step in steps] for name in networks]
    heads = (_("From"), _("To"), *labels, _("All"))
    rows = []
    for step in steps:
        counts = [words.count(step.by_network[name], url(step.window, network=name)) for name in networks]
        rows.append((*words.days(step), *counts, words.count(step.captured, url(step.window))))
    summary = ngettext("%(n)s mention", "%(n)s mentions", figures.now.captured) % {"n": number(figures.now.captured)}
    draw = columns_of(values, words.short_days(steps))
    named = list(zip(networks, labels, strict=True))
    said = [
        words.said(step, [labelled(label, words.number(step.by_network[name])) for name, label in named])
        for step in steps
    ]
    links = [url(step.window) for step in steps]
    return Picture(
        "mentions", str(TITLES["mentions"]), summary, _series(labels), _pairs(links, said), draw, heads,
        tuple(rows), notes_on(figures.marks, [step.window for step in steps]),
    )  # fmt: skip


def notes_on(marks: Iterable[tuple[Mark, str]], windows: Sequence[Window]) -> tuple[Note, ...]:
    """What happened, each with its page, numbered by the steps on which something did."""
    words, numbers = _Words.now(), dict[int, int]()
    found = []
    for mark, url in marks:
        # What began before the first day stands at its edge.
        step = next((index for index, window in enumerate(windows) if mark.first <= window.last), None)
        if step is None:
            continue
        number = numbers.setdefault(step, len(numbers) + 1)
        days = words.day(mark.first)
        if mark.last not in {None, mark.first}:
            days = f"{days} – {words.day(mark.last)}"
        found.append(Note(number, mark.kind, mark.label, mark.title, days, url, step))
    return tuple(found)


def answers_picture(figures: Figures) -> Picture:
    """Assignments made over time: answered, and not answered."""
    steps, words, url = figures.steps, _Words.now(), _list_of("measurement:assignments", figures.selection)
    labels = [_("Answered"), _("Not answered")]
    values = [[step.answered for step in steps], [step.assigned - step.answered for step in steps]]
    rows = [
        (
            *words.days(step),
            words.count(step.assigned, url(step.window)),
            words.count(step.answered, url(step.window, answered="yes")),
            words.count(step.assigned - step.answered, url(step.window, answered="no")),
            Cell(share(step.share_answered), _ratio(step.share_answered)),
        )
        for step in steps
    ]
    heads = (_("From"), _("To"), _("Assignments"), *labels, _("Share answered"))
    summary = _("%(answered)s of %(assigned)s assignments answered") % {
        "answered": number(figures.now.answered),
        "assigned": number(figures.now.assigned),
    }
    answered = _("Answered: %(n)s of %(all)s")
    said = [
        words.said(step, [answered % {"n": words.number(step.answered), "all": words.number(step.assigned)}])
        for step in steps
    ]
    links = [url(step.window) for step in steps]
    return Picture(
        "answers", str(TITLES["answers"]), summary, _series(labels, (1, 8)), _pairs(links, said),
        columns_of(values, words.short_days(steps)), heads, tuple(rows),
    )  # fmt: skip


def first_response_picture(figures: Figures) -> Picture:
    """Median and 90th percentile of the first response over time."""
    steps, words, url = figures.steps, _Words.now(), _list_of("measurement:assignments", figures.selection)
    labels = [_("Median"), _("90th percentile")]
    values = [[step.median for step in steps], [step.p90 for step in steps]]
    rows = [
        (
            *words.days(step),
            words.count(step.answered, url(step.window, answered="yes")),
            Cell(duration(step.median), _seconds(step.median)),
            Cell(duration(step.p90), _seconds(step.p90)),
            Cell(duration(step.business_median), _seconds(step.business_median)),
        )
        for step in steps
    ]
    heads = (_("From"), _("To"), _("Answered"), *labels, _("Median in business hours"))
    summary = _("Nothing was answered in this time.")
    if figures.now.median is not None:
        told = _("Median %(median)s (%(business)s in business hours), 90th percentile %(p90)s")
        if figures.now.business_median is None:
            told = _("Median %(median)s, 90th percentile %(p90)s")
        elif figures.now.business_median < 1:
            told = _("Median %(median)s (at least half of the answers outside business hours), 90th percentile %(p90)s")
        summary = told % {
            "median": duration(figures.now.median),
            "business": duration(figures.now.business_median),
            "p90": duration(figures.now.p90),
        }
    said = [
        words.said(step, [labelled(labels[0], duration(step.median)), labelled(labels[1], duration(step.p90))])
        for step in steps
    ]
    links = [url(step.window, answered="yes") for step in steps]
    draw = lines_of(values, words.short_days(steps), say=_axis_span, steps=TIME_STEPS)
    return Picture(
        "first-response", str(TITLES["first-response"]), summary, _series(labels, (3, 2)), _pairs(links, said), draw,
        heads, tuple(rows),
    )  # fmt: skip


def spread_picture(key: str, title: str, steps: Sequence[tuple[str, int]], url: str) -> Picture:
    """How many waits fell into each step, from minutes to weeks."""
    labels, values = [label for label, _count in steps], [[float(count) for _label, count in steps]]
    rows = tuple((Cell(label, label), Cell(number(count), count)) for label, count in steps)
    said = [f"{label}\n{number(count)}" for label, count in steps]
    summary = _("%(n)s times") % {"n": number(sum(values[0]))}
    return Picture(
        key, title, summary, ((3, _("Number")),), _pairs([url] * len(said), said), columns_of(values, labels),
        (_("Up to"), _("Number")), rows,
    )  # fmt: skip


@dataclass(frozen=True)
class Bar:
    """One line of a ranking: its share of the longest, beside the window before."""

    label: str
    now: Cell
    before: Cell
    percent: float
    series: int


@dataclass(frozen=True)
class Ranking:
    """Bars under each other, the longest first; they are picture and table in one."""

    key: str
    title: str
    name: str
    bars: tuple[Bar, ...]


def networks_ranking(figures: Figures) -> Ranking:
    """Mentions by network."""
    names = figures.networks
    lines = [(label_of(name), figures.now.by_network[name], figures.before.by_network[name], {"network": name},
              index % 8 + 1) for index, name in enumerate(names)]  # fmt: skip
    return _ranking("networks", _("By network"), _("Network"), lines, figures)


def queries_ranking(figures: Figures) -> Ranking:
    """Mentions by tracking query, once for each that matched."""
    lines = [
        (name, figures.now.by_query[pk], figures.before.by_query[pk], {"query": pk}, 1)
        for pk, name in figures.query_names.items()
        if figures.now.by_query[pk] or figures.before.by_query[pk]
    ]
    return _ranking("queries", _("By tracking query"), _("Query"), lines, figures)


PICTURES = {"mentions": mentions_picture, "answers": answers_picture, "first-response": first_response_picture}
RANKINGS = {"networks": networks_ranking, "queries": queries_ranking}


def table(key: str, figures: Figures) -> list[list[Any]]:
    """Return the table behind a picture as plain rows with a head, for CSV; KeyError where there is no such picture."""
    if key in RANKINGS:
        ranking = RANKINGS[key](figures)
        head = [ranking.name, _("Mentions"), _("Mentions in the window before")]
        return [head, *([bar.label, bar.now.raw, bar.before.raw] for bar in ranking.bars)]
    picture = PICTURES[key](figures)
    heads = list(picture.heads)
    if key == "first-response":
        heads[3:] = [f"{head} ({_('seconds')})" for head in heads[3:]]
    return [heads, *([cell.raw for cell in row] for row in picture.rows)]


def _ranking(key: str, title: str, name: str, lines: Sequence[Any], figures: Figures) -> Ranking:
    words, url = _Words.now(), _list_of("measurement:mentions", figures.selection)
    longest = max((now for _label, now, *_rest in lines), default=0)
    bars = [
        Bar(
            label,
            words.count(now, url(figures.window, **filters)),
            words.count(before, url(figures.window.before(), **filters)),
            round(100 * now / longest, 1) if longest else 0,
            series,
        )
        for label, now, before, filters, series in lines
    ]
    return Ranking(key, title, name, tuple(sorted(bars, key=lambda bar: (-bar.now.raw, bar.label))))


def columns_of(values: Sequence[Sequence[float]], labels: Sequence[str]) -> Draw:
    """Columns, drawn when it is known how wide."""
    return lambda width, height: charts.columns(values, labels, width=width, height=height, say=number)


def lines_of(
    values: Sequence[Sequence[float | None]], labels: Sequence[str], *, say: Callable[[float], str],
    steps: Sequence[float],
) -> Draw:  # fmt: skip
    """Lines, drawn when it is known how wide."""
    return lambda width, height: charts.lines(values, labels, width=width, height=height, say=say, steps=steps)


def _list_of(name: str, part: Selection) -> Callable[..., str]:
    """How a list of one part is addressed by days and filters.

    A page has some four hundred such links: what is the same in all of them is looked up once, days need no quoting.
    """
    path = path_of(name, get_script_prefix())

    def address(window: Window, **filters: object) -> str:
        also = (*part.named.items(), *filters.items())
        return f"{path}?from={window.first}&to={window.last}&of={part.side}{_asked(also) if also else ''}"

    return address


@lru_cache(maxsize=256)
def _asked(filters: tuple[tuple[str, object], ...]) -> str:
    """Filters as they stand in an address behind others."""
    return f"&{urlencode(filters)}"


@dataclass(frozen=True)
class _Words:
    """How numbers and days are written in the language of now, which is asked once and not for a thousand cells."""

    language: str | None

    @classmethod
    def now(cls) -> _Words:
        return cls(get_language())

    def number(self, value: float) -> str:
        return number_in(self.language, value)

    def count(self, value: int, url: str) -> Cell:
        return Cell(self.number(value), value, url if value else "")

    def day(self, day: date, form: str = "DATE_FORMAT") -> str:
        return _day_in(day, form, self.language)

    def days(self, step: Counts) -> tuple[Cell, Cell]:
        first, last = step.window.first, step.window.last
        return Cell(self.day(first), first.isoformat()), Cell(self.day(last), last.isoformat())

    def short_days(self, steps: Sequence[Counts]) -> list[str]:
        return [self.day(step.window.first, "j M") for step in steps]

    def said(self, step: Counts, parts: Sequence[str]) -> str:
        first, last = step.window.first, step.window.last
        days = self.day(first, "D j M")
        if last != first:
            days = f"{days} – {self.day(last, 'D j M')}"
        return f"{days}\n" + "\n".join(parts)


@lru_cache(maxsize=4096)
def _day_in(day: date, form: str, language: str | None) -> str:
    """A day in words, made once for each language."""
    return formats.date_format(day, in_order(form))


def _series(labels: Sequence[str], colours: Sequence[int] = ()) -> tuple[tuple[int, str], ...]:
    return tuple((colours[i] if colours else i % 8 + 1, label) for i, label in enumerate(labels))


def _pairs(links: Sequence[str], said: Sequence[str]) -> tuple[tuple[str, str], ...]:
    return tuple(zip(links, said, strict=True))


def _axis_span(seconds: float) -> str:
    return "0" if not seconds else wording.span(seconds)


def _ratio(value: float | None) -> Any:
    return "" if value is None else round(value, 4)


def _seconds(value: float | None) -> Any:
    return "" if value is None else round(value)
