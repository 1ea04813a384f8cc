"""What a person fills in of their time: two fields, and a day where it was not today."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from roles.activities import Activity
from roles.days import DayField

_WRITTEN = re.compile(
    r"(?:(?P<hours>\d{1,2}(?:[.,]\d+)?)\s*(?:h|:))?\s*(?:(?P<minutes>\d{1,4})\s*(?:min|m)?)?", re.ASCII
)


class LengthField(forms.CharField):
    """A length of time as people write it: 1:30, 1.5 h, 1h30, or 90 for minutes."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=12, **options)
        self.widget.attrs |= {"inputmode": "text", "autocomplete": "off", "size": "6"}

    def clean(self, value: Any) -> Any:
        """Minutes."""
        written = super().clean(value)
        if not written:
            return None
        found = _WRITTEN.fullmatch(written.strip().lower())
        if found is None or not any(found.groups()):
            raise ValidationError(_now("Write it as 1:30, as 1.5 h, or in minutes as 90."))
        return round(float((found["hours"] or "0").replace(",", ".")) * 60) + int(found["minutes"] or 0)


class TimeForm(forms.Form):
    """What one did, and how long."""

    activity = forms.ChoiceField(label=_("What"), choices=Activity.choices)
    minutes = LengthField(label=_("How long"), help_text=_("1:30, 1.5 h, or 90 for minutes"))
    day = DayField(label=_("Day"), required=False)

    def __init__(self, *args: Any, today: date, **options: Any) -> None:
        super().__init__(*args, **options)
        self.today = today

    def clean_day(self) -> date:
        """Today, where none is said."""
        return self.cleaned_data["day"] or self.today


class CorrectionForm(forms.Form):
    """How long it really was."""

    activity = forms.ChoiceField(choices=Activity.choices)
    minutes = LengthField(label=_("How long it really was"))
    day = DayField()


class SignForm(forms.Form):
    """What an open page says: at what somebody is, and for how many seconds since it last said so."""

    activity = forms.ChoiceField(choices=Activity.choices)
    seconds = forms.FloatField(min_value=0)
