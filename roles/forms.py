"""How forms look, and the forms of the team."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.forms.renderers import TemplatesSetting
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from roles.days import DayField
from roles.models import Absence, CustomRole, Department, Invitation, Member, Role, User
from roles.passwords import WHAT_IS_ASKED


class FormRenderer(TemplatesSetting):
    """Renders every form and field with the templates of the house."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"


@contextmanager
def refusals_in(form: forms.BaseForm, *also: type[Exception], beside: str | None = None) -> Iterator[None]:
    """Do what a form asks for; what the action refuses is shown there, and what would follow is left undone.

    `also` are other refusals than that of a value: they stand beside the field that is named, or above the form.
    """
    try:
        yield
    except ValidationError as problem:
        take_over(form, problem)
    except also as refusal:
        form.add_error(beside, str(refusal))


def take_over(form: forms.BaseForm, problem: ValidationError) -> None:
    """Show what an action refused beside the fields that it names, or above the form."""
    if not hasattr(problem, "error_dict"):
        form.add_error(None, problem)
        return
    for field, errors in problem.error_dict.items():
        form.add_error(field if field in form.fields else None, ValidationError(errors))


# As they are typed in one language or another.
COMMAS = re.compile("[,،、，]")


class WordsField(forms.CharField):
    """Several words in one line, separated by commas; each is kept once, in the order of typing."""

    def __init__(self, *, longest: int, lower: bool = False, **options: Any) -> None:
        super().__init__(**{"required": False, **options})
        self.longest, self.lower = longest, lower

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        text = super().clean(value)
        words = dict.fromkeys(word.strip() for word in COMMAS.split(text) if word.strip())
        kept = list(dict.fromkeys(word.lower() for word in words)) if self.lower else list(words)
        if too_long := next((word for word in kept if len(word) > self.longest), None):
            raise ValidationError(_("“%(word)s” is too long.") % {"word": too_long})
        return kept


class WhereField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not subscriptable when it runs
    """A department, or the whole organization."""

    def __init__(self, **options: Any) -> None:
        options = {
            "queryset": Department.objects.all(),
            "required": False,
            "empty_label": gettext_lazy("The whole organization"),
            "label": gettext_lazy("Department"),
            **options,
        }
        super().__init__(**options)


class RoleField(forms.ChoiceField):
    """A built-in role, or one that was composed here; cleaned, it is what an action takes for it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            **{"label": gettext_lazy("Role"), "choices": self.offered, "initial": Role.RESPONDER, **options}
        )

    @staticmethod
    def offered() -> list[tuple[Any, Any]]:
        """The built-in roles, then those composed here."""
        composed = [(f"own-{row.pk}", row.name) for row in CustomRole.objects.all()]
        return [*Role.choices, *([(gettext_lazy("Composed here"), composed)] if composed else [])]


class WithRole(forms.Form):
    """A form that asks for a role."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        kind, _dash, key = cleaned.get("role", "").partition("-")
        if kind == "own":
            cleaned |= {"role": "", "custom_role": CustomRole.objects.get(pk=key)}
        return cleaned


class InvitationForm(WithRole):
    """Whom to invite, into which position."""

    email = forms.EmailField(label=gettext_lazy("E-mail address"))
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120, required=False)
    role = RoleField()
    department = WhereField()

    def __init__(self, *args: Any, by: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["role"]
        assert isinstance(field, RoleField)
        if Role.OWNER not in by.roles:
            field.choices = [choice for choice in RoleField.offered() if choice[0] != Role.OWNER]


class JoinForm(forms.Form):
    """A new person's name and password."""

    name = forms.CharField(label=gettext_lazy("Your name"), max_length=120)
    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=WHAT_IS_ASKED,
    )

    def __init__(self, *args: Any, invitation: Invitation, **kwargs: Any) -> None:
        kwargs["initial"] = {"name": invitation.name}
        super().__init__(*args, **kwargs)
        self.invitation = invitation

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if password := cleaned.get("password"):
            user = User(email=self.invitation.email, name=cleaned.get("name", ""))
            try:
                validate_password(password, user)
            except ValidationError as problem:
                self.add_error("password", problem)
        return cleaned


