"""What may be asked of the pages of measurement; every filter is part of the address."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement.models import Approval, Promise
from listening.models import Topic, TrackingQuery
from listening.networks import label_of
from measurement import metrics
from measurement.figures import Side
from measurement.querysets import captured_in, made_in, rehearsals, with_below
from measurement.windows import LENGTHS, LONGEST, Window, zone_of
from roles.models import Department, Member
from roles.tenancy import active_organization

SIDES = [("outside", gettext_lazy("Outside")), ("practice", gettext_lazy("Practice field"))]


class WindowForm(forms.Form):
    """A window that ends today, and on which side: outside, or on the practice field."""

    days = forms.TypedChoiceField(choices=[(days, days) for days in LENGTHS], coerce=int, required=False)
    of = forms.ChoiceField(choices=SIDES, required=False)

    def window(self, at: datetime) -> Window:
        """Return the window that was asked for; 30 days where the address says nothing useful."""
        days = (self.is_valid() and self.cleaned_data["days"]) or 30
        return Window.up_to(at, days=days, zone=zone_of(active_organization().time_zone))

    def side(self) -> Side | None:
        """Return the side that was asked for, if any."""
        asked = self.cleaned_data["of"] if self.is_valid() else ""
        return cast(Side, asked) if asked else None


class SpanForm(forms.Form):
    """Days from and to, both included."""

    of = forms.ChoiceField(choices=SIDES, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # "from" is no name that a class body could hold.
        for name in ("from", "to"):
            self.fields[name] = forms.DateField(required=False, input_formats=["%Y-%m-%d"])

    def clean(self) -> dict[str, Any]:
        """Refuse half a span, and one that ends before it begins or is too long."""
        cleaned = super().clean() or {}
        if {"from", "to"} & set(self.errors):
            return cleaned
        first, last = cleaned.get("from"), cleaned.get("to")
        if bool(first) != bool(last):
            raise ValidationError(_("Name both days, “from” and “to”."))
        if first and last:
            if last < first:
                raise ValidationError(_("“to” lies before “from”."))
            if (last - first).days >= LONGEST or first < date(2000, 1, 1) or last > date(9000, 1, 1):
                raise ValidationError(_("At most %(n)s days can be asked for at once.") % {"n": LONGEST})
        return cleaned

    def window(self) -> Window | None:
        """Return the days that were asked for, if any."""
        first, last = self.cleaned_data.get("from"), self.cleaned_data.get("to")
        return Window(first, last, zone_of(active_organization().time_zone)) if first and last else None

    def said(self) -> list[str]:
        """Put the filters into words, for the head of the list."""
        window, words = self.window(), []
        if window:
            first, last = formats.date_format(window.first), formats.date_format(window.last)
            words.append(first if first == last else _("%(first)s to %(last)s") % {"first": first, "last": last})
        if network := self.cleaned_data.get("network"):
            words.append(label_of(network))
        elif side := self.cleaned_data.get("of"):
            words.append(str(dict(SIDES)[side]))
        return words

    def networks(self, field: str) -> Q:
        """The condition on the network that the filters make."""
        if network := self.cleaned_data.get("network"):
            return Q(**{field: network})
        side = self.cleaned_data.get("of", "")
        practice = Q(**{f"{field}__in": rehearsals()})
        return {"practice": practice, "outside": ~practice}.get(str(side), Q())


class MentionsForm(SpanForm):
    """Which mentions: by day of capture, network, tracking query."""

    network = forms.CharField(max_length=40, required=False)
    query = forms.IntegerField(min_value=1, max_value=2**62, required=False)
    topic = forms.IntegerField(min_value=1, max_value=2**62, required=False)
    sentiment = forms.ChoiceField(
        choices=[
            ("judged", gettext_lazy("judged")),
            ("negative", gettext_lazy("negative")),
            ("positive", gettext_lazy("positive")),
        ],
        required=False,
    )

    def condition(self) -> Q:
        """Return the condition on mentions."""
        window, query, topic = (self.window(), *(self.cleaned_data.get(name) for name in ("query", "topic")))
        wanted = self.networks("network") & metrics.NEWS
        if window:
            wanted &= captured_in(window)
        if query:
            wanted &= Q(matches__query_id=query)
        if topic:
            wanted &= Q(topic=topic)
        sounds = {
            "judged": Q(sentiment__isnull=False), "negative": metrics.NEGATIVE, "positive": metrics.POSITIVE,
        }  # fmt: skip
        return wanted & sounds.get(self.cleaned_data.get("sentiment", ""), Q())

    def said(self) -> list[str]:
        """Put the filters into words, what it is about too."""
        words = super().said()
        for name, model in (("query", TrackingQuery), ("topic", Topic)):
            if key := self.cleaned_data.get(name):
                words += model.objects.filter(pk=key).values_list("name", flat=True)
        return words + _chosen(self, "sentiment")


class AssignmentsForm(SpanForm):
    """Which assignments: by day on which they were made, network, department, and what became of them."""

    department = forms.IntegerField(min_value=1, max_value=2**62, required=False)
    network = forms.CharField(max_length=40, required=False)
    answered = forms.ChoiceField(
        choices=[("yes", gettext_lazy("answered")), ("no", gettext_lazy("not answered"))], required=False
    )
    target = forms.ChoiceField(
        choices=[("met", gettext_lazy("target met")), ("missed", gettext_lazy("target missed"))], required=False
    )
    state = forms.ChoiceField(
        choices=[
            ("unresolved", gettext_lazy("not resolved")),
            ("overdue", gettext_lazy("overdue")),
            ("resolved", gettext_lazy("resolved")),
            ("unanswered", gettext_lazy("resolved without an answer")),
            ("reopened", gettext_lazy("reopened")),
            ("claimed", gettext_lazy("claimed at some time")),
            ("continued", gettext_lazy("the author wrote again and was answered")),
            ("promised", gettext_lazy("resolved as was promised, or later")),
        ],
        required=False,
    )
    member = forms.IntegerField(min_value=1, max_value=2**62, required=False)

    def condition(self, at: datetime) -> Q:
        """Return the condition on assignments."""
        window = self.window()
        wanted = self.networks("network")
        if window:
            wanted &= made_in(window)
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
            "claimed": Q(claimed_at__isnull=False),
            "continued": _kept("next_response"),
            "promised": _kept("resolution"),
        }
        for name in ("answered", "target", "state"):
            wanted &= fates.get(self.cleaned_data.get(name, ""), Q())
        return wanted

    def said(self) -> list[str]:
        """Put the filters into words, the fates too."""
        words = super().said()
        if department := self.cleaned_data.get("department"):
            words += Department.objects.filter(pk=department).values_list("name", flat=True)
        if member := self.cleaned_data.get("member"):
            words += Member.objects.filter(pk=member).values_list("user__name", flat=True)
        return words + [word for name in ("answered", "target", "state") for word in _chosen(self, name)]


class RepliesForm(SpanForm):
    """Which replies: by day on which they were written (or approval was asked), department, network, and their fate."""

    department = forms.IntegerField(min_value=1, max_value=2**62, required=False)
    network = forms.CharField(max_length=40, required=False)
    fate = forms.ChoiceField(
        choices=[
            ("sent", gettext_lazy("sent")),
            ("trouble", gettext_lazy("refused, or nobody knows")),
            ("program", gettext_lazy("by a program")),
            ("asked", gettext_lazy("approval asked for")),
            ("approved", gettext_lazy("approved")),
        ],
        required=False,
    )

    def condition(self) -> Q:
        """Return the condition on replies."""
        window, fate = self.window(), self.cleaned_data.get("fate", "")
        wanted = self.networks("assignment__network")
        if department := self.cleaned_data.get("department"):
            wanted &= Q(assignment__department__in=with_below(department))
        fates = {"sent": metrics.SENT, "trouble": metrics.IN_TROUBLE, "program": metrics.BY_PROGRAM}
        if fate in {"asked", "approved"}:
            asked = Q(asked_at__isnull=False)
            if window:
                asked &= Q(asked_at__gte=window.start, asked_at__lt=window.end)
            steps = Approval.objects.filter(asked & (metrics.APPROVED if fate == "approved" else Q()))
            return wanted & Q(pk__in=steps.values("reply"))
        if window:
            wanted &= Q(written_at__gte=window.start, written_at__lt=window.end)
        return wanted & fates.get(fate, Q())

    def said(self) -> list[str]:
        """Put the filters into words."""
        words = super().said()
        if department := self.cleaned_data.get("department"):
            words += Department.objects.filter(pk=department).values_list("name", flat=True)
        return words + _chosen(self, "fate")


def _kept(kind: str) -> Q:
    return Q(pk__in=Promise.objects.filter(kind=kind, kept_at__isnull=False).values("assignment"))


def _chosen(form: forms.Form, name: str) -> list[str]:
    value = form.cleaned_data.get(name)
    return [str(dict(form.fields[name].choices)[value])] if value else []  # type: ignore[attr-defined]
