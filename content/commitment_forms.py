"""What is filled in to promise a cadence."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from content.actions.commitments import MOST
from listening.models import Channel


class CommitmentForm(forms.Form):
    """How often a channel says something."""

    channel = forms.ModelChoiceField(label=_("Channel"), queryset=Channel.objects.none())
    per_week = forms.IntegerField(
        label=_("Times a week"), min_value=1, max_value=MOST, initial=1,
        help_text=_("What you can keep in a bad week too; this week counts already."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Channel.objects.filter(is_active=True).order_by("name", "pk")
        self.fields["channel"].queryset = rows  # type: ignore[attr-defined]
