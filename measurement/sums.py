"""What is added up from rows whenever it is asked for: replies, what came of them, approvals and stories.

Of some days together, or of each of many steps at once: then each row says in which step it lies.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import (
    Aggregate,
    Case,
    Count,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    FloatField,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Sum,
)

from content.cadence import ChannelCadence, Kept, cadence_between
from content.calendar_days import DAY, WEEK
from content.models import LinkHour, Publication, PublicationResult, ReviewedVariant
from engagement.models import Approval, Reply, ReplyResult
from listening.models import Channel, Story
from measurement import metrics
from measurement.followed import BY_PEOPLE, CAMPAIGN, for_campaign, from_replies
from measurement.selecting import Selection
from measurement.steps import StepOf
from measurement.windows import Window
from roles.models import Department

Values = dict[str, float | None]
# Of more days the weeks of channels are not counted while one waits.
LONGEST_CADENCE = 366


class Percentile(Aggregate):
    """The time that a share of some times does not exceed, exactly."""

    function = "percentile_cont"
    template = "percentile_cont(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


def seconds_of(share: float, end: Any, start: str, *, counted: Q | None = None) -> Func:
    """The seconds from a start to an end that this share of some rows does not exceed."""
    lasted = ExpressionWrapper(end - F(start), output_field=DurationField())
    reached = Percentile(lasted, share=repr(share), filter=counted)
    return Func(reached, template="extract(epoch FROM %(expressions)s)", output_field=FloatField())


@dataclass(frozen=True)
class Sums:
    """Metrics that are read from the same rows at once; `moment` is the field by which a row lies on a day."""

    keys: frozenset[str]
    rows: Callable[[Selection], QuerySet[Any]]
    moment: str
    added: Mapping[str, Any]
    read: Callable[[Mapping[str, Any]], Values]
    # By what they can be told apart, and the field that tells it; a median cannot be added up over departments.
    splits: Mapping[str, str | Case] = field(default_factory=dict)
    # Whether they can be told of a selection at all.
    told: Callable[[Selection], bool] = lambda selection: selection.of_work

    def of(self, selection: Selection) -> Values:
        """Of all days of a selection together."""
        if not self.told(selection):
            return {}
        return self.read(self.rows(selection).aggregate(**self.added))

    def by_step(self, selection: Selection, windows: Sequence[Window]) -> list[Values]:
        """Of each of the windows that make up a selection's days, in one query."""
        if not self.told(selection):
            return [{} for _window in windows]
        lies_in = StepOf(self.moment, [window.start for window in windows])
        rows = self.rows(selection).annotate(lies_in=lies_in).values("lies_in").annotate(**self.added)
        found = {row["lies_in"]: row for row in rows}
        return [
            self.read(found[number]) if number in found else self.nothing() for number in range(1, len(windows) + 1)
        ]

    def split(self, selection: Selection, by: str) -> dict[Any, Values]:
        """Of each department (with those below it), network or campaign that has any."""
        if by not in self.splits or not self.told(selection):
            return {}
        part = self.splits[by]
        parts = self.rows(selection).annotate(part=F(part) if isinstance(part, str) else part)
        rows = parts.values("part").annotate(**self.added)
        found = {row.pop("part"): row for row in rows}
        if by == "department":
            found = with_those_below(found, _together, only=selection.departments)
        return {part: self.read(row) for part, row in found.items() if part is not None}

    def nothing(self) -> Values:
        """What is told where there is no row."""
        return self.read({name: 0 if isinstance(one, Count) else None for name, one in self.added.items()})


def with_those_below(found: Mapping[Any, Any], together: Callable[[list[Any]], Any], *, only: Sequence[int]) -> Any:
    """Each department with those below it, as goals and lists count it."""
    whole = {}
    for key, below in Department.objects.values_list("pk", "below"):
        rows = [found[one] for one in (key, *below) if one in found]
        if rows and (not only or key in only):
            whole[key] = together(rows)
    return whole


def _together(rows: list[Mapping[str, Any]]) -> dict[str, Any]:
    """Rows that were added up each, added up; None where none of them knows."""
    known = {name: [row[name] for row in rows if row[name] is not None] for name in rows[0]}
    return {name: sum(values) if values else None for name, values in known.items()}


def results_of(selection: Selection) -> QuerySet[ReplyResult]:
    """What came of the replies that were written on these days."""
    on_days, of_part = _on_days(selection, "reply__written_at"), selection.work("reply__assignment__")
    return ReplyResult.objects.filter(on_days, of_part).order_by()


def _on_days(selection: Selection, moment: str) -> Q:
    return Q(**{f"{moment}__gte": selection.window.start, f"{moment}__lt": selection.window.end})


def _replies(selection: Selection) -> QuerySet[Any]:
    return Reply.objects.filter(_on_days(selection, "written_at"), selection.work("assignment__")).order_by()


