"""Forms of response targets and of what was missed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from engagement.models import ResponseTarget, TargetEvent
from engagement.models.rules import Priority
from engagement.target_words import read_minutes, written
from roles.models import Department


class TimeField(forms.CharField):
    """A time in words, such as “4 h” or “90 min”; empty where nothing is promised."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"required": False, "max_length": 40, **options})

    def prepare_value(self, value: Any) -> Any:
        return written(value) if isinstance(value, int) else value

    def clean(self, value: Any) -> int | None:
        return read_minutes(super().clean(value))


class ResponseTargetForm(forms.Form):
    """What is promised, how it is counted, and to what it applies."""

    name = forms.CharField(label=_("Name"), max_length=80)
    first_response_minutes = TimeField(
        label=_("First response within"), help_text=_("Such as 4 h or 90 min. Empty: not promised.")
    )
    next_response_minutes = TimeField(
        label=_("Next response within"), help_text=_("Runs whenever the author writes again after our answer.")
    )
    resolution_minutes = TimeField(label=_("Resolution within"), help_text=_("From the beginning to the end."))
    in_business_hours = forms.BooleanField(
        label=_("Count business hours only"),
        required=False,
        initial=True,
        help_text=_("Of the department's calendar, or of the default one."),
    )
    warn_at_percent = forms.IntegerField(
        label=_("Warn when this much of the time has gone (%)"), min_value=1, max_value=99, initial=75
    )
    pauses_for_consult = forms.BooleanField(
        label=_("The clock stops while the booth is waited for"), required=False, initial=True
    )
    pauses_for_author = forms.BooleanField(
        label=_("The clock stops while the author is waited for"), required=False, initial=True
    )
    is_default = forms.BooleanField(
        label=_("Applies by itself, wherever no routing rule names a target"), required=False
    )
    department = forms.ModelChoiceField(
        label=_("and only in"), queryset=Department.objects.all(), required=False, empty_label=_("All departments")
    )
    priority = forms.TypedChoiceField(
        label=_("and only what is"),
        required=False,
        choices=[("", _("of any priority")), *Priority.choices],
        coerce=int,
        empty_value=None,
    )

    @staticmethod
    def values_of(target: ResponseTarget) -> dict[str, Any]:
        """What the form shows of a target."""
        return {name: getattr(target, name) for name in ResponseTargetForm.base_fields}


class MissedForm(forms.Form):
    """Which events to show."""

    kind = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=[(TargetEvent.Kind.MISS.value, _("Missed")), (TargetEvent.Kind.WARNING.value, _("Warned"))],
    )
    department = forms.ModelChoiceField(
        label=_("Department"), queryset=Department.objects.all(), required=False, empty_label=_("All")
    )

    @property
    def chosen(self) -> tuple[str, Department | None]:
        """The kind and department in force; what is not valid filters nothing."""
        self.is_valid()
        return self.cleaned_data.get("kind") or TargetEvent.Kind.MISS.value, self.cleaned_data.get("department")
