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

from listening.networks import label_of
from measurement import metrics
from measurement.figures import Side
from measurement.querysets import NEWS, captured_in, made_in, rehearsals
from measurement.windows import LENGTHS, LONGEST, Window, zone_of
from roles.models import Department
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

    def condition(self) -> Q:
        """Return the condition on mentions."""
        window, query = self.window(), self.cleaned_data.get("query")
        wanted = self.networks("network") & NEWS
        if window:
            wanted &= captured_in(window)
        return wanted & Q(matches__query_id=query) if query else wanted


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
        choices=[("unresolved", gettext_lazy("not resolved")), ("overdue", gettext_lazy("overdue"))], required=False
    )

    def condition(self, at: datetime) -> Q:
        """Return the condition on assignments."""
        window = self.window()
        wanted = self.networks("network")
        if window:
            wanted &= made_in(window)
        if department := self.cleaned_data.get("department"):
            below = Department.objects.filter(pk=department).values_list("below", flat=True).first() or []
            wanted &= Q(department__in=[department, *below])
        fates = {
            "yes": metrics.ANSWERED,
            "no": ~metrics.ANSWERED,
            "met": metrics.IN_TIME,
            "missed": metrics.target_missed(at),
            "unresolved": metrics.UNRESOLVED,
            "overdue": metrics.overdue(at),
        }
        for name in ("answered", "target", "state"):
            wanted &= fates.get(self.cleaned_data.get(name, ""), Q())
        return wanted

    def said(self) -> list[str]:
        """Put the filters into words, the fates too."""
        words = super().said()
        if department := self.cleaned_data.get("department"):
            words += Department.objects.filter(pk=department).values_list("name", flat=True)
        for name in ("answered", "target", "state"):
            if value := self.cleaned_data.get(name):
                words.append(str(dict(self.fields[name].choices)[value]))  # type: ignore[attr-defined]
        return words
