"""What a coach fills in: an attestation, and what is to be open before its level."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from maturity.showing import lockable
from roles.capability_words import LABELS
from roles.days import DayField
from roles.models import Department, Level, Member
from roles.permissions import decide
from roles.tenancy import active_organization


class AttestationForm(forms.Form):
    """Where something is done, how one knows, and until when that counts."""

    department = forms.ModelChoiceField(label=_("Where"), queryset=Department.objects.none(), required=False)
    note = forms.CharField(
        label=_("How we know"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What was done, by whom, when; so that somebody else can see it too."),
    )
    lapses_on = DayField(
        label=_("Counts until"),
        help_text=_("Then it is to be attested again. A year at most; a quarter is a good habit."),
    )

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["department"]
        assert isinstance(field, forms.ModelChoiceField)
        whole = bool(decide(member, "maturity.attest", active_organization()))
        mine = [key for key in member.reach if key is not None]
        field.queryset = Department.objects.all() if whole else Department.objects.filter(pk__in=mine)
        field.required = not whole
        field.empty_label = str(_("The whole organization")) if whole else None


class OpeningForm(forms.Form):
    """What is to be open before its level, and why."""

    capability = forms.ChoiceField(label=_("What"))
    reason = forms.CharField(
        label=_("Why"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Kept, and shown to everybody on this page."),
    )

    def __init__(self, *args: Any, level: Level, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(name, LABELS[name]) for name in lockable(level)]
        self.fields["capability"].choices = choices  # type: ignore[attr-defined]
