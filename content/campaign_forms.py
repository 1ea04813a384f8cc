"""What is filled in for a campaign or an event."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from content.models import Campaign
from roles.days import DayField
from roles.forms import WhereField

COLOURS = [
    (1, _("Green")), (2, _("Ochre")), (3, _("Blue")), (4, _("Pink")), (5, _("Brown")), (6, _("Violet")),
    (7, _("Light blue")), (8, _("Grey")),
]  # fmt: skip


class CampaignForm(forms.Form):
    """What it is called, what it is for, and its days."""

    name = forms.CharField(label=_("Name"), max_length=120)
    kind = forms.ChoiceField(label=_("Kind"), choices=Campaign.Kind.choices, widget=forms.RadioSelect)
    goal = forms.CharField(
        label=_("Goal"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What is different when it went well? So that you can see afterwards whether it did."),
    )  # fmt: skip
    begins_on = DayField(label=_("First day"))
    ends_on = DayField(label=_("Last day"))
    colour = forms.TypedChoiceField(label=_("Colour on the calendar"), choices=COLOURS, coerce=int)
    department = WhereField()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        begins, ends = cleaned.get("begins_on"), cleaned.get("ends_on")
        if begins and ends and ends < begins:
            raise ValidationError({"ends_on": _("The last day is before the first.")})
        return cleaned
