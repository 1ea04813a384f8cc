"""Channels of our own, as a person names them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class ChannelForm(forms.Form):
    """What a channel of our own is called, and where one posts there by hand."""

    name = forms.CharField(label=_("Name"), max_length=200)
    url = forms.URLField(
        label=_("Where to post there"), max_length=2000, required=False, assume_scheme="https",
        help_text=_("The page on which a person posts by hand."),
    )  # fmt: skip

    def __init__(self, *args: Any, has_address: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if not has_address:
            del self.fields["url"]
