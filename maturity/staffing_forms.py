"""What may be asked of the staffing calculator; everything is part of the address."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from roles.models import Department


class StaffingForm(forms.Form):
    """Where, and what is assumed; what is left empty is measured, promised or usual."""

    department = forms.ModelChoiceField(
        label=_("Department"), queryset=Department.objects.all(), required=False, empty_label=_("All departments")
    )
    handling_minutes = forms.FloatField(
        label=_("Minutes for one answer"), min_value=0.1, max_value=600, required=False, help_text=_("Empty: measured.")
    )
    target_minutes = forms.IntegerField(
        label=_("Begun within (minutes)"),
        min_value=1,
        max_value=7 * 24 * 60,
        required=False,
        help_text=_("Empty: as promised."),
    )
    share = forms.IntegerField(label=_("In this share of cases (%)"), min_value=1, max_value=99, required=False)
    shrinkage = forms.IntegerField(
        label=_("Lost on the way (%)"),
        min_value=0,
        max_value=90,
        required=False,
        help_text=_("Of the committed time: talks, breaks, sickness."),
    )
    factor = forms.IntegerField(label=_("Volume, in percent of today's"), min_value=1, max_value=2000, required=False)

    @property
    def assumes(self) -> bool:
        """Whether anything is said, or wrong, of what is measured otherwise."""
        names = ("handling_minutes", "target_minutes", "share", "shrinkage")
        return any(self[name].value() not in {None, ""} or self[name].errors for name in names)
