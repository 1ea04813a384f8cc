"""The form of a review policy: what it is for, and whether that goes without review or who is asked."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from content.actions.review_policies import CONDITIONS, MOST_HOURS
from content.models import Piece, ReviewPolicy
from content.models.review_policies import USUAL_HOURS
from content.review_rules import REVIEW, Outsider, TimedStep, steps_of
from listening.models import Channel, Topic
from roles.models import Member
from roles.step_forms import STEPS, StepsForm

# A name, if there is one, and an address at the end of the line, with a comma or brackets or without.
OUTSIDER = re.compile(r"(?P<name>.*?)[\s,;<]*(?P<email>[^\s,;<>]+@[^\s,;<>]+)>?")


class OutsidersField(forms.CharField):
    """People outside, one on each line: name and address."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        return value if value is None or isinstance(value, str) else "\n".join(", ".join(one) for one in value)

    def clean(self, value: Any) -> tuple[Outsider, ...]:
        lines = [line.strip() for line in super().clean(value).splitlines()]
        return tuple(self._read(line) for line in lines if line)

    @staticmethod
    def _read(line: str) -> Outsider:
        found = OUTSIDER.fullmatch(line)
        email = found["email"].lower() if found else ""
        try:
            validate_email(email)
        except ValidationError as problem:
            said = _now("Write a name and an e-mail address: “%(line)s” has none.")
            raise ValidationError(said % {"line": line[:120]}) from problem
        return Outsider(" ".join(found["name"].split())[:120] if found and found["name"] else email, email)


class ReviewBaseForm(StepsForm):
    """Who is asked where no other policy says otherwise."""

    decides = REVIEW
    asks: ClassVar[tuple[str, ...]] = ("roles", "members", "outside")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in range(1, STEPS + 1):
            self.fields[f"hours_{number}"] = forms.IntegerField(
                label=_("Step %(n)s within (business hours)") % {"n": number},
                min_value=1,
                max_value=MOST_HOURS,
                initial=USUAL_HOURS,
                required=False,
            )
            self.fields[f"outside_{number}"] = OutsidersField(
                label=_("and these people outside, by mail"),
                max_length=2000,
                required=False,
                widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
                help_text=_("Legal or an agency without an account; on each line a name, a comma and an address."),
            )
        said = (*self.asks, "needs", "hours")
        self.order_fields([*self.base_fields, *(f"{one}_{n}" for n in range(1, STEPS + 1) for one in said)])

    def step(self, number: int) -> TimedStep:
        """One step as it was said."""
        said = super().step(number)
        hours = self.cleaned_data.get(f"hours_{number}") or USUAL_HOURS
        outside = self.cleaned_data.get(f"outside_{number}") or ()
        return TimedStep(said.policy_name, said.needs, said.roles, said.member_ids, hours, outside)

    @classmethod
    def values_of(cls, row: ReviewPolicy) -> dict[str, Any]:
        """What the form shows of a policy."""
        steps = steps_of(row)
        besides = {
            f"{name}_{number}": getattr(step, name)
            for number, step in enumerate(steps, 1)
            for name in ("hours", "outside")
        }
        return {name: getattr(row, name) for name in cls.base_fields} | cls.values_of_steps(steps) | besides


class ReviewPolicyForm(ReviewBaseForm):
    """For what it counts, and then either no review or other steps."""

    name = forms.CharField(label=_("Name"), max_length=120)
    kind = forms.ChoiceField(label=_("For the type"), choices=[("", _("Any")), *Piece.Kind.choices], required=False)
    channel = forms.ModelChoiceField(
        label=_("on the channel"), queryset=Channel.objects.all(), required=False, empty_label=_("Any")
    )
    author = forms.ModelChoiceField(
        label=_("by the author"), queryset=Member.objects.all(), required=False, empty_label=_("Any")
    )
    topic = forms.ModelChoiceField(
        label=_("about the topic"), queryset=Topic.objects.active().by_name(), required=False, empty_label=_("Any")
    )
    waives = forms.BooleanField(
        label=_("Goes out without review"),
        required=False,
        help_text=_("Else name below who is asked instead."),
    )
    is_active = forms.BooleanField(label=_("In force"), required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["author"].queryset = Member.objects.who_may("content.write").select_related("user").by_name()  # type: ignore[attr-defined]

    @property
    def steps(self) -> list[Any]:
        """The steps that name somebody; none where it goes without."""
        return [] if self.cleaned_data.get("waives") else super().steps

    def scope(self) -> ReviewPolicy:
        """What is said so far of what it is for, whether or not the rest is said rightly."""
        said = self.cleaned_data if self.is_bound and hasattr(self, "cleaned_data") else self.initial
        return ReviewPolicy(**{name: said.get(name) or ("" if name == "kind" else None) for name in CONDITIONS})