def _approvals(selection: Selection) -> QuerySet[Any]:
    return Approval.objects.filter(_on_days(selection, "asked_at"), selection.work("reply__assignment__")).order_by()


def _part(selection: Selection, channel: str, piece: str) -> Q:
    """The condition on what we say ourselves: network, department, campaign; the prefixes lead to channel and piece."""
    wanted = selection.on_side(f"{channel}network")
    if selection.campaign:
        wanted &= Q(**{f"{piece}campaign": selection.campaign})
    if selection.department is None:
        return wanted
    return wanted & Q(**{f"{piece}department__in": selection.departments})


def _part_published(selection: Selection, publication: str) -> Q:
    return _part(selection, f"{publication}channel__", f"{publication}variant__piece__")


def published(selection: Selection) -> QuerySet[Publication]:
    """What was published on these days."""
    rows = Publication.objects.filter(
        _on_days(selection, "accepted_at"), metrics.PUBLISHED, _part_published(selection, "")
    )
    return rows.order_by()


def results_of_published(selection: Selection) -> QuerySet[PublicationResult]:
    """What came of what was published on these days."""
    on_days = _on_days(selection, "publication__accepted_at")
    return PublicationResult.objects.filter(on_days, _part_published(selection, "publication__")).order_by()


def _followed(selection: Selection) -> QuerySet[Any]:
    part = _part_published(replace(selection, campaign=None), "link__publication__")
    if selection.campaign:
        part &= for_campaign(selection.campaign)
    return LinkHour.objects.filter(_on_days(selection, "hour"), part, BY_PEOPLE).order_by()


def _followed_from_replies(selection: Selection) -> QuerySet[Any]:
    part = from_replies(selection.work("reply__assignment__"))
    return LinkHour.objects.filter(_on_days(selection, "hour"), part, BY_PEOPLE).order_by()


def _first_reviewed(selection: Selection) -> QuerySet[Any]:
    """Variants about which a review was decided for the first time on these days."""
    rows = ReviewedVariant.objects.filter(_on_days(selection, "ended_at"), first_decided())
    return rows.filter(_part(selection, "variant__channel__", "variant__piece__")).order_by()


def first_decided() -> Q:
    """The condition on reviewed variants that this was the first decision about the variant."""
    earlier = ReviewedVariant.objects.filter(metrics.DECIDED, variant=OuterRef("variant"), pk__lt=OuterRef("pk"))
    return metrics.DECIDED & ~Q(Exists(earlier))


def _stories(selection: Selection) -> QuerySet[Any]:
    return Story.objects.filter(_on_days(selection, "first_at"), metrics.TOLD).order_by()


def _said(found: Mapping[str, Any]) -> Values:
    """Replies that were written on these days, by what became of them."""
    return {
        "replies": found["every"],
        "replies_sent": metrics.ratio(found["sent"], found["every"]),
        "replies_refused": metrics.ratio(found["trouble"], found["every"]),
        "replies_unknown": metrics.ratio(found["unknown"], found["every"]),
        "replies_automatic": metrics.ratio(found["programs"], found["every"]),
    }


def _approved(found: Mapping[str, Any]) -> Values:
    """Steps of approval that were asked for on these days, and how long they took."""
    return {
        "approvals": found["every"],
        "approvals_given": metrics.ratio(found["given"], found["decided"]),
        "approval_median": found["median"],
        "approval_p90": found["p90"],
    }


def _said_ourselves(found: Mapping[str, Any]) -> Values:
    """What was published on these days, and how much of it is about ourselves."""
    return {
        "publications": found["every"],
        "self_promotion": metrics.ratio(found["about_us"], found["every"]),
    }


def _told_apart(to_assignment: str) -> Mapping[str, str]:
    return {"department": f"{to_assignment}department", "network": f"{to_assignment}network"}


def _apart(channel: str, piece: str) -> Mapping[str, str]:
    """By what what we say ourselves is told apart."""
    return {"department": f"{piece}department", "network": f"{channel}network", "campaign": f"{piece}campaign"}


def _published_apart(publication: str) -> Mapping[str, str]:
    return _apart(f"{publication}channel__", f"{publication}variant__piece__")


def _of_published(selection: Selection) -> bool:
    return selection.of_published


def channel_cadence(selections: Sequence[Selection], at: datetime) -> list[Values]:
    """The share of the weeks with a promise that ended on some days and were kept; told of networks alone.

    The selections are of one part; what was promised and kept is read once for all of their days.
    """
    part, windows = selections[0], [one.window for one in selections]
    told = [window for window in windows if window.days <= LONGEST_CADENCE]
    if not part.of_published or part.campaign or part.department is not None or not told:
        return [{"channel_cadence": None} for _window in windows]
    whole = Window(min(one.first for one in told), max(one.last for one in told), part.window.zone)
    weeks = [week for _row, week in weeks_due(whole, part.on_side(), at=at)]

    def kept(window: Window) -> float | None:
        due = [week for week in weeks if _ends_in(week, window)]
        return metrics.ratio(sum(week.is_kept for week in due), len(due)) if window in told else None

    return [{"channel_cadence": kept(window)} for window in windows]


