"""What is added up from rows whenever it is asked for: replies, what came of them, approvals and stories.

Of some days together, or of each of many steps at once: then each row says in which step it lies.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Aggregate,
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    FloatField,
    Func,
    Q,
    QuerySet,
    Sum,
)

from content.models import LinkHour, Publication, PublicationResult
from engagement.models import Approval, Reply, ReplyResult
from listening.models import Story
from measurement import metrics
from measurement.selecting import Selection
from measurement.steps import StepOf
from measurement.windows import Window

Values = dict[str, float | None]


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
        nothing = {name: 0 if isinstance(one, Count) else None for name, one in self.added.items()}
        return [self.read(found.get(number, nothing)) for number in range(1, len(windows) + 1)]


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


def _part(selection: Selection, publication: str) -> Q:
    """The condition on what was published, for a network and a department; the prefix leads to the publication."""
    wanted = selection.on_side(f"{publication}channel__network")
    if selection.department is None:
        return wanted
    return wanted & Q(**{f"{publication}variant__piece__department__in": selection.departments})


def published(selection: Selection) -> QuerySet[Publication]:
    """What was published on these days."""
    rows = Publication.objects.filter(_on_days(selection, "accepted_at"), metrics.PUBLISHED, _part(selection, ""))
    return rows.order_by()


def _told_of_published(selection: Selection) -> QuerySet[Any]:
    on_days = _on_days(selection, "publication__accepted_at")
    return PublicationResult.objects.filter(on_days, _part(selection, "publication__")).order_by()


def _followed(selection: Selection) -> QuerySet[Any]:
    part = _part(selection, "link__publication__")
    return LinkHour.objects.filter(_on_days(selection, "hour"), part, is_bot=False).order_by()


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
    ),
    Sums(
        frozenset(RESULTS),
        results_of,
        "reply__written_at",
        {"reply_answers": Sum("answers"), "reply_likes": Sum("likes"), "reply_reposts": Sum("reposts")},
        lambda found: {name: found[name] for name in RESULTS},
    ),
    Sums(
        frozenset({"publications", "self_promotion"}),
        published,
        "accepted_at",
        {"every": Count("pk"), "about_us": Count("pk", filter=metrics.ABOUT_OURSELVES)},
        _said_ourselves,
    ),
    Sums(
        frozenset(CAME),
        _told_of_published,
        "publication__accepted_at",
        {name: Sum(name.removeprefix("publication_")) for name in CAME},
        lambda found: {name: found[name] for name in CAME},
    ),
    Sums(
        frozenset({"link_clicks"}),
        _followed,
        "hour",
        {"link_clicks": Sum("clicks")},
        lambda found: {"link_clicks": found["link_clicks"]},
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
    ),
    Sums(
        frozenset({"stories"}),
        _stories,
        "first_at",
        {"stories": Count("pk")},
        lambda found: {"stories": found["stories"]},
        # Stories know no network; what is practised is told apart from the outside, so there they are not.
        lambda selection: selection.of_all_mentions and not selection.network and selection.side == "outside",
    ),
)