class PositionForm(forms.Form):
    """How much and what a member takes on in a position."""

    capacity = forms.IntegerField(
        label=gettext_lazy("Capacity"),
        min_value=0,
        max_value=1000,
        initial=20,
        help_text=gettext_lazy("How many open assignments this person can carry."),
    )
    languages = WordsField(
        label=gettext_lazy("Languages"),
        longest=10,
        lower=True,
        help_text=gettext_lazy("Codes with commas between them: en, de, pt-br."),
    )
    skills = WordsField(
        label=gettext_lazy("Skills"), longest=40, help_text=gettext_lazy("With commas between them: billing, repairs.")
    )


def last_day(ends_at: datetime) -> date:
    """The last day on which something counts that ends at a moment, on the organization's wall."""
    return (timezone.localtime(ends_at) - timedelta(microseconds=1)).date()


def after_day(day: date | None, time_zone: str) -> datetime | None:
    """The moment at which a day is over on the organization's wall."""
    return datetime.combine(day + timedelta(days=1), time.min, ZoneInfo(time_zone)) if day else None


class HeldPositionForm(PositionForm):
    """A position that is held: also until when."""

    ends_on = DayField(
        label=gettext_lazy("Until and with"), required=False, help_text=gettext_lazy("Empty: until further notice.")
    )

    def with_end(self, ends_at: datetime | None, time_zone: str) -> dict[str, Any]:
        """What was said, with the moment of its end; that is as it was where nobody chose another day."""
        fields = dict(self.cleaned_data)
        ends_on = fields.pop("ends_on")
        if "ends_on" in self.changed_data:
            ends_at = after_day(ends_on, time_zone)
        return fields | {"ends_at": ends_at}


class NewPositionForm(PositionForm, WithRole):
    """A duty to give to a member, for good or from one day until another."""

    role = RoleField()
    department = WhereField()
    begins_on = DayField(label=gettext_lazy("From"), required=False, help_text=gettext_lazy("Empty: from now on."))
    ends_on = DayField(
        label=gettext_lazy("Until and with"), required=False, help_text=gettext_lazy("Empty: until further notice.")
    )
    field_order = ("role", "department", "capacity", "languages", "skills", "begins_on", "ends_on")

    def with_moments(self, time_zone: str) -> dict[str, Any]:
        """What was said, with the moments at which the days begin on the organization's wall."""
        fields = dict(self.cleaned_data)
        begins_on, ends_on = fields.pop("begins_on"), fields.pop("ends_on")
        zone = ZoneInfo(time_zone)
        fields["begins_at"] = datetime.combine(begins_on, time.min, zone) if begins_on else None
        fields["ends_at"] = after_day(ends_on, time_zone)
        return fields


