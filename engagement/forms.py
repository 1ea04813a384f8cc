"""Forms of engagement."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from engagement.models import AssignmentPolicy, ResponseTarget, RoutingRule, SavedReply
from engagement.models.rules import Priority
from listening import networks
from listening.languages import languages
from listening.models import Mention, Topic
from roles.days import MomentField
from roles.models import Department, Member


class RoutingRuleForm(forms.Form):
    """What a routing rule does; its condition is written in the editor beside it."""

    # Few rules say anything of these: they fold until one does.
    RARE = (
        "target", "response_minutes", "needs_approval", "saved_reply", "consult_question", "consult_member",
        "consult_department", "valid_from", "valid_until",
    )  # fmt: skip

    name = forms.CharField(label=_("Name"), max_length=120)
    department = forms.ModelChoiceField(
        label=_("It goes to"),
        queryset=Department.objects.all(),
        required=False,
        empty_label=_("No department: it only settles what is said below"),
    )
    member = forms.ModelChoiceField(
        label=_("Given to"),
        queryset=Member.objects.who_may("engagement.claim").select_related("user").by_name(),
        required=False,
        empty_label=_("Whom the assignment policy chooses"),
        help_text=_("A person gets it when they are here and have room; otherwise the policy chooses."),
    )
    priority = forms.TypedChoiceField(
        label=_("As"),
        required=False,
        choices=[("", _("Left open")), *Priority.choices],
        coerce=int,
        empty_value=None,
        initial=Priority.NORMAL.value,
    )
    target = forms.ModelChoiceField(
        label=_("Response target"),
        queryset=ResponseTarget.objects.order_by("name"),
        required=False,
        empty_label=_("The one that applies there"),
    )
    response_minutes = forms.IntegerField(
        label=_("To be answered within (minutes)"),
        min_value=1,
        max_value=60 * 24 * 365,
        required=False,
        help_text=_("Empty: left open; in the end as the response target says that applies there."),
    )
    topic = forms.ModelChoiceField(
        label=_("It is about"), queryset=Topic.objects.active().by_name(), required=False, empty_label=_("Left open")
    )
    needs_approval = forms.BooleanField(label=_("Replies to it need approval"), required=False)
    saved_reply = forms.ModelChoiceField(
        label=_("Saved reply to suggest"),
        queryset=SavedReply.objects.in_use().by_title(),
        required=False,
        empty_label=_("Whichever fits best"),
    )
    consult_question = forms.CharField(
        label=_("Ask the booth at once"),
        max_length=2000,
        required=False,
        widget=forms.Textarea({"rows": 2, "dir": "auto"}),
        help_text=_("A question that goes out with each assignment. The answer stands beside the composer."),
    )
    consult_member = forms.ModelChoiceField(
        label=_("Of whom"),
        queryset=Member.objects.active().filter(positions__isnull=False).distinct().by_name(),
        required=False,
        empty_label=_("Nobody by name"),
    )
    consult_department = forms.ModelChoiceField(
        label=_("Or of the booth of"), queryset=Department.objects.all(), required=False, empty_label=_("None")
    )
    goes_on = forms.BooleanField(
        label=_("Ask the later rules too"),
        required=False,
        help_text=_("They settle what this rule leaves open. Otherwise this rule is the last that is asked."),
    )
    valid_from = MomentField(
        label=_("Valid from"), required=False, widget=forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M")
    )
    valid_until = MomentField(
        label=_("Valid until"), required=False, widget=forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M")
    )

    @property
    def says_rare(self) -> bool:
        """Whether anything is said, or wrong, in what folds otherwise."""
        return any(self[name].value() or self[name].errors for name in self.RARE)

    @staticmethod
    def values_of(rule: RoutingRule) -> dict[str, Any]:
        """What the form shows of a rule."""
        return {name: getattr(rule, name) for name in RoutingRuleForm.base_fields}


class AssignmentPolicyForm(forms.ModelForm):  # type: ignore[type-arg]
    """How work finds a person."""

    class Meta:
        model = AssignmentPolicy
        fields = ("languages", "skills", "prefers_seen", "sticks_days", "share_hours", "on_call_takes",
                  "escalation_minutes", "escalates_in_business_hours")  # fmt: skip


class HandOverForm(forms.Form):
    """To whom what somebody has is handed over."""

    to = forms.ModelChoiceField(
        label=_("To"), queryset=Member.objects.none(), required=False, empty_label=_("Whom the policy chooses")
    )
    note = forms.CharField(label=_("Note"), max_length=500, required=False)

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        able = Member.objects.who_may("engagement.claim")
        field = self.fields["to"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = able.exclude(pk=member.pk).select_related("user").order_by("user__name", "pk")


class TriedMentionForm(forms.Form):
    """A mention that nobody wrote, to be tried on the rules."""

    text = forms.CharField(label=_("What it says"), max_length=5000, widget=forms.Textarea({"rows": 3, "dir": "auto"}))
    network = forms.ChoiceField(label=_("Network"))
    handle = forms.CharField(label=_("Author's handle"), max_length=300, required=False)
    language = forms.ChoiceField(label=_("Language"), required=False, help_text=_("Empty: as the machine judges it."))
    sentiment = forms.TypedChoiceField(
        label=_("Sentiment"),
        required=False,
        choices=[("", _("As the machine judges it")), *Mention.Sentiment.choices],
        coerce=int,
        empty_value=None,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        network, language = self.fields["network"], self.fields["language"]
        assert isinstance(network, forms.ChoiceField) and isinstance(language, forms.ChoiceField)
        network.choices = networks.choices()
        language.choices = [("", _("As the machine judges it")), *languages()]