def weeks_due(window: Window, channels: Q, *, at: datetime) -> list[tuple[ChannelCadence, Kept]]:
    """The weeks with a promise that ended on some days and are over, each with its channel; those of each in order."""
    wanted = set(Channel.objects.filter(channels).values_list("pk", flat=True))
    found = cadence_between(window.first, window.last, window.zone, at=at)
    due = [(row, week) for row in found if row.channel.pk in wanted for week in row.weeks]
    return [(row, week) for row, week in due if week.promised and week.is_over and _ends_in(week, window)]


def _ends_in(week: Kept, window: Window) -> bool:
    return window.first <= week.monday + WEEK - DAY <= window.last


CAME = ("publication_answers", "publication_likes", "publication_reposts")
# What networks are asked for, ever again; where none tells it, there is no figure.
RESULTS = ("reply_answers", "reply_likes", "reply_reposts")
SUMS: tuple[Sums, ...] = (
    Sums(
        frozenset({"replies", "replies_sent", "replies_refused", "replies_unknown", "replies_automatic"}),
        _replies,
        "written_at",
        {
            "every": Count("pk"),
            "sent": Count("pk", filter=metrics.SENT),
            "trouble": Count("pk", filter=metrics.IN_TROUBLE),
            "unknown": Count("pk", filter=metrics.OUTCOME_UNKNOWN),
            "programs": Count("pk", filter=metrics.BY_PROGRAM),
        },
        _said,
        _told_apart("assignment__"),
    ),
    Sums(
        frozenset(RESULTS),
        results_of,
        "reply__written_at",
        {"reply_answers": Sum("answers"), "reply_likes": Sum("likes"), "reply_reposts": Sum("reposts")},
        lambda found: {name: found[name] for name in RESULTS},
        _told_apart("reply__assignment__"),
    ),
    Sums(
        frozenset({"publications", "self_promotion"}),
        published,
        "accepted_at",
        {"every": Count("pk"), "about_us": Count("pk", filter=metrics.ABOUT_OURSELVES)},
        _said_ourselves,
        {**_published_apart(""), "step": "variant__piece__step"},
        _of_published,
    ),
    Sums(
        frozenset(CAME),
        results_of_published,
        "publication__accepted_at",
        {name: Sum(name.removeprefix("publication_")) for name in CAME},
        lambda found: {name: found[name] for name in CAME},
        {**_published_apart("publication__"), "step": "publication__variant__piece__step"},
        _of_published,
    ),
    Sums(
        frozenset({"passed_at_first"}),
        _first_reviewed,
        "ended_at",
        {"every": Count("pk"), "passed": Count("pk", filter=metrics.APPROVED)},
        lambda found: {"passed_at_first": metrics.ratio(found["passed"], found["every"])},
        _apart("variant__channel__", "variant__piece__"),
        _of_published,
    ),
    Sums(
        frozenset({"review_median", "review_p90"}),
        _first_reviewed,
        "ended_at",
        {
            "median": seconds_of(0.5, F("ended_at"), "asked_at"),
            "p90": seconds_of(0.9, F("ended_at"), "asked_at"),
        },
        lambda found: {"review_median": found["median"], "review_p90": found["p90"]},
        {"network": "variant__channel__network", "campaign": "variant__piece__campaign"},
        _of_published,
    ),
    Sums(
        frozenset({"link_clicks"}),
        _followed,
        "hour",
        {"link_clicks": Sum("clicks")},
        lambda found: {"link_clicks": found["link_clicks"]},
        {**_published_apart("link__publication__"), "campaign": CAMPAIGN},
        _of_published,
    ),
    Sums(
        frozenset({"reply_clicks"}),
        _followed_from_replies,
        "hour",
        {"reply_clicks": Sum("clicks")},
        lambda found: {"reply_clicks": found["reply_clicks"]},
    ),
    Sums(
        frozenset({"approvals", "approvals_given", "approval_median", "approval_p90"}),
        _approvals,
        "asked_at",
        {
            "every": Count("pk"),
            "decided": Count("pk", filter=metrics.DECIDED),
            "given": Count("pk", filter=metrics.APPROVED),
            "median": seconds_of(0.5, F("ended_at"), "asked_at", counted=metrics.DECIDED),
            "p90": seconds_of(0.9, F("ended_at"), "asked_at", counted=metrics.DECIDED),
        },
        _approved,
        {"network": "reply__assignment__network"},
    ),
    Sums(
        frozenset({"stories"}),
        _stories,
        "first_at",
        {"stories": Count("pk")},
        lambda found: {"stories": found["stories"]},
        {},
        # Stories know no network; what is practised is told apart from the outside, so there they are not.
        lambda selection: selection.of_all_mentions and not selection.network and selection.side == "outside",
    ),
)
