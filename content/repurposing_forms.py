"""The form with which another piece is made of one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from content.models import Piece
from listening.models import Channel


class RepurposeForm(forms.Form):
    """What the other piece is called, and for which channels it is; those that have none of it stand chosen."""

    title = forms.CharField(label=_("Title"), max_length=200)
    channels = forms.ModelMultipleChoiceField(
        label=_("For which channels"), queryset=Channel.objects.none(), required=False,
        widget=forms.CheckboxSelectMultiple, help_text=_("More can be added later."),
    )  # fmt: skip

    def __init__(self, *args: Any, piece: Piece, **kwargs: Any) -> None:
        rows = Channel.objects.filter(is_active=True).order_by("name", "pk")
        kwargs["initial"] = {
            "channels": rows.exclude(variants__in=piece.variants.filter(is_dropped=False))
        } | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        self.fields["channels"].queryset = rows  # type: ignore[attr-defined]
