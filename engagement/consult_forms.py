"""Forms of consults."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from engagement.actions.consults import ANSWER_LIMIT, QUESTION_LIMIT
from engagement.models import Assignment
from engagement.suggesting import suggested_for
from roles.models import Member, Role
from roles.wording import listed


class ConsultForm(forms.Form):
    """What to ask, of whom, and who is asked if they do not answer."""

    question = forms.CharField(
        label=_("What do you want to know?"),
        max_length=QUESTION_LIMIT,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        help_text=_("They see this, and below it what is shown here of the mention."),
    )
    to = forms.ModelMultipleChoiceField(
        label=_("Whom do you ask?"), queryset=Member.objects.none(), widget=forms.CheckboxSelectMultiple
    )
    needs_all = forms.BooleanField(
        label=_("Wait for all of them"), required=False, help_text=_("Otherwise the first answer is enough.")
    )
    deputy = forms.ModelChoiceField(
        label=_("Who is asked if they do not answer?"),
        queryset=Member.objects.none(),
        required=False,
        empty_label=_("Nobody: it comes back to me"),
    )

    def __init__(self, *args: Any, assignment: Assignment, by: Member, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = Member.objects.active().filter(positions__isnull=False).exclude(pk=by.pk).distinct()
        people = people.with_positions()
        rows = list(people.by_name())
        keys = [member.pk for member in rows]
        by_key = {member.pk: member for member in rows}
        why = {key: words for key, words in suggested_for(assignment, at=at).items() if key in by_key}
        rest = [member for member in rows if member.pk not in why]
        in_booth = [member for member in rest if Role.BOOTH in _roles_of(member)]
        others = [member for member in rest if member not in in_booth]
        for name in ("to", "deputy"):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = Member.objects.filter(pk__in=keys)
        known = [by_key[key] for key in why]
        groups: list[Any] = [
            (label, [(member.pk, _with_note(member, why.get(member.pk, ""))) for member in found])
            for label, found in ((_("May know it first-hand"), known), (_("Booth"), in_booth), (_("Others"), others))
            if found
        ]
        self.fields["to"].choices = groups  # type: ignore[attr-defined]
        self.fields["deputy"].choices = [("", self.fields["deputy"].empty_label), *groups]  # type: ignore[attr-defined]


def _roles_of(member: Member) -> set[str]:
    return {position.role for position in member.positions.all()}


def _with_note(member: Member, why: str) -> str:
    skills = sorted({skill for position in member.positions.all() for skill in position.skills})[:4]
    notes = [*([why] if why else skills), *([str(_("away"))] if member.is_away else [])]
    return f"{member} ({listed(notes)})" if notes else str(member)


class AnswerForm(forms.Form):
    """One text box."""

    text = forms.CharField(
        label=_("Your answer"),
        max_length=ANSWER_LIMIT,
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
        help_text=_("It is for your colleague, who writes the reply; nothing of it goes out by itself."),
    )


class ConsultPolicyForm(forms.Form):
    """When people are reminded, and when the deputy is asked."""

    remind_after_minutes = forms.IntegerField(label=_("Remind after (minutes)"), min_value=1, max_value=60 * 24 * 30)
    replace_after_minutes = forms.IntegerField(
        label=_("Ask the deputy after (minutes)"),
        min_value=2,
        max_value=60 * 24 * 60,
        help_text=_("Where no deputy is named, the question goes back to who asked."),
    )
    in_business_hours = forms.BooleanField(label=_("Count business hours only"), required=False)
