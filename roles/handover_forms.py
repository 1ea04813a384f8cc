"""Who gets what somebody hands over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from roles.belongings import Belonging, Thing
from roles.models import Member

NOBODY = "nobody"


class HandOverForm(forms.Form):
    """One person for everything, or another for a kind of thing."""

    to = forms.ModelChoiceField(
        label=gettext_lazy("Everything goes to"),
        queryset=Member.objects.none(),
        required=False,
        empty_label=gettext_lazy("Say it for each below"),
    )
    note = forms.CharField(label=gettext_lazy("Note"), max_length=500, required=False)
    leaves = forms.BooleanField(label=gettext_lazy("Then they leave the organization"), required=False)

    def __init__(
        self,
        *args: Any,
        who: Member,
        found: Sequence[tuple[Belonging, Sequence[Thing]]],
        may_leave: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.found = [kind for kind, _things in found]
        others = Member.objects.active().exclude(pk=who.pk).select_related("user")
        self.fields["to"].queryset = others.by_name()  # type: ignore[attr-defined]
        if not may_leave:
            del self.fields["leaves"]
        able: dict[str, list[tuple[str, str]]] = {}
        for kind in self.found:
            if kind.capability not in able:
                rows = Member.objects.who_may(kind.capability).exclude(pk=who.pk).by_name().named()
                able[kind.capability] = [(str(row.pk), row.name) for row in rows]
            choices = [("", _("As above")), *able[kind.capability]]
            if kind.with_nobody:
                choices.append((NOBODY, str(kind.with_nobody)))
            self.fields[f"to_{kind.name}"] = forms.ChoiceField(label=_("These go to"), choices=choices, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        everything = cleaned.get("to")
        keys = {value for name, value in cleaned.items() if name.startswith("to_") and value not in {"", NOBODY}}
        people = {str(row.pk): row for row in Member.objects.with_positions().filter(pk__in=keys)} if keys else {}
        self.recipients: dict[str, Member | None] = {}
        for kind in self.found:
            said = cleaned.get(f"to_{kind.name}", "")
            recipient = people.get(said) if said else everything
            if recipient is None and said != NOBODY and not (kind.with_nobody and not said):
                self.add_error(f"to_{kind.name}", _("Say who gets these."))
            elif recipient is not None and not recipient.holds(kind.capability):
                self.add_error(f"to_{kind.name}", _("%(name)s may not have these.") % {"name": recipient})
            self.recipients[kind.name] = recipient
        return cleaned
