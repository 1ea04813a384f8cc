"""Single sign-on: where an organization's people are known, and which of their groups are which roles."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from roles.models.people import Role
from roles.tenancy import Owned


class IdentityProvider(Owned):
    """Where an organization's people sign in; a session that begins there opens this organization and no other."""

    class Kind(models.TextChoices):
        OIDC = "openid_connect", _("OpenID Connect")
        SAML = "saml", _("SAML 2.0")

    name = models.CharField(_("name"), max_length=40)
    kind = models.CharField(_("kind"), max_length=14, choices=Kind, default=Kind.OIDC)
    is_active = models.BooleanField(_("switched on"), default=False)
    # OpenID Connect.
    issuer = models.URLField(_("issuer"), max_length=400, blank=True)
    client_id = models.CharField(_("client ID"), max_length=191, blank=True)
    sealed_secret = models.TextField(blank=True, editable=False)
    # SAML; what its metadata say is read anew where they stand at an address.
    metadata_url = models.URLField(_("address of its metadata"), max_length=400, blank=True)
    # Where it is given, metadata that it has not signed are not taken; several as with the other.
    metadata_certificate = models.TextField(
        _("certificate that signs the metadata"), max_length=20_000, blank=True, default=""
    )
    metadata_due_at = models.DateTimeField(null=True, editable=False)
    metadata_problem = models.CharField(max_length=300, blank=True, editable=False)
    entity_id = models.CharField(_("entity ID"), max_length=400, blank=True)
    sso_url = models.URLField(_("sign-in address"), max_length=400, blank=True)
    # Several where the provider is about to change its own.
    certificate = models.TextField(_("certificate"), max_length=20_000, blank=True)
    # Whose word it is taken for that an address belongs to a person.
    trusts_addresses = models.BooleanField(_("it verifies e-mail addresses"), default=False)
    domains = ArrayField(models.CharField(max_length=120), verbose_name=_("domains"), default=list, blank=True)
    groups_claim = models.CharField(_("claim with the groups"), max_length=200, blank=True)
    lets_join = models.BooleanField(_("lets people join"), default=False)
    # For all but owners: theirs is the emergency way in.
    is_only_way = models.BooleanField(_("passwords open nothing here"), default=False, db_default=False)
    changed_at = models.DateTimeField()

    class Meta(Owned.Meta):
        constraints = [models.UniqueConstraint(fields=["organization"], name="identity_provider_one")]
        indexes = [
            models.Index(
                fields=["metadata_due_at"],
                name="provider_metadata_due",
                condition=models.Q(metadata_due_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def key(self) -> str:
        """How sign-in addresses and linked accounts name it."""
        return f"organization-{self.organization_id}"

    @property
    def login_view(self) -> str:
        """The view at which signing in there begins."""
        return f"{self.kind}_login"


class GroupRole(Owned):
    """A role, built in or composed here, that everybody in a group of the provider holds."""

    provider = models.ForeignKey(IdentityProvider, models.CASCADE, related_name="group_roles")
    group = models.CharField(_("group"), max_length=200)
    role = models.CharField(_("role"), max_length=12, choices=Role, blank=True)
    custom_role = models.ForeignKey("roles.CustomRole", models.CASCADE, null=True, blank=True, related_name="+")
    department = models.ForeignKey("roles.Department", models.CASCADE, null=True, blank=True, related_name="+")

    class Meta(Owned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "group", "role", "custom_role", "department"],
                name="group_role_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return self.group

    @property
    def title(self) -> str:
        """What the role is called."""
        return str(self.custom_role) if self.custom_role is not None else self.get_role_display()
