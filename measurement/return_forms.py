"""What is filled in for KPIs and assumptions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from measurement.actions.returns import WORTH
from measurement.aims import Aim
from measurement.metrics import METRICS
from measurement.models import Assumption, Kind
from roles.days import DayField
from roles.forms import WhereField
from roles.models import Member

LARGEST_FILE = 800_000
OF_WHAT = {
    "captured": _("mention"),
    "assigned": _("assignment"),
    "answers": _("answered assignment"),
    "resolutions": _("resolved assignment"),
    "replies": _("reply written"),
}


class KpiForm(forms.Form):
    """Which metric matters, of which kind, what it should be, and who answers for it."""

    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("What you call it: “Answers within the hour”."))
    kind = forms.ChoiceField(label=_("Kind"), choices=Kind.choices)
    metric = forms.ChoiceField(label=_("Metric"))
    target = forms.FloatField(
        label=_("Target"),
        help_text=_("Per cent, minutes, an amount or a number, as the metric is. Whether more or less is good is a"
                    " matter of the metric."),
    )  # fmt: skip
    owner = forms.ModelChoiceField(
        label=_("Who answers for it"),
        queryset=Member.objects.active().select_related("user").by_name(),
        empty_label="–",
    )
    department = WhereField()

    def __init__(self, *args: Any, is_new: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        metric = self.fields["metric"]
        assert isinstance(metric, forms.ChoiceField)
        metric.choices = [(key, row.label) for key, row in METRICS.items() if not row.place]
        if not is_new:
            del self.fields["department"]

    def clean(self) -> dict[str, Any]:
        """Take the target in the unit of the metric."""
        cleaned = super().clean() or {}
        if cleaned.get("target") is not None and cleaned.get("metric") in METRICS:
            cleaned["target"] = Aim(cleaned["metric"]).taken(cleaned["target"])
        return cleaned


class AssumptionForm(forms.Form):
    """What something costs or brings in, from which day, and how we know."""

    about = forms.ChoiceField(label=_("What"), choices=Assumption.About.choices)
    amount = forms.DecimalField(label=_("Amount"), min_value=0, max_digits=12, decimal_places=2)
    currency = forms.CharField(label=_("Currency"), max_length=3, help_text=_("Three letters, such as EUR."))
    metric = forms.ChoiceField(
        label=_("Each of what"), required=False, help_text=_("Only where each one brings in or saves something.")
    )
    kind = forms.ChoiceField(
        label=_("Kind"), required=False, choices=[("", "–"), *Kind.choices], help_text=_("Only of what comes back.")
    )
    first_day = DayField(label=_("From"))
    last_day = DayField(
        label=_("Until"),
        required=False,
        help_text=_("Empty: until further notice. What came in needs both days."),
    )
    source = forms.CharField(label=_("How we know"), max_length=300)
    department = WhereField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        metric = self.fields["metric"]
        assert isinstance(metric, forms.ChoiceField)
        metric.choices = [("", "–"), *((key, OF_WHAT[key]) for key in WORTH)]


class PaybackFileForm(forms.Form):
    """A CSV file of what came in, or its lines pasted."""

    file = forms.FileField(label=_("CSV file"), required=False, widget=forms.FileInput({"accept": ".csv,text/csv"}))
    text = forms.CharField(
        label=_("Or paste the lines"), required=False, strip=False,
        widget=forms.Textarea({"rows": 6, "class": "code-input", "spellcheck": "false"}),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Take the letters of the file, or those that were pasted."""
        cleaned = super().clean() or {}
        if file := cleaned.get("file"):
            if file.size > LARGEST_FILE:
                raise ValidationError(_now("The file is too large."))
            try:
                cleaned["text"] = file.read().decode("utf-8-sig")
            except UnicodeDecodeError:
                raise ValidationError(_now("Save the file as CSV in UTF-8; its letters cannot be read so.")) from None
        if not cleaned.get("text", "").strip():
            raise ValidationError(_now("Choose a file, or paste its lines."))
        return cleaned
