"""Reads of publications that have a name."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BigIntegerField,
    Count,
    DateField,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    OuterRef,
    Q,
    Subquery,
    Value,
    Window,
)
from django.db.models.functions import Cast, Coalesce, RowNumber, TruncDate, TruncWeek

from roles.models import Member
from roles.tenancy import OwnedQuerySet


def _each_of(keys: list[int]) -> Func:
    """Keys as one value of a statement, however many there are."""
    return Func(
        Value(keys, ArrayField(BigIntegerField())), function="unnest", template="SELECT %(function)s(%(expressions)s)"
    )


class PublicationQuerySet(OwnedQuerySet):  # type: ignore[type-arg]
    """Publications of the active organization."""

    def standing_at(self, network: str, ids: set[str], pages: set[str]) -> tuple[set[str], set[str]]:
        """Which of some ids of a network, and which of some keys of pages, are where one of them stands."""
        by_page = Q(page__in=pages) & ~Q(page="")
        by_id = Q(remote_id__in=ids, channel__network=network) & ~Q(remote_id="")
        places = self.filter(by_page).values_list(Value(""), "page")
        found = list(self.filter(by_id).values_list("remote_id", Value("")).union(places, all=True))
        return {remote_id for remote_id, _page in found} - {""}, {page for _remote_id, page in found} - {""}

    def under_way(self) -> Self:
        """Those that may still go out, or may have gone out without our knowing."""
        from content.models.publications import UNDER_WAY

        return self.filter(state__in=UNDER_WAY)

    def before_a_person(self) -> Self:
        """Those about which a person must say how they go on."""
        return self.filter(put_before_person_at__isnull=False)

    def not_begun(self) -> Self:
        """Those whose turn has not come yet, or that were put off."""
        return self.filter(state__in=("waiting", "held", "ready"))

    def too_late(self, at: datetime) -> Self:
        """Those that are late by more than their grace."""
        grace = ExpressionWrapper(F("grace_minutes") * timedelta(minutes=1), output_field=DurationField())
        until = ExpressionWrapper(F("due_at") + grace, output_field=DateTimeField())
        return self.alias(until=until).filter(due_at__lt=at, until__lt=at)

    def within_reach_of(self, member: Member) -> Self:
        """Those of the departments in which a member holds a position, those of no department, and their own."""
        departments = member.reach
        if None in departments:
            return self
        inside = Q(variant__piece__department__in=departments) | Q(variant__piece__department=None)
        return self.filter(inside | Q(planned_by=member) | Q(owner=member))

    def between(self, begins: datetime, ends: datetime) -> Self:
        """Those due from one moment until before another."""
        return self.filter(due_at__gte=begins, due_at__lt=ends)

    def on_calendar(self) -> Self:
        """Leave out what was taken off the plan."""
        return self.exclude(state="cancelled")

    def did_not_go_out(self) -> Self:
        """Those that surely came to nothing, and that nobody gave up."""
        return self.filter(state__in=("missed", "refused"))

    def taking_place(self) -> Self:
        """Those that went out or still may: what its channel says, as far as one knows."""
        return self.exclude(state__in=["cancelled", "refused", "missed"])

    def among(self, keys: list[int]) -> Self:
        """Those with one of some keys, however many there are: they are one value of the statement."""
        return self.filter(pk__in=_each_of(keys))

    def on_channels(self, channels: list[int]) -> Self:
        """Those of some channels, which are one value of the statement."""
        return self.filter(channel__in=_each_of(channels))

    def in_time(self) -> Self:
        """Order by when they are due."""
        return self.order_by("due_at", "pk")

    def after(self, key: int) -> Self:
        """Those that come after the one with a key, in the order of `in_time`."""
        due_at = self.model.objects.filter(pk=key).values("due_at")
        return self.filter(Q(due_at__gt=Subquery(due_at)) | Q(due_at=Subquery(due_at), pk__gt=key))

    def concerning(self, member: int) -> Self:
        """Those that a member planned, or whose piece they write."""
        return self.filter(Q(planned_by=member) | Q(variant__piece__author=member))

    def first_of_each_day(self, zone: ZoneInfo, *, most: int) -> Any:
        """The first few of each day, as clocks of a zone have it: key, day, and how many there are on it."""
        day = TruncDate("due_at", tzinfo=zone)
        rows = self.annotate(
            day_there=day,
            place=Window(RowNumber(), partition_by=[day], order_by=["due_at", "pk"]),
            of_day=Window(Count("pk"), partition_by=[day]),
        )
        return rows.filter(place__lte=most).order_by("due_at", "pk").values_list("pk", "day_there", "of_day")

    def with_company(self, near: timedelta) -> Self:
        """With `is_close`, whether its channel says something else within so long before or after."""
        others = self.model.objects.taking_place().filter(
            channel=OuterRef("channel"), due_at__gt=OuterRef("due_at") - near, due_at__lt=OuterRef("due_at") + near
        )
        return self.annotate(is_close=Exists(others.exclude(pk=OuterRef("pk"))))

    def counted_by_week(self, zone: ZoneInfo) -> Any:
        """How many of each channel, week and state: by when they went out, else by when they are due."""
        moment = Coalesce("accepted_at", "due_at")
        rows = self.annotate(week=Cast(TruncWeek(moment, tzinfo=zone), DateField())).order_by()
        return rows.values_list("channel", "week", "state").annotate(count=Count("pk"))

    def with_everything(self) -> Self:
        """Bring along what a page shows of each."""
        return self.select_related(
            "channel", "planned_by__user", "owner__user", "variant__piece__author__user", "variant__piece__department",
            "variant__piece__campaign", "variant__piece__topic", "variant__channel",
        )  # fmt: skip
