"""The form of an organization's identity provider."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from roles.actions.identity import CERTIFICATES, FIELDS, Mapped
from roles.forms import WordsField
from roles.models import CustomRole, Department, IdentityProvider, Role
from roles.provider_metadata import Unreadable, certificates, take

PARTS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (gettext_lazy("The provider"), ("name", "kind")),
    (gettext_lazy("OpenID Connect"), ("issuer", "client_id", "secret")),
    (gettext_lazy("SAML 2.0"), ("metadata", "metadata_certificate", "entity_id", "sso_url", "certificate")),
    (gettext_lazy("Who is known there"), ("domains", "trusts_addresses")),
    (gettext_lazy("Groups"), ("groups_claim", "groups", "lets_join")),
    (gettext_lazy("When it counts"), ("is_active", "is_only_way")),
)


class ProviderForm(forms.Form):
    """Where people sign in, whose word is taken for what, and which groups are which roles."""

    name = forms.CharField(
        label=gettext_lazy("Name on the button"), max_length=40, help_text=gettext_lazy("What your people call it.")
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=IdentityProvider.Kind.choices)
    issuer = forms.URLField(
        label=gettext_lazy("Issuer"), required=False, assume_scheme="https", max_length=400,
        help_text=gettext_lazy("OpenID Connect: the address below which /.well-known/openid-configuration is found."),
    )  # fmt: skip
    client_id = forms.CharField(label=gettext_lazy("Client ID"), required=False, max_length=191)
    secret = forms.CharField(
        label=gettext_lazy("Client secret"), required=False, max_length=400, strip=True,
        widget=forms.PasswordInput({"autocomplete": "off"}),
        help_text=gettext_lazy("Kept sealed and never shown. Empty: as it is."),
    )  # fmt: skip
    metadata = forms.CharField(
        label=gettext_lazy("Metadata"), required=False, max_length=1_000_000,
        widget=forms.Textarea({"rows": 2, "class": "code-input", "spellcheck": "false"}),
        help_text=gettext_lazy("Their address, which is then read twice a day, or the XML itself. Fills in the rest."),
    )  # fmt: skip
    metadata_certificate = forms.CharField(
        label=gettext_lazy("Certificate that signs the metadata"), required=False, max_length=20_000,
        widget=forms.Textarea({"rows": 2, "class": "code-input", "spellcheck": "false"}),
        help_text=gettext_lazy("With it only metadata that it signed are taken. Without: what https or you vouch for."),
    )  # fmt: skip
    entity_id = forms.CharField(label=gettext_lazy("Entity ID of the provider"), required=False, max_length=400)
    sso_url = forms.URLField(
        label=gettext_lazy("Sign-in address"), required=False, assume_scheme="https", max_length=400
    )
    certificate = forms.CharField(
        label=gettext_lazy("Certificate"), required=False, max_length=20_000,
        widget=forms.Textarea({"rows": 3, "class": "code-input", "spellcheck": "false"}),
        help_text=gettext_lazy("Where the provider is about to change its own: both, one below the other."),
    )  # fmt: skip
    domains = WordsField(
        label=gettext_lazy("Domains"), longest=120, lower=True,
        help_text=gettext_lazy("Only addresses at these sign in this way: example.org, example.com. Empty: all."),
    )  # fmt: skip
    trusts_addresses = forms.BooleanField(
        label=gettext_lazy("It verifies the addresses at these domains itself"), required=False,
        help_text=gettext_lazy("For providers that do not say so of each. Without it only verified ones count."),
    )  # fmt: skip
    groups_claim = forms.CharField(
        label=gettext_lazy("Claim or attribute with the groups"), required=False, max_length=200,
        help_text=gettext_lazy("Such as “groups”. Empty: positions are given here alone."),
    )  # fmt: skip
    groups = forms.CharField(
        label=gettext_lazy("Groups and roles"), required=False, strip=False,
        widget=forms.Textarea({"rows": 4, "class": "code-input", "spellcheck": "false"}),
        help_text=gettext_lazy("One line each: group = role, or group = role @ department. Never owner."),
    )  # fmt: skip
    lets_join = forms.BooleanField(
        label=gettext_lazy("Whoever is in such a group joins without an invitation"), required=False
    )
    is_active = forms.BooleanField(label=gettext_lazy("Switched on"), required=False)
    is_only_way = forms.BooleanField(
        label=gettext_lazy("Passwords open nothing here"), required=False,
        help_text=gettext_lazy("Except for owners: theirs is the emergency way in, and each use is written down."),
    )  # fmt: skip

    def parts(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The fields in parts, each with its heading."""
        return [(heading, [self[name] for name in names]) for heading, names in PARTS]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        said = cleaned.pop("metadata", "")
        is_address = said and said == self.initial.get("metadata") and cleaned.get("kind") == self.initial.get("kind")
        if is_address and any(cleaned.get(name) and self._is_new(name) for name in ("sso_url", "certificate")):
            # Whoever enters something else by hand does not want it overwritten by what stands at the address.
            said, is_address = "", False
        cleaned["metadata_url"] = said if is_address else ""
        if is_address and not (self._is_new("entity_id") or self._is_new("metadata_certificate")):
            # Known already, and read again by itself: whoever opens another way in must not wait for it.
            cleaned |= {name: self.initial[name] for name in ("sso_url", "certificate")}
        elif said and cleaned.get("kind") == IdentityProvider.Kind.SAML:
            try:
                signed_by = cleaned.get("metadata_certificate", "")
                cleaned |= asdict(take(said, entity_id=cleaned.get("entity_id", ""), signed_by=signed_by))
            except Unreadable as problem:
                self.add_error("metadata", str(problem))
        return cleaned

    def _is_new(self, name: str) -> bool:
        """Whether a field says something else than what is kept; how lines end is up to the browser."""
        said, known = self.cleaned_data.get(name, ""), self.initial.get(name) or ""
        return certificates(said) != certificates(known) if name in CERTIFICATES else said != known

    def clean_groups(self) -> list[Mapped]:
        roles = {name: role for role in Role for name in (role.value, str(role.label).casefold())}
        composed = {row.name.casefold(): row for row in CustomRole.objects.all()}
        departments = {row.name.casefold(): row for row in Department.objects.all()}
        found, problems = [], []
        for number, line in enumerate(self.cleaned_data["groups"].splitlines(), 1):
            if not line.strip():
                continue
            group, _equals, duty = (part.strip() for part in line.rpartition("="))
            title, _at, place = (part.strip().casefold() for part in duty.partition("@"))
            role, own, department = roles.get(title), composed.get(title), departments.get(place)
            if not group or (role is None and own is None) or (place and department is None):
                problems.append(
                    _("Line %(number)s: “%(line)s” names no role or department.")
                    % {"number": number, "line": line.strip()}
                )
            else:
                found.append(Mapped(group[:200], role.value if role else "", None if role else own, department))
        if problems:
            raise ValidationError(problems)
        return found

    @staticmethod
    def values_of(row: IdentityProvider) -> dict[str, Any]:
        """What the form shows of a provider."""
        mapped = row.group_roles.select_related("custom_role", "department").order_by("group", "pk")
        lines = (
            f"{one.group} = {one.custom_role or one.role}{f' @ {one.department}' if one.department else ''}"
            for one in mapped
        )
        return {name: getattr(row, name) for name in FIELDS} | {
            "groups": "\n".join(lines),
            "metadata": row.metadata_url,
        }
