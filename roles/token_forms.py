"""The form by which a token is made."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy

from roles.capability_words import LABELS
from roles.days import DayField
from roles.forms import after_day
from roles.models import Member
from roles.permissions import CAPABILITIES

# How long a token is meant to live where nobody says otherwise.
USUAL_LIFE = timedelta(days=365)
SCOPES = {"read": gettext_lazy("Read, and nothing else"), **LABELS}


class TokenForm(forms.Form):
    """What a program may do in a member's name."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=80, help_text=gettext_lazy("Say which program uses it.")
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("It may"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Nothing ticked: everything that you may."),
    )
    ends_on = DayField(
        label=gettext_lazy("Until and with"), required=False, help_text=gettext_lazy("Empty: until further notice.")
    )
    field_order = ("name", "ends_on", "scopes")

    def __init__(self, *args: Any, by: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("ends_on", timezone.localdate() + USUAL_LIFE)
        own = ["read", *(name for name in CAPABILITIES if by.holds(name))]
        self.fields["scopes"].choices = [(name, SCOPES[name]) for name in own]  # type: ignore[attr-defined]

    def with_end(self, time_zone: str) -> dict[str, Any]:
        """What was said, with the moment at which the last day is over on the organization's wall."""
        fields = dict(self.cleaned_data)
        fields["ends_at"] = after_day(fields.pop("ends_on"), time_zone)
        return fields
