"""The form of a role that is composed here."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from roles.capability_words import LABELS
from roles.granting import may_give
from roles.models import CustomRole, Member
from roles.permissions import CAPABILITIES

AREAS = {
    "listening": _("Listening"),
    "engagement": _("Engagement"),
    "content": _("Content"),
    "measurement": _("Measurement"),
    "maturity": _("Playbook"),
    "roles": _("Team"),
}


class CustomRoleForm(forms.Form):
    """A role's name, and what its holders may do; what one cannot give is not offered."""

    name = forms.CharField(label=_("Name"), max_length=80)
    description = forms.CharField(label=_("What for"), max_length=300, required=False)
    capabilities = forms.MultipleChoiceField(label=_("Its holders may"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, by: Member, role: CustomRole | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = set(role.capabilities) if role else set()
        areas: dict[str, list[tuple[str, Any]]] = {area: [] for area in AREAS}
        for name in CAPABILITIES:
            if name in held or may_give(by, [name], department=None):
                areas[name.split(".")[0]].append((name, LABELS[name]))
        choices = [(AREAS[area], rows) for area, rows in areas.items() if rows]
        self.fields["capabilities"].choices = choices  # type: ignore[attr-defined]
