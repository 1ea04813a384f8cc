"""What is filled in for a report: its name and period, its blocks, and to whom it is mailed when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from content.models import Campaign
from listening.models import Topic, TrackingQuery
from measurement.actions.report_addresses import TERMS
from measurement.blocks import BLOCKS
from measurement.forms import SIDES
from measurement.metrics import METRICS
from measurement.models.reports import LAST_DAY, Report
from measurement.only import PARTS, as_choice, choices, chosen, networks_by_label
from measurement.periods import PERIODS
from roles.forms import WhereField
from roles.models import Member

RHYTHMS = [("", _("Not by e-mail")), ("week", _("On days of the week")), ("month", _("On a day of the month"))]
# What somebody begins with who composes a report.
PROPOSED = ("sentences", "figures", "mentions", "network", "first-response", "kpis")
SPARE = 3


class ReportForm(forms.Form):
    """Its name and period, who looks after it, and to whom it is mailed when."""

    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("What you call it: “For the board”."))
    period = forms.ChoiceField(label=_("Period"), choices=PERIODS.items(), initial="month")
    side = forms.ChoiceField(label=_("Where"), choices=[("", _("As usual")), *SIDES], required=False)
    department = WhereField(help_text=_("With the departments below it."))
    network = forms.ChoiceField(label=_("Network"), required=False)
    query = forms.ModelChoiceField(
        label=_("Tracking query"), queryset=TrackingQuery.objects.order_by("name"), required=False,
        empty_label=_("All queries"),
    )  # fmt: skip
    topic = forms.ModelChoiceField(
        label=_("Topic"), queryset=Topic.objects.order_by("name"), required=False, empty_label=_("All topics")
    )
    campaign = forms.ModelChoiceField(
        label=_("Campaign"), queryset=Campaign.objects.newest_first(), required=False, empty_label=_("All campaigns")
    )
    owner = forms.ModelChoiceField(
        label=_("Who looks after it"), queryset=Member.objects.none(), required=False, empty_label=_("Nobody by name")
    )
    rhythm = forms.ChoiceField(label=_("Mailed"), choices=RHYTHMS, required=False)
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Days of the week"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple,
        choices=[(str(day), name) for day, name in WEEKDAYS.items()],
    )  # fmt: skip
    month_day = forms.IntegerField(
        label=_("Day of the month"), min_value=1, max_value=LAST_DAY, required=False,
        help_text=_("From 1 to 28, which every month has."),
    )  # fmt: skip
    at_time = forms.TimeField(
        label=_("At"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_("By the organization's clock."),
    )  # fmt: skip
    readers = forms.ModelMultipleChoiceField(
        label=_("To"), queryset=Member.objects.none(), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("Those who may read figures, as long as they want its mails and may read them."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        network = self.fields["network"]
        assert isinstance(network, forms.ChoiceField)
        network.choices = [("", _("All networks")), *networks_by_label()]
        readers = Member.objects.who_may("measurement.read").select_related("user").by_name()
        for name in ("owner", "readers"):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = readers

    @classmethod
    def of(cls, report: Report | None, *args: Any, member: Member) -> ReportForm:
        """The form of a report as it is, or of a new one."""
        if report is None:
            return cls(*args, initial={"owner": member, "at_time": "08:00", "weekdays": ["0"], "month_day": 1})
        initial = {name: getattr(report, name) for name in ("name", "period", "side", "owner", "month_day", "at_time")}
        rhythm = "week" if report.weekdays else "month" if report.month_day else ""
        readers = list(report.readers.wanting().values_list("member", flat=True))
        days = [str(day) for day in report.weekdays]
        return cls(*args, initial={**initial, **report.only, "rhythm": rhythm, "weekdays": days, "readers": readers})

    def clean(self) -> dict[str, Any]:
        """Keep what the rhythm asks for, and nothing beside it."""
        cleaned = super().clean() or {}
        rhythm = cleaned.pop("rhythm", "")
        if rhythm == "week" and not cleaned.get("weekdays") and "weekdays" not in self.errors:
            self.add_error("weekdays", _("Choose at least one day."))
        if rhythm == "month" and not cleaned.get("month_day") and "month_day" not in self.errors:
            self.add_error("month_day", _("Choose a day."))
        if rhythm != "week":
            cleaned["weekdays"] = []
        if rhythm != "month":
            cleaned["month_day"] = None
        if not rhythm:
            cleaned["at_time"] = None
        cleaned["readers"] = list(cleaned.get("readers") or ())
        cleaned["only"] = {part: value for part in PARTS if (value := cleaned.pop(part, None))}
        return cleaned


class BlockForm(forms.Form):
    """One block: what it shows, of which metric where it is about one, and its text where it has some."""

    kind = forms.ChoiceField(
        label=_("Block"), required=False, choices=[("", "–"), *((key, one.label) for key, one in BLOCKS.items())]
    )
    metric = forms.ChoiceField(label=_("Metric"), required=False)
    of = forms.ChoiceField(label=_("Only of"), required=False)
    text = forms.CharField(
        label=_("Text"), required=False, widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip

    def __init__(self, *args: Any, parts: Sequence[Any] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        metric, of = self.fields["metric"], self.fields["of"]
        assert isinstance(metric, forms.ChoiceField) and isinstance(of, forms.ChoiceField)
        of.choices = [("", "–"), *parts]
        told = {key for one in BLOCKS.values() for key in one.metrics}
        metric.choices = [("", "–"), *((key, row.label) for key, row in METRICS.items() if key in told)]


class _Blocks(forms.BaseFormSet):  # type: ignore[type-arg]  # not subscriptable when it runs
    """All blocks of a report, in their order."""

    def add_fields(self, form: forms.Form, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["ORDER"].label, form.fields["DELETE"].label = _("Place"), _("Leave it out")
        form.fields["ORDER"].widget.attrs["min"] = 1

    @cached_property
    def chosen(self) -> list[dict[str, Any]]:
        """What was chosen, in the order of the places that were typed."""
        rows = [form.cleaned_data for form in self.ordered_forms]
        return [
            {**{name: row.get(name, "") for name in ("kind", "metric", "text")}, "only": chosen(row.get("of", ""))}
            for row in rows if row.get("kind")
        ]  # fmt: skip


BlockForms = forms.formset_factory(BlockForm, formset=_Blocks, extra=SPARE, can_order=True, can_delete=True)


def block_forms(report: Report | None, data: Any = None) -> _Blocks:
    """The forms of a report's blocks, or of those that are proposed for a new one."""
    blocks: list[dict[str, Any]] = report.blocks if report else [{"kind": kind} for kind in PROPOSED]
    initial = [{**block, "of": as_choice(block.get("only", {}))} for block in blocks]
    return cast(_Blocks, BlockForms(data, initial=initial, prefix="block", form_kwargs={"parts": choices()}))


class AddressForm(forms.Form):
    """For how long anybody may read a report."""

    days = forms.TypedChoiceField(
        label=_("For how many days"), coerce=int, choices=[(days, days) for days in TERMS], initial=90
    )
