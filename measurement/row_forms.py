"""Which rows a figure counts: each filter of a list is the condition by which the rows were counted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Expression, F, Func, Q
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from content.models import Campaign
from listening.models import Topic, TrackingQuery
from measurement import metrics
from measurement.forms import SpanForm
from measurement.judged_querysets import PROMISE_WAITS, WAITS
from measurement.querysets import at_hour_of_week, captured_in, made_in, with_below
from measurement.spread import STEPS, buckets_of, labels
from roles.models import Department, Member

LARGEST_KEY = 2**62


def a_key() -> forms.IntegerField:
    """What is chosen by its key."""
    return forms.IntegerField(min_value=1, max_value=LARGEST_KEY, required=False)


def a_choice(**words: Any) -> forms.ChoiceField:
    """What is chosen by its name; the words say it above the list."""
    return forms.ChoiceField(choices=list(words.items()), required=False)


class RowsForm(SpanForm):
    """What lists of rows have in common: days, a side or a network, and filters that are said in words."""

    network = forms.CharField(max_length=40, required=False)
    # Filters of which one is chosen, in the order in which they are said.
    chosen: tuple[str, ...] = ()

    def said(self) -> list[str]:
        """Put the filters into words."""
        words = super().said()
        for name, model, field in (
            ("department", Department, "name"), ("query", TrackingQuery, "name"), ("topic", Topic, "name"),
            ("member", Member, "user__name"), ("campaign", Campaign, "name"),
        ):  # fmt: skip
            if key := self.cleaned_data.get(name):
                rows: Any = model._default_manager.filter(pk=key)
                words += rows.values_list(field, flat=True)
        for name in self.chosen:
            if value := self.cleaned_data.get(name):
                words.append(str(dict(self.fields[name].choices)[value]))  # type: ignore[attr-defined]
        if (hour := self.cleaned_data.get("hour")) is not None:
            day = WEEKDAYS[hour // 24]
            words.append(_("%(day)s, %(first)s to %(last)s h") % {
                "day": day, "first": hour % 24, "last": hour % 24 + 1,
            })  # fmt: skip
        if self.cleaned_data.get("wait") and (step := self.cleaned_data.get("step")) is not None:
            words.append(labels()[step])
        return words

    def at_hour(self, field: str) -> Q:
        """The condition on the hour of the week, by the organization's clock."""
        hour = self.cleaned_data.get("hour")
        return Q() if hour is None else at_hour_of_week(field, hour, self.zone)

    def waited(self, waits: Mapping[str, tuple[Q, Func]]) -> Q:
        """The condition that a wait was counted, and that it fell into one step of its distribution."""
        if not (name := self.cleaned_data.get("wait")):
            return Q()
        counted, bucket = waits[name]
        step = self.cleaned_data.get("step")
        return counted if step is None else counted & _within(bucket, *buckets_of(step))


class MentionsForm(RowsForm):
    """Which mentions: by day of capture, network, tracking query, topic, and what is known of each."""

    query = a_key()
    topic = a_key()
    sentiment = a_choice(
        judged=gettext_lazy("judged"), negative=gettext_lazy("negative"), positive=gettext_lazy("positive")
    )
    author = a_choice(known=gettext_lazy("the author is known"))
    reach = a_choice(known=gettext_lazy("followers are known"))
    hour = forms.IntegerField(min_value=0, max_value=167, required=False)
    chosen = ("sentiment", "author", "reach")

    def condition(self) -> Q:
        """Return the condition on mentions."""
        window, query, topic = (self.window(), *(self.cleaned_data.get(name) for name in ("query", "topic")))
        wanted = self.networks("network") & metrics.NEWS & self.at_hour("captured_at")
        if window:
            wanted &= captured_in(window)
        if query:
            wanted &= Q(matches__query_id=query)
        if topic:
            wanted &= Q(topic=topic)
        if self.cleaned_data.get("author"):
            wanted &= Q(post__author__isnull=False)
        if self.cleaned_data.get("reach"):
            wanted &= Q(followers__isnull=False)
        sounds = {
            "judged": Q(sentiment__isnull=False), "negative": metrics.NEGATIVE, "positive": metrics.POSITIVE,
        }  # fmt: skip
        return wanted & sounds.get(self.cleaned_data.get("sentiment", ""), Q())


