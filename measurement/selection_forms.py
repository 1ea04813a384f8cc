"""What may be asked of the pages that show all figures, or one of them in depth; every filter is in the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Self

from django import forms
from django.core.exceptions import ValidationError
from django.utils import formats
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from content.models import Campaign
from listening.models import Topic, TrackingQuery
from measurement.forms import SpanForm
from measurement.only import networks_by_label
from measurement.selecting import Selection, usual_side
from measurement.windows import Window
from roles.days import DayField
from roles.forms import WhereField
from roles.models import Department
from roles.tenancy import active_organization
from roles.wording import listed

LENGTHS = (7, 30, 90, 180, 365)
BEFORE, YEAR = "before", "year"
# What is chosen by its key.
KEYS = ("department", "query", "topic", "campaign")
EARLIEST, LATEST = date(2000, 1, 1), date(8999, 12, 31)


class SelectionForm(SpanForm):
    """Days, a side and a part of everything, and what it is laid beside."""

    days = forms.TypedChoiceField(label=_("Days"), coerce=int, required=False)
    department = WhereField()
    network = forms.ChoiceField(label=_("Network"), required=False)
    query = forms.ModelChoiceField(
        label=_("Tracking query"),
        queryset=TrackingQuery.objects.order_by("name"),
        required=False,
        empty_label=_("All queries"),
    )
    topic = forms.ModelChoiceField(
        label=_("Topic"), queryset=Topic.objects.order_by("name"), required=False, empty_label=_("All topics")
    )
    campaign = forms.ModelChoiceField(
        label=_("Campaign"), queryset=Campaign.objects.newest_first(), required=False, empty_label=_("All campaigns")
    )
    beside = forms.ChoiceField(label=_("Beside"), required=False)
    since = DayField(label=_("Beside as many days from"), required=False, input_formats=["%Y-%m-%d"])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["from"].label, self.fields["to"].label = _("From"), _("To")
        for name in ("from", "to"):
            self.fields[name].widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        self.fields["of"].label = _("Where")
        self._choices("days", [("", "–"), *((str(days), _now("%(n)s days") % {"n": days}) for days in LENGTHS)])
        rows = list(Department.objects.order_by("name"))
        self._choices("network", [("", _("All networks")), *networks_by_label()])
        others = [(f"department-{row.pk}", str(row)) for row in rows]
        self._choices("beside", [(BEFORE, _("the days before")), (YEAR, _("the same days a year before")), *others])

    @classmethod
    def of_address(cls, asked: Mapping[str, Any], *, at: datetime) -> Self:
        """What an address asks for; where it says nothing thirty days of the usual side, and the form says so."""
        data = {name: asked.get(name, "") for name in (*cls.base_fields, "from", "to") if asked.get(name)}
        data.setdefault("of", usual_side(at))
        if not data.keys() & {"days", "from", "to"}:
            data["days"] = "30"
        return cls(data)

    @property
    def is_narrowed(self) -> bool:
        """Whether more is asked for than so many days, or something that cannot be."""
        asked = self.cleaned_data if self.is_valid() else {}
        parts = ("from", "department", "network", "query", "topic", "campaign", "beside", "since")
        return bool(self.errors) or any(asked.get(name) for name in parts)

    def selection(self, at: datetime) -> Selection:
        """What was asked for; thirty days of the usual side where it makes no sense."""
        asked = self.cleaned_data if self.is_valid() else {}
        window = self.window() if asked else None
        zone = active_organization().zone
        keys = {name: asked[name].pk for name in KEYS if asked.get(name)}
        return Selection(
            window or Window.up_to(at, days=asked.get("days") or 30, zone=zone),
            asked.get("of") or usual_side(at),
            network=asked.get("network") or "",
            **keys,
        )

    def other(self, selection: Selection) -> Selection | None:
        """What it is laid beside; none: as many days before."""
        if not self.is_valid():
            return None
        asked, since, window = self.cleaned_data.get("beside", ""), self.cleaned_data.get("since"), selection.window
        if since:
            # Other days, and a department beside another where one is named too.
            selection = selection.on(Window(since, since + timedelta(days=window.days - 1), window.zone))
        elif asked == YEAR:
            return selection.on(Window(_year_before(window.first), _year_before(window.last), window.zone))
        if asked.startswith("department-"):
            return replace(selection, department=int(asked.removeprefix("department-")))
        return selection if since else None

    def clean_since(self) -> date | None:
        """Refuse days of which nobody can know anything."""
        since: date | None = self.cleaned_data["since"]
        if since and not EARLIEST <= since <= LATEST:
            raise ValidationError(_now("A day between 2000 and 8999."))
        return since

    def said_beside(self) -> str:
        """What it is laid beside, in a word or two."""
        asked, since = (self.cleaned_data.get(name) if self.is_valid() else None for name in ("beside", "since"))
        known = dict(self.fields["beside"].choices)  # type: ignore[attr-defined]
        words = [str(known[asked])] if asked and not (since and asked in {BEFORE, YEAR}) else []
        if since:
            words.append(_now("as many days from %(day)s") % {"day": formats.date_format(since)})
        return listed(words) or str(_("the days before"))

    def said(self) -> list[str]:
        """Put the filters into words."""
        if not self.is_valid():
            return []
        words = super().said()
        return words + [str(self.cleaned_data[name]) for name in KEYS if self.cleaned_data[name]]

    def _choices(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


class AnnotationForm(forms.Form):
    """What happened, and when."""

    title = forms.CharField(label=_("What happened"), max_length=120, help_text=_("Such as “Spring catalogue sent”."))
    first_day = DayField(label=_("Day"))
    last_day = DayField(label=_("Until"), required=False, help_text=_("Where it went on for some days."))
    department = WhereField()
    note = forms.CharField(label=_("Note"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3}))


class VoicesForm(forms.Form):
    """Which queries stand for us, and which for competitors."""

    ours = forms.ModelMultipleChoiceField(
        label=_("We"),
        queryset=TrackingQuery.objects.order_by("name"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    theirs = forms.ModelMultipleChoiceField(
        label=_("Competitors"), queryset=TrackingQuery.objects.order_by("name"), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip


def _year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def days_in_words(window: Window) -> str:
    """From which day to which."""
    first, last = formats.date_format(window.first), formats.date_format(window.last)
    return first if first == last else str(_("%(first)s to %(last)s") % {"first": first, "last": last})
