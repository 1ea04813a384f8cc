"""Forms about judgements: topics, and what a person says of a mention."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from listening.languages import CODES
from listening.models import Correction, Mention, Topic
from roles.models import Department


class TopicForm(forms.Form):
    """What mentions can be about."""

    name = forms.CharField(label=_("Name"), max_length=120)
    description = forms.CharField(
        label=_("What belongs to it"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For people: when to give this topic, and when another."),
    )
    department = forms.ModelChoiceField(
        label=_("Department"),
        queryset=Department.objects.all(),
        required=False,
        empty_label=_("None in particular"),
        help_text=_("Whom it concerns."),
    )

    @staticmethod
    def values_of(topic: Topic) -> dict[str, Any]:
        """What the form shows of a topic."""
        return {"name": topic.name, "description": topic.description, "department": topic.department}


class MergeForm(forms.Form):
    """Into which topic another one goes."""

    into = forms.ModelChoiceField(label=_("Into"), queryset=Topic.objects.none(), empty_label=_("Choose a topic"))

    def __init__(self, *args: Any, topic: Topic, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["into"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Topic.objects.by_name().exclude(pk=topic.pk)


class LanguageForm(forms.Form):
    """In which language a mention is written."""

    language = forms.ChoiceField(choices=[(code, code) for code in sorted(CODES)])


class SentimentForm(forms.Form):
    """Whether a mention is negative, neutral or positive."""

    sentiment = forms.TypedChoiceField(choices=Mention.Sentiment.choices, coerce=int)


class TopicOfMentionForm(forms.Form):
    """What a mention is about; empty: none of the topics."""

    topic = forms.ModelChoiceField(queryset=Topic.objects.active(), required=False)


class TakeBackForm(forms.Form):
    """Which of the corrections is taken back."""

    kind = forms.ChoiceField(
        choices=[choice for choice in Correction.Kind.choices if choice[0] != Correction.Kind.STORY]
    )