class AssignmentsForm(RowsForm):
    """Which assignments: by day on which they were made, network, department, and what became of them."""

    department = a_key()
    answered = a_choice(yes=gettext_lazy("answered"), no=gettext_lazy("not answered"))
    target = a_choice(met=gettext_lazy("target met"), missed=gettext_lazy("target missed"))
    state = a_choice(
        unresolved=gettext_lazy("not resolved"),
        lying=gettext_lazy("not resolved at the end of these days"),
        overdue=gettext_lazy("overdue"),
        resolved=gettext_lazy("resolved"),
        unanswered=gettext_lazy("resolved without an answer"),
        reopened=gettext_lazy("reopened"),
        handled=gettext_lazy("claimed, then answered or resolved"),
    )
    wait = a_choice(
        first_response=gettext_lazy("answered"),
        business_response=gettext_lazy("answered, with the time in business hours"),
        resolution=gettext_lazy("resolved"),
        business_resolution=gettext_lazy("resolved, with the time in business hours"),
    )
    step = forms.IntegerField(min_value=0, max_value=STEPS - 1, required=False)
    hour = forms.IntegerField(min_value=0, max_value=167, required=False)
    member = a_key()
    chosen = ("answered", "target", "state", "wait")

    def condition(self, at: datetime) -> Q:
        """Return the condition on assignments."""
        window, state = self.window(), self.cleaned_data.get("state", "")
        wanted = self.networks("network") & self.waited(WAITS) & self.at_hour("created_at")
        if window:
            wanted &= metrics.lying_at(window.end) if state == "lying" else made_in(window)
        if department := self.cleaned_data.get("department"):
            wanted &= Q(department__in=with_below(department))
        if member := self.cleaned_data.get("member"):
            wanted &= Q(member=member)
        fates = {
            "yes": metrics.ANSWERED,
            "no": ~metrics.ANSWERED,
            "met": metrics.IN_TIME,
            "missed": metrics.target_missed(at),
            "unresolved": metrics.UNRESOLVED,
            "overdue": metrics.overdue(at),
            "resolved": metrics.RESOLVED,
            "unanswered": metrics.UNANSWERED,
            "reopened": metrics.REOPENED,
            "handled": metrics.HANDLED,
        }
        for name in ("answered", "target", "state"):
            wanted &= fates.get(self.cleaned_data.get(name, ""), Q())
        return wanted


class ApprovalsForm(RowsForm):
    """Which steps of approval: by day on which they were asked for, department, network, and what was said."""

    department = a_key()
    fate = a_choice(decided=gettext_lazy("decided"), approved=gettext_lazy("approved"))
    chosen = ("fate",)

    def condition(self) -> Q:
        """Return the condition on steps of approval."""
        wanted = self.networks("reply__assignment__network") & of_department(self, "reply__assignment__")
        wanted &= Q(asked_at__isnull=False)
        if window := self.window():
            wanted &= Q(asked_at__gte=window.start, asked_at__lt=window.end)
        fates = {"decided": metrics.DECIDED, "approved": metrics.APPROVED}
        return wanted & fates.get(self.cleaned_data.get("fate", ""), Q())


class PromisesForm(RowsForm):
    """Which promises that were kept: of assignments made on some days, by department, network and kind."""

    department = a_key()
    kind = a_choice(next_response=gettext_lazy("next responses"), resolution=gettext_lazy("resolutions"))
    fate = a_choice(in_time=gettext_lazy("in time"))
    wait = a_choice(
        next_response=gettext_lazy("next responses"),
        business_next_response=gettext_lazy("next responses, with the time in business hours"),
    )
    step = forms.IntegerField(min_value=0, max_value=STEPS - 1, required=False)
    chosen = ("kind", "fate", "wait")

    def condition(self) -> Q:
        """Return the condition on promises."""
        wanted = self.networks("assignment__network") & of_department(self, "assignment__")
        wanted &= Q(kept_at__isnull=False) & self.waited(PROMISE_WAITS)
        if window := self.window():
            wanted &= Q(assignment__created_at__gte=window.start, assignment__created_at__lt=window.end)
        if kind := self.cleaned_data.get("kind"):
            wanted &= Q(kind=kind)
        return wanted & metrics.KEPT_IN_TIME if self.cleaned_data.get("fate") else wanted


class StoriesForm(RowsForm):
    """Which stories: by the day on which they began."""

    def condition(self) -> Q:
        """Return the condition on stories."""
        window = self.window()
        return metrics.TOLD & (Q(first_at__gte=window.start, first_at__lt=window.end) if window else Q())


def of_department(form: forms.Form, prefix: str) -> Q:
    """The condition on the department that was chosen, with those below it; the prefix leads to where it stands."""
    department = form.cleaned_data.get("department")
    return Q(**{f"{prefix}department__in": with_below(department)}) if department else Q()


def _within(bucket: Expression | Func | F, first: int, last: int) -> Q:
    return Q(GreaterThanOrEqual(bucket, first)) & Q(LessThanOrEqual(bucket, last))
