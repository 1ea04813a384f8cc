"""Forms of proactive engagement."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from engagement.models.joinings import Step
from listening.models import Source
from roles.models import Member


class StarterForm(forms.Form):
    """A conversation that we mean to start."""

    text = forms.CharField(
        label=_("What starts the conversation?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )
    community = forms.ModelChoiceField(
        label=_("Where?"), queryset=Source.objects.by_name(), required=False, empty_label=_("Not decided yet")
    )
    owner = forms.ModelChoiceField(
        label=_("Who starts it?"),
        queryset=Member.objects.who_may("engagement.start").select_related("user").by_name(),
        empty_label=None,
    )
    step = forms.ChoiceField(label=_("Step"), choices=Step.choices, initial=Step.ENGAGE)


class PromotionPolicyForm(forms.Form):
    """How much may be about ourselves."""

    most_percent = forms.IntegerField(
        label=_("At most this much may be about ourselves (%)"),
        min_value=0,
        max_value=100,
        help_text=_("Of the conversations that we joined or started of our own accord."),
    )
    window_days = forms.IntegerField(label=_("Counted over this many days"), min_value=1, max_value=366)
