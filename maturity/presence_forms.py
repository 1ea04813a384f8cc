"""What is filled in for a place of the inventory."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from listening.models import Source
from listening.networks import all_networks, label_of
from listening.venues import told
from maturity.inventory import key_of, newest_map
from maturity.models import Presence
from roles.forms import WhereField
from roles.models import Member


class PresenceForm(forms.Form):
    """Where, of which kind, and who looks after it."""

    kind = forms.ChoiceField(label=_("Which is it?"), choices=Presence.Kind.choices, widget=forms.RadioSelect)
    name = forms.CharField(
        label=_("Name"), max_length=120, help_text=_("What you call it: “our account at the forum”.")
    )
    address = forms.CharField(label=_("Address"), max_length=500, required=False, help_text=_("https://…"))
    place = forms.ChoiceField(
        label=_("In which place of the venue map"), required=False, help_text=_("So that it stands beside it.")
    )
    member = forms.ModelChoiceField(
        label=_("Who looks after it, or speaks there"),
        queryset=Member.objects.active().select_related("user").by_name(),
        required=False,
        empty_label=_("Nobody by name"),
    )
    department = WhereField()
    note = forms.CharField(label=_("What for"), max_length=300, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place = self.fields["place"]
        assert isinstance(place, forms.ChoiceField)
        drawn = newest_map()
        named = {key_of(venue): venue.name for venue in (told(drawn.content) if drawn else []) if venue.name}
        named |= {f"network:{network.name}": label_of(network.name) for network in all_networks()}
        if (given := self.initial.get("place")) and given not in named:
            named[given] = self.initial.get("place_name") or given
        place.choices = [("", _("none of these")), *named.items()]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        kind, _colon, key = cleaned.pop("place", "").partition(":")
        cleaned["network"] = key if kind == "network" else ""
        cleaned["source"] = Source.objects.filter(pk=key).first() if kind == "source" else None
        return cleaned
