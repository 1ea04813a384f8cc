"""What a coach fills in for the huddle."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from maturity.models import HuddleEntry
from roles.forms import WhereField


class HuddleForm(forms.Form):
    """Something for the other coaches."""

    kind = forms.ChoiceField(label=_("Kind"), choices=HuddleEntry.Kind.choices)
    text = forms.CharField(
        label=_("What there is to tell"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        help_text=_("So that a coach of another department can use it."),
    )
    department = WhereField(empty_label=_("All departments"))