class AwayForm(forms.Form):
    """From when and until when somebody is away."""

    begins_on = DayField(
        label=gettext_lazy("From"),
        required=False,
        help_text=gettext_lazy("Empty: from now on. A day to come: planned."),
    )
    until = DayField(
        label=gettext_lazy("Back on"),
        required=False,
        help_text=gettext_lazy("Leave it empty if you do not know yet."),
    )
    stand_in = forms.ModelChoiceField(
        label=gettext_lazy("Who stands in"),
        queryset=Member.objects.none(),
        required=False,
        empty_label=gettext_lazy("Whoever is there"),
        help_text=gettext_lazy("Gets what would have gone to this person, as far as they may and have room."),
    )

    def __init__(self, *args: Any, who: Member | None = None, planned: Absence | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "away_%s", **kwargs})
        self._moments = {"begins_on": planned.begins_at, "until": planned.ends_at} if planned is not None else {}
        for name, moment in self._moments.items():
            self.fields[name].required, self.fields[name].help_text = True, ""
            if moment is not None and (wall := timezone.localtime(moment).time()) != time.min:
                # A program can say part of a day; here days are said.
                said = _("At %(time)s. Another day counts from its beginning.")
                self.fields[name].help_text = said % {"time": time_format(wall, "TIME_FORMAT")}
        rows = Member.objects.active().exclude(pk=who.pk if who else 0).select_related("user").by_name()
        self.fields["stand_in"].queryset = rows  # type: ignore[attr-defined]

    def with_moments(self, time_zone: str) -> dict[str, Any]:
        """What was said, with the moments at which the days begin on the organization's wall."""
        zone = ZoneInfo(time_zone)
        return {
            "begins_at": self._moment("begins_on", zone),
            "ends_at": self._moment("until", zone),
            "stand_in": self.cleaned_data["stand_in"],
        }

    def _moment(self, name: str, zone: ZoneInfo) -> datetime | None:
        """The first moment of the day that was said; where that is the day of the moment that is planned, this one."""
        day, planned = self.cleaned_data[name], self._moments.get(name)
        if planned is not None and planned.astimezone(zone).date() == day:
            return planned
        return datetime.combine(day, time.min, zone) if day else None


class TrainingForm(forms.Form):
    """Until which day somebody is in training."""

    until = DayField(
        label=gettext_lazy("In training until"),
        required=False,
        help_text=gettext_lazy("Until then somebody else sees what they answer before it goes out. Empty: no more."),
    )


class NameForm(forms.Form):
    """One's own name."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=120, help_text=gettext_lazy("How colleagues see you.")
    )


class LanguageForm(forms.Form):
    """In which language one reads."""

    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        required=False,
        choices=lambda: [("", _("As the browser says")), *settings.LANGUAGES],
        help_text=gettext_lazy("Of pages and e-mails. What people wrote stays as they wrote it."),
    )


@cache
def time_zones() -> list[tuple[str, str]]:
    """Return the time zones that a person would choose, UTC first."""
    places = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/")))
    return [("UTC", "UTC"), *((zone, zone.replace("_", " ")) for zone in places)]


class OrganizationForm(forms.Form):
    """The settings of the organization."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"), choices=time_zones)
    response_minutes = forms.IntegerField(
        label=gettext_lazy("Response target in minutes"),
        min_value=1,
        max_value=60 * 24 * 30,
        help_text=gettext_lazy("Used where no routing rule says otherwise."),
    )


class DepartmentForm(forms.Form):
    """The name of a department."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)


class PartOfForm(forms.Form):
    """Of which other department a department is a part."""

    parent = WhereField(label=gettext_lazy("Part of"), empty_label=gettext_lazy("No other department"))

    def __init__(self, *args: Any, department: Department, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Department.objects.exclude(pk__in=[department.pk, *department.below])
        self.fields["parent"].queryset = rows  # type: ignore[attr-defined]


class AuditFilterForm(forms.Form):
    """Which entries of the audit log to show."""

    by = forms.ModelChoiceField(
        label=gettext_lazy("Person"), queryset=Member.objects.select_related("user").by_name(), required=False,
        empty_label=gettext_lazy("Anybody"),
    )  # fmt: skip
    verb = forms.ChoiceField(label=gettext_lazy("Did"), required=False)
    kind = forms.ChoiceField(label=gettext_lazy("To what"), required=False)

    def __init__(self, *args: Any, verbs: Iterable[tuple[str, str]], kinds: Iterable[tuple[str, str]]) -> None:
        super().__init__(*args)
        self.fields["verb"].choices = [("", _("Anything")), *verbs]  # type: ignore[attr-defined]
        self.fields["kind"].choices = [("", _("Anything")), *kinds]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> dict[str, str]:
        """The filters in force, as they stand in the address; what is not valid filters nothing."""
        self.is_valid()
        cleaned = self.cleaned_data
        member = cleaned.get("by")
        chosen = {"by": str(member.pk) if member else "", "verb": cleaned.get("verb"), "kind": cleaned.get("kind")}
        return {name: value for name, value in chosen.items() if value}
