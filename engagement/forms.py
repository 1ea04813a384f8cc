"""Forms of engagement."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from engagement.models import RoutingRule
from engagement.models.rules import Priority
from listening.languages import languages
from listening.matching import QueryError, parse
from listening.models import Mention, Source, Topic, TrackingQuery
from listening.networks import all_networks
from roles.models import Department


class RoutingRuleForm(forms.Form):
    """A routing rule: when what is stated holds, then it goes there."""

    name = forms.CharField(label=_("Name"), max_length=120)
    query = forms.ModelChoiceField(
        label=_("When this query matched"), queryset=TrackingQuery.objects.none(), required=False, empty_label=_("Any")
    )
    source = forms.ModelChoiceField(
        label=_("and it came from"), queryset=Source.objects.none(), required=False, empty_label=_("Anywhere")
    )
    network = forms.ChoiceField(label=_("and the network is"), required=False)
    language = forms.ChoiceField(label=_("and it is written in"), required=False)
    sentiment = forms.TypedChoiceField(
        label=_("and it sounds"),
        required=False,
        choices=[("", _("Any")), *Mention.Sentiment.choices],
        coerce=int,
        empty_value=None,
    )
    topic = forms.ModelChoiceField(
        label=_("and it is about"),
        queryset=Topic.objects.none(),
        required=False,
        empty_label=_("Any"),
        help_text=_("Given by a person or suggested by the machine."),
    )
    words = forms.CharField(
        label=_("and it says"),
        max_length=1000,
        required=False,
        help_text=_("In the language of tracking queries, such as: broken OR “does not work”."),
        widget=forms.TextInput(attrs={"spellcheck": "false", "dir": "auto"}),
    )
    department = forms.ModelChoiceField(
        label=_("then it goes to"), queryset=Department.objects.none(), empty_label=None
    )
    priority = forms.TypedChoiceField(
        label=_("as"), choices=Priority.choices, coerce=int, initial=Priority.NORMAL.value
    )
    response_minutes = forms.IntegerField(
        label=_("to be answered within (minutes)"),
        min_value=1,
        max_value=60 * 24 * 30,
        required=False,
        help_text=_("Empty: as the response target says that applies there."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows: dict[str, Any] = {
            "query": TrackingQuery.objects.order_by("name"),
            "source": Source.objects.by_name(),
            "topic": Topic.objects.active().by_name(),
            "department": Department.objects.all(),
        }
        for name, queryset in rows.items():
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = queryset
        network = self.fields["network"]
        assert isinstance(network, forms.ChoiceField)
        language = self.fields["language"]
        assert isinstance(language, forms.ChoiceField)
        language.choices = [("", _("Any")), *languages()]
        network.choices = [("", _("Any")), *((known.name, known.label) for known in all_networks())]

    def clean_words(self) -> str:
        words = str(self.cleaned_data["words"]).strip()
        if words:
            try:
                parse(words)
            except QueryError as problem:
                raise forms.ValidationError(str(problem)) from problem
        return words

    @staticmethod
    def values_of(rule: RoutingRule) -> dict[str, Any]:
        """What the form shows of a rule."""
        return {name: getattr(rule, name) for name in RoutingRuleForm.base_fields}
