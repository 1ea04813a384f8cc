"""The box in which people write a search; what is wrong with it is shown at its place."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from listening.matching import QueryError
from listening.searching.search import Search


class SearchInput(forms.TextInput):
    """A search box."""

    input_type = "search"


class SearchField(forms.CharField):
    """Words, and everything else that tracking queries can say; cleans to a `Search`, or None where it is empty."""

    widget = SearchInput

    def __init__(self, **kwargs: Any) -> None:
        kwargs = {"label": _("Search"), "required": False, "max_length": 1000, **kwargs}
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return Search(text)
        except QueryError as problem:
            place = {"position": problem.position, "length": problem.length}
            raise forms.ValidationError(str(problem), code="unreadable", params=place) from problem


def at_the_place(text: str, position: int, length: int) -> tuple[str, str, str]:
    """Return the text before, at and after the place that is wrong."""
    end = position + max(length, 1)
    return text[:position], text[position:end] or "␣", text[end:]
