"""Forms of saved replies, approval policies and the crisis stop."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from engagement.models import ApprovalPolicy, RepetitionPolicy, SavedReply
from engagement.variables import VARIABLES
from listening import networks
from listening.languages import languages
from listening.models import Topic
from roles.models import Department, Member, Needs, Role
from roles.permissions import CAPABILITIES
from roles.steps import Step

STEPS = 3
APPROVERS = [(role.value, role.label) for role in Role if role in CAPABILITIES["engagement.approve"]]


def _fill_choices(form: forms.Form) -> None:
    """Offer the languages and the networks, where the form asks for them."""
    for name, choices in (
        ("language", languages()),
        ("network", networks.choices()),
    ):
        field = form.fields.get(name)
        if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
            field.choices = [("", _("Any")), *choices]


class SavedReplyForm(forms.Form):
    """A saved reply and for what it is meant."""

    title = forms.CharField(label=_("Title"), max_length=120)
    text = forms.CharField(label=_("Text"), max_length=4000, widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}))
    topic = forms.ModelChoiceField(
        label=_("For the topic"), queryset=Topic.objects.active().by_name(), required=False, empty_label=_("Any")
    )
    language = forms.ChoiceField(label=_("Written in"), required=False)
    network = forms.ChoiceField(label=_("For the network"), required=False)
    department = forms.ModelChoiceField(
        label=_("For the department"), queryset=Department.objects.all(), required=False, empty_label=_("Any")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _fill_choices(self)
        known = ", ".join(f"{{{name}}}" for name in VARIABLES)
        self.fields["text"].help_text = _(
            "Gaps that are filled: %(known)s. {author|there} says what stands where it is not known."
        ) % {"known": known}

    @staticmethod
    def values_of(row: SavedReply) -> dict[str, Any]:
        """What the form shows of a saved reply."""
        return {name: getattr(row, name) for name in SavedReplyForm.base_fields}


class RepetitionForm(forms.Form):
    """How often the same text may go out."""

    to_author_most = forms.IntegerField(
        label=_("Ask from so many times to the same author"), min_value=1, max_value=1000
    )
    to_author_days = forms.IntegerField(label=_("within so many days"), min_value=1, max_value=1000)
    across_most = forms.IntegerField(label=_("Ask from so many times to anybody"), min_value=1, max_value=1000)
    across_hours = forms.IntegerField(label=_("within so many hours"), min_value=1, max_value=1000)

    @staticmethod
    def values_of(row: RepetitionPolicy) -> dict[str, Any]:
        """What the form shows of the policy."""
        return {name: getattr(row, name) for name in RepetitionForm.base_fields}


class ApprovalPolicyForm(forms.Form):
    """Which replies, and who is asked, step by step; a step that names nobody is none."""

    name = forms.CharField(label=_("Name"), max_length=120)
    whose = forms.ChoiceField(label=_("Replies"), choices=ApprovalPolicy.Whose.choices)
    topic = forms.ModelChoiceField(
        label=_("about the topic"), queryset=Topic.objects.active().by_name(), required=False, empty_label=_("Any")
    )
    network = forms.ChoiceField(label=_("on the network"), required=False)
    department = forms.ModelChoiceField(
        label=_("of the department"), queryset=Department.objects.all(), required=False, empty_label=_("Any")
    )
    is_active = forms.BooleanField(label=_("In force"), required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _fill_choices(self)
        able = Member.objects.who_may("engagement.approve").select_related("user").by_name()
        people = [(str(member.pk), str(member)) for member in able]
        for number in range(1, STEPS + 1):
            self.fields[f"roles_{number}"] = forms.MultipleChoiceField(
                label=_("Step %(n)s asks these roles") % {"n": number}, choices=APPROVERS, required=False,
                widget=forms.CheckboxSelectMultiple,
            )  # fmt: skip
            self.fields[f"members_{number}"] = forms.MultipleChoiceField(
                label=_("and these people"),
                choices=people,
                required=False,
                widget=forms.SelectMultiple(attrs={"size": 4}),
            )
            self.fields[f"needs_{number}"] = forms.ChoiceField(
                label=_("and needs the yes of"), choices=Needs.choices, initial=Needs.ANY, required=False
            )

    @property
    def policy(self) -> dict[str, Any]:
        """The fields of the policy itself."""
        return {name: self.cleaned_data[name] for name in self.base_fields}

    @property
    def steps(self) -> list[Step]:
        """The steps that name somebody."""
        said = self.cleaned_data
        found = [
            Step(
                "", said.get(f"needs_{number}") or Needs.ANY, tuple(said.get(f"roles_{number}") or ()),
                tuple(int(key) for key in said.get(f"members_{number}") or ()),
            )
            for number in range(1, STEPS + 1)
        ]  # fmt: skip
        return [step for step in found if step.roles or step.member_ids]

    @staticmethod
    def values_of(row: ApprovalPolicy) -> dict[str, Any]:
        """What the form shows of a policy."""
        values = {name: getattr(row, name) for name in ApprovalPolicyForm.base_fields}
        for number, step in enumerate(row.steps.all(), 1):
            values |= {
                f"roles_{number}": step.roles,
                f"members_{number}": [str(key) for key in step.member_ids],
                f"needs_{number}": step.needs,
            }
        return values


class StopForm(forms.Form):
    """What stops, and why."""

    reason = forms.CharField(
        label=_("Why"), max_length=500, help_text=_("Everybody who writes reads it above their text.")
    )
    network = forms.ChoiceField(label=_("Only on the network"), required=False)
    department = forms.ModelChoiceField(
        label=_("Only for the department"), queryset=Department.objects.all(), required=False, empty_label=_("Any")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _fill_choices(self)
