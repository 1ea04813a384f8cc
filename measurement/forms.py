"""What may be asked of the pages of measurement; every filter is part of the address."""

from __future__ import annotations

from datetime import date, datetime
from functools import cached_property
from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from listening.networks import label_of
from measurement.querysets import rehearsals
from measurement.selecting import Side
from measurement.windows import LENGTHS, LONGEST, Window
from roles.tenancy import active_organization

SIDES = [("outside", gettext_lazy("Outside")), ("practice", gettext_lazy("Practice field"))]


class WindowForm(forms.Form):
    """A window that ends today, and on which side: outside, or on the practice field."""

    days = forms.TypedChoiceField(choices=[(days, days) for days in LENGTHS], coerce=int, required=False)
    of = forms.ChoiceField(choices=SIDES, required=False)

    def window(self, at: datetime) -> Window:
        """Return the window that was asked for; 30 days where the address says nothing useful."""
        days = (self.is_valid() and self.cleaned_data["days"]) or 30
        return Window.up_to(at, days=days, zone=active_organization().zone)

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

    @cached_property
    def zone(self) -> ZoneInfo:
        """The zone whose days are asked for."""
        return active_organization().zone

    def window(self) -> Window | None:
        """Return the days that were asked for, if any."""
        first, last = self.cleaned_data.get("from"), self.cleaned_data.get("to")
        return Window(first, last, self.zone) if first and last else None

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
