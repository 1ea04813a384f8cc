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
from roles.models import Department
from roles.step_forms import StepsForm
from roles.wording import listed


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
        known = listed(f"{{{name}}}" for name in VARIABLES)
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
        label=_("Ask from this many times to the same author"), min_value=1, max_value=1000
    )
    to_author_days = forms.IntegerField(label=_("within this many days"), min_value=1, max_value=1000)
    across_most = forms.IntegerField(label=_("Ask from this many times to anybody"), min_value=1, max_value=1000)
    across_hours = forms.IntegerField(label=_("within this many hours"), min_value=1, max_value=1000)

    @staticmethod
    def values_of(row: RepetitionPolicy) -> dict[str, Any]:
        """What the form shows of the policy."""
        return {name: getattr(row, name) for name in RepetitionForm.base_fields}


class ApprovalPolicyForm(StepsForm):
    """Which replies, and who is asked, step by step; a step that names nobody is none."""

    decides = "engagement.approve"
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

    @staticmethod
    def values_of(row: ApprovalPolicy) -> dict[str, Any]:
        """What the form shows of a policy."""
        values = {name: getattr(row, name) for name in ApprovalPolicyForm.base_fields}
        return values | StepsForm.values_of_steps(row.steps.all())


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
