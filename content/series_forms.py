"""The form of a series."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from roles.forms import WhereField


class SeriesForm(forms.Form):
    """What it is called, and what its readers may expect; where it is written is said when it begins."""

    name = forms.CharField(label=_("Name"), max_length=120)
    promise = forms.CharField(
        label=_("What readers may expect"), max_length=2000, required=False,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        help_text=_("“Every other Friday: one repair, explained in five pictures.”"),
    )  # fmt: skip
    department = WhereField()

    def __init__(self, *args: Any, begun: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if begun:
            del self.fields["department"]
