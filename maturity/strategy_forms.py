"""What a coach fills in for the strategy: the canvas, and goals."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from maturity.goal_metrics import CHOICES, GOAL_METRICS
from maturity.models import Goal
from roles.days import DayField
from roles.models import Department, Member


def _cell(label: Any, help_text: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 4, "dir": "auto"})
    return forms.CharField(label=label, max_length=2000, required=False, widget=widget, help_text=help_text)


class CanvasForm(forms.Form):
    """Four questions, and when they are asked again."""

    who = _cell(_("Who"), _("With whom do we talk, and who of us does it?"))
    how = _cell(_("How"), _("In which manner, with what to give; what do we never do?"))
    when = _cell(_("When"), _("At which hours, to which rhythm, at which occasions?"))
    where = _cell(_("Where"), _("In which places, and in which not?"))
    review_on = DayField(
        label=_("Looked at again on"), required=False, help_text=_("Coaches are reminded on that day.")
    )


class GoalForm(forms.Form):
    """What is to be reached, by which figure, by when, and who answers for it."""

    title = forms.CharField(label=_("What is to be reached"), max_length=200)
    metric = forms.ChoiceField(label=_("By which figure"), choices=CHOICES)
    target = forms.FloatField(
        label=_("Target"),
        min_value=0,
        help_text=_("Shares in per cent, times in minutes, anything else as a number. Figures are of four weeks."),
    )
    owner = forms.ModelChoiceField(
        label=_("Who answers for it"), queryset=Member.objects.active().select_related("user").by_name()
    )
    reach_by = DayField(label=_("By"))
    under = forms.ModelChoiceField(
        label=_("It serves"),
        queryset=Goal.objects.open().filter(department=None).in_order(),
        required=False,
        empty_label=_("no other goal"),
    )
    review_on = DayField(
        label=_("Looked at again on"), required=False, help_text=_("The owner is reminded on that day.")
    )

    def __init__(self, *args: Any, department: Department | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if department is None:
            del self.fields["under"]
            return
        metric = self.fields["metric"]
        assert isinstance(metric, forms.ChoiceField)
        metric.choices = [(key, label) for key, label in CHOICES if GOAL_METRICS[key].of_departments]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("target") is not None and (metric := GOAL_METRICS.get(cleaned.get("metric", ""))):
            cleaned["target"] = metric.taken(cleaned["target"])
        return cleaned


class EndForm(forms.Form):
    """How a goal ended."""

    outcome = forms.ChoiceField(label=_("How it ended"), choices=Goal.Outcome.choices)
    lesson = forms.CharField(
        label=_("What we learned"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
