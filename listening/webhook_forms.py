"""Forms of webhooks, for pages and API alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from django import forms
from django.utils.translation import gettext_lazy as _

from listening.models import InboundWebhook, OutboundWebhook
from listening.networks.webhook.explaining import Found
from listening.networks.webhook.mapping import FIELDS, LONGEST_EXPRESSION
from listening.webhooks.telling import EVENTS, TEST
from roles.models import Department

LABELS = {
    "posts": _("The list of posts"),
    "id": _("ID"),
    "text": _("Text"),
    "title": _("Title"),
    "url": _("Address"),
    "author_id": _("Author’s ID"),
    "author_handle": _("Author’s handle"),
    "author_name": _("Author’s name"),
    "published_at": _("Published"),
    "language": _("Language"),
    "in_reply_to": _("ID of the post it answers"),
    "conversation": _("ID of the conversation"),
    "deleted": _("True where it was deleted"),
}


class InboundWebhookForm(forms.Form):
    """An address that a program sends posts to."""

    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("What sends here, such as “Shop reviews”."))
    department = forms.ModelChoiceField(
        label=_("Department"), queryset=Department.objects.all(), required=False, empty_label=_("None in particular")
    )
    is_internal = forms.BooleanField(label=_("Internal: never to be answered in public"), required=False)
    is_signed = forms.BooleanField(
        label=_("What comes is signed (Standard Webhooks)"),
        required=False,
        initial=True,
        help_text=_("Without a signature whoever knows the address can send posts here."),
    )


class MappingForm(forms.Form):
    """Where each thing stands in what the program sends."""

    def __init__(self, *args: Any, row: InboundWebhook, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {**FIELDS, **row.mapping})
        super().__init__(*args, **kwargs)
        attrs = {"autocomplete": "off", "spellcheck": "false", "class": "mono", "dir": "ltr"}
        for name in FIELDS:
            self.fields[name] = forms.CharField(
                label=LABELS[name], required=False, max_length=LONGEST_EXPRESSION, widget=forms.TextInput(attrs=attrs)
            )
        self.fields["posts"].help_text = _("Empty where the whole body is one post, or a list of posts.")


class MappingRow(NamedTuple):
    """One thing of a mention: the field that says where it stands, and what stands there in what came last."""

    field: forms.BoundField
    found: Found | None


def rows_of(form: MappingForm, found: Mapping[str, Found]) -> list[MappingRow]:
    """Return the fields of a mapping, each with what it finds."""
    return [MappingRow(form[name], found.get(name)) for name in FIELDS]


class OutboundWebhookForm(forms.Form):
    """An address that is told what happens here."""

    name = forms.CharField(label=_("Name"), max_length=120)
    url = forms.CharField(
        label=_("Address"), max_length=2000, widget=forms.URLInput(attrs={"autocomplete": "off", "dir": "ltr"})
    )
    events = forms.MultipleChoiceField(label=_("What it is told"), widget=forms.CheckboxSelectMultiple)
    is_active = forms.BooleanField(label=_("Active"), required=False, initial=True)

    def __init__(self, *args: Any, row: OutboundWebhook | None = None, **kwargs: Any) -> None:
        if row is not None:
            kwargs.setdefault("initial", {name: getattr(row, name) for name in ("name", "url", "events", "is_active")})
        super().__init__(*args, **kwargs)
        field = self.fields["events"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(event.name, event.label) for event in EVENTS.values() if event.name != TEST]
        if row is None:
            del self.fields["is_active"]
