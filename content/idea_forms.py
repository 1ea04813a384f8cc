"""The form of an idea."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from content.models import Campaign
from content.models.ideas import MOST
from engagement.models.joinings import Step
from listening.models import Topic

RATINGS = [(0, "–"), *((number, str(number)) for number in range(1, MOST + 1))]


class IdeaForm(forms.Form):
    """A thought, and as much about it as is known."""

    text = forms.CharField(
        label=_("The idea"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"})
    )
    value = forms.TypedChoiceField(label=_("Value, from 1 to 5"), choices=RATINGS, coerce=int, required=False)
    effort = forms.TypedChoiceField(label=_("Effort, from 1 to 5"), choices=RATINGS, coerce=int, required=False)
    step = forms.ChoiceField(
        label=_("Step of the value ladder"), choices=[("", _("Not decided yet")), *Step.choices], required=False
    )
    topic = forms.ModelChoiceField(
        label=_("Topic"), queryset=Topic.objects.none(), required=False, empty_label=_("No topic")
    )
    campaign = forms.ModelChoiceField(
        label=_("Campaign"), queryset=Campaign.objects.none(), required=False, empty_label=_("No campaign")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        topics = Topic.objects.active_or(self.initial.get("topic")).by_name()
        self.fields["topic"].queryset = topics  # type: ignore[attr-defined]
        self.fields["campaign"].queryset = Campaign.objects.order_by("name", "pk")  # type: ignore[attr-defined]


class PageIdeaForm(IdeaForm):
    """An idea that comes from a page elsewhere: its address, title and words can be seen before they are kept."""

    url = forms.CharField(widget=forms.HiddenInput, required=False, max_length=2000)
    page_title = forms.CharField(widget=forms.HiddenInput, required=False, max_length=300)
    quote = forms.CharField(
        label=_("What it says"), required=False, max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )  # fmt: skip
    field_order = ("text", "quote", "value", "effort", "step", "topic", "campaign", "url", "page_title")
