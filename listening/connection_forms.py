"""Forms by which the organization is connected: made of what a network asks for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from listening.actions.connections import LONGEST_TYPED
from listening.connections.money import charges, thousandths_of
from listening.connections.words import Connectable
from listening.models import Connection
from listening.networks.connecting import Asked, OffersPlaces, Way
from listening.translating import translated

PREFIX = "asked_"


def _budget() -> forms.DecimalField:
    return forms.DecimalField(
        label=_("Budget for a month, in US dollars"), min_value=0, max_value=100_000, decimal_places=2, initial=10,
        help_text=_("Each call counts at its dearest price. Where the budget ends, nothing more is asked."),
    )  # fmt: skip


class ConnectForm(forms.Form):
    """What one way to connect asks for; a form that is shown again keeps all but the secrets."""

    name = forms.CharField(
        label=_("Name"),
        max_length=200,
        required=False,
        help_text=_("What it is called here. Empty: the name of the account."),
    )
    speaks = forms.BooleanField(
        label=_("Speak as this account"), required=False, initial=True,
        help_text=_("It can be chosen where something is answered."),
    )  # fmt: skip
    listens = forms.BooleanField(
        label=_("Listen to what is said to it"), required=False, initial=True,
        help_text=_("Its mentions, and whatever else the network offers, become sources at once."),
    )  # fmt: skip
    budget = _budget()

    def __init__(
        self, *args: Any, network: Connectable, way: Way, connection: Connection | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.way = way
        if connection is not None or not network.speaks:
            del self.fields["speaks"]
        if connection is not None or not isinstance(network.network, OffersPlaces):
            del self.fields["listens"]
        if connection is not None:
            del self.fields["name"]
        if connection is not None or way.signs_in or not charges(network.name):
            del self.fields["budget"]
        own = {PREFIX + asked.name: _field(asked, connection) for asked in way.asked}
        self.fields = own | self.fields

    @property
    def filled(self) -> dict[str, str]:
        """What was typed, by the names that the network gave."""
        return {asked.name: str(self.cleaned_data.get(PREFIX + asked.name, "")) for asked in self.way.asked}

    @property
    def wishes(self) -> dict[str, Any]:
        """What is to become of the connection."""
        names = ("name", "speaks", "listens")
        found: dict[str, Any] = {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}
        if "budget" in self.cleaned_data:
            found["budget"] = thousandths_of(self.cleaned_data["budget"])
        return found

    def refuse(self, problem: forms.ValidationError) -> None:
        """Show what was found wrong, at its field where it has one."""
        if not hasattr(problem, "error_dict"):
            self.add_error(None, problem)
            return
        for name, errors in problem.error_dict.items():
            self.add_error(PREFIX + name if PREFIX + name in self.fields else None, errors)


def _field(asked: Asked, connection: Connection | None) -> forms.CharField:
    attributes: dict[str, Any] = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}
    widget: forms.Widget = forms.TextInput(attributes)
    if asked.kind == "secret":
        widget = forms.PasswordInput(attributes | {"autocomplete": "new-password"})
    elif asked.kind == "address":
        widget = forms.TextInput(attributes | {"inputmode": "url"})
    initial = asked.initial
    if connection is not None and asked.kind == "address":
        initial = connection.server or initial
    return forms.CharField(
        label=asked.label, help_text=asked.help, required=asked.is_required, initial=initial, widget=widget,
        max_length=LONGEST_TYPED,
    )  # fmt: skip


class RenameConnectionForm(forms.Form):
    """What a connection is called here."""

    name = forms.CharField(label=_("Name"), max_length=200)


class BudgetForm(forms.Form):
    """What may be spent in a month."""

    budget = _budget()


class UseConnectionForm(forms.Form):
    """What can go through a connection: its account, and places that it offers and that are no source yet."""

    speaks = forms.BooleanField(label=_("Speak as this account"), required=False)
    places = forms.MultipleChoiceField(label=_("Listen to"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, connection: Connection, may_speak: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = self.fields["places"]
        assert isinstance(places, forms.MultipleChoiceField)
        taken = {source.place for source in connection.sources.all()}
        places.choices = [(place, translated(label)) for place, label in connection.offered if place not in taken]
        if not places.choices:
            del self.fields["places"]
        if not may_speak or connection.channels.all():
            del self.fields["speaks"]
