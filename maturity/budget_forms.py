"""What a coach fills in for the time budget: hours, what-if, and efforts; one page shows them all."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from maturity.budgeting import SHAPES, mix
from maturity.models import Activity, Effort, Line
from maturity.models.budget import WEEK_HOURS
from roles.models import Department, Level, Member
from roles.permissions import decide
from roles.tenancy import active_organization


def _where(member: Member) -> forms.ModelChoiceField[Department]:
    whole = bool(decide(member, "maturity.set_budget", active_organization()))
    mine = [key for key in member.reach if key is not None]
    return forms.ModelChoiceField(
        label=_("Where"),
        queryset=Department.objects.all() if whole else Department.objects.filter(pk__in=mine),
        required=not whole,
        empty_label=str(_("The whole organization")) if whole else None,
    )


class BudgetForm(forms.Form):
    """Hours a week for each activity of a line, of a department or of a person in it."""

    line = forms.ChoiceField(label=_("Line"), choices=Line.choices, initial=Line.ENGAGEMENT)
    member = forms.ModelChoiceField(
        label=_("Person"),
        queryset=Member.objects.active().select_related("user").by_name(),
        required=False,
        empty_label=_("Whoever does it"),
    )

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields = {"department": _where(member), **self.fields}
        for activity in Activity:
            self.fields[activity.value] = forms.DecimalField(
                label=activity.label, min_value=0, max_value=WEEK_HOURS * 10, decimal_places=1, required=False
            )

    def hours(self) -> dict[str, Decimal]:
        """The hours that were typed, by activity."""
        typed = {activity.value: self.cleaned_data.get(activity.value) for activity in Activity}
        return {activity: count for activity, count in typed.items() if count}


class EffortForm(forms.Form):
    """Something that is done today, and what becomes of it."""

    title = forms.CharField(label=_("What is done today"), max_length=120)
    hours = forms.DecimalField(label=_("Hours a week"), min_value=0, max_value=1000, decimal_places=1)
    fate = forms.ChoiceField(label=_("What becomes of it"), choices=Effort.Fate.choices)
    note = forms.CharField(label=_("How"), max_length=300, required=False)

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "effort_%s", **kwargs})
        self.fields = {"department": _where(member), **self.fields}


class WhatIfForm(forms.Form):
    """Hours a week and how they are split: sliders that work without script, by a button."""

    hours = forms.DecimalField(label=_("Hours a week"), min_value=1, max_value=5000, decimal_places=1)
    people = forms.IntegerField(label=_("People"), min_value=1, max_value=500)
    level = forms.ChoiceField(label=_("Level"), choices=Level.choices)
    line = forms.ChoiceField(label=_("Line"), choices=Line.choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "what_if_%s", **kwargs})
        for activity in Activity:
            self.fields[activity.value] = forms.IntegerField(
                label=activity.label,
                min_value=0,
                max_value=100,
                required=False,
                widget=forms.NumberInput({"type": "range", "step": "5"}),
            )

    @classmethod
    def at_level(cls, level: Level, *, shape: str = "") -> WhatIfForm:
        """A form that is filled with the usual mix of a level, and with the hours of a shape."""
        chosen = next((one for one in SHAPES if one.key == shape), SHAPES[0])
        shares = mix(Line.ENGAGEMENT, level)
        return cls(
            {
                "hours": chosen.hours,
                "people": chosen.people,
                "level": level.value,
                "line": Line.ENGAGEMENT.value,
                **{activity.value: shares.get(activity, 0) for activity in Activity},
            }
        )

    def shares(self) -> dict[str, float]:
        """The sliders, by activity."""
        return {activity.value: float(self.cleaned_data.get(activity.value) or 0) for activity in Activity}
