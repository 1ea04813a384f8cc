"""Forms of how members sign in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from roles.models import CustomRole, Organization, Role


class SecondFactorForm(forms.Form):
    """For which roles, built in or composed here, a second factor is asked."""

    roles = forms.MultipleChoiceField(
        label=_("Asked of"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("An authenticator app, a passkey or a security key. Nothing ticked: left to each person."),
    )

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        self.composed = {f"own-{row.pk}": row for row in CustomRole.objects.all()}
        asked = [key for key, row in self.composed.items() if row.needs_second_factor]
        kwargs.setdefault("initial", {"roles": [*organization.second_factor_roles, *asked]})
        super().__init__(*args, **kwargs)
        choices = [*Role.choices, *((key, row.name) for key, row in self.composed.items())]
        self.fields["roles"].choices = choices  # type: ignore[attr-defined]

    @property
    def chosen(self) -> dict[str, Any]:
        """What the action takes."""
        said = self.cleaned_data["roles"]
        return {
            "roles": [key for key in said if key in Role.values],
            "custom_roles": [self.composed[key] for key in said if key in self.composed],
        }
