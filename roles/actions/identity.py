"""Single sign-on: configured by an owner, and whom it lets in as what."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from roles import provider_metadata
from roles.actions.people import give_position, take_position
from roles.audit import record
from roles.housekeeping import METADATA_EVERY
from roles.models import CustomRole, Department, GroupRole, IdentityProvider, Member, Organization, Position, Role, User
from roles.permissions import allowed
from roles.provider_metadata import Metadata
from roles.sealing import seal

FIELDS = (
    "name", "kind", "is_active", "issuer", "client_id", "metadata_url", "metadata_certificate", "entity_id", "sso_url",
    "certificate",
    "trusts_addresses", "domains", "groups_claim", "lets_join", "is_only_way",
)  # fmt: skip
CERTIFICATES = ("certificate", "metadata_certificate")
# What metadata say, and a person may enter by hand instead.
OF_METADATA = ("entity_id", "sso_url", "certificate")
# What says who answers for the people there: with another one, nobody is who they were.
WHOSE = ("kind", "issuer", "client_id", "entity_id")
MOST_GROUPS = 100


class NotLetIn(Exception):
    """Whoever signed in elsewhere is not let in here; `str()` is the reason that they read."""


@dataclass(frozen=True)
class Said:
    """What the provider says of who signed in there."""

    email: str
    is_verified: bool
    name: str = ""
    groups: Collection[str] = ()


@dataclass(frozen=True)
class Mapped:
    """A group, and the role that everybody in it holds."""

    group: str
    role: str = ""
    custom_role: CustomRole | None = None
    department: Department | None = None


@allowed("roles.manage_sign_in")
@transaction.atomic
def set_provider(
    organization: Organization, /, *, secret: str = "", by: Member | None, at: datetime, **fields: Any
) -> IdentityProvider:
    """Say where the organization's people sign in; an empty secret leaves the one that is kept."""
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    row = IdentityProvider.objects.first() or IdentityProvider(organization=organization)
    before, was = _facts(row), _whose(row)
    fields = {name: _tidy(name, said) if name in CERTIFICATES else said for name, said in fields.items()}
    is_by_hand = any(name in fields and fields[name] != getattr(row, name) for name in OF_METADATA)
    for name in FIELDS:
        if name in fields:
            setattr(row, name, fields[name])
    if is_by_hand and "metadata_url" not in fields:
        # Whoever enters something else by hand does not want it overwritten by what stands at the address.
        row.metadata_url = ""
    row.domains = [domain.strip().lower().lstrip("@") for domain in row.domains if domain.strip()]
    if secret:
        row.sealed_secret = seal(secret)
    row.metadata_url = row.metadata_url if row.kind == IdentityProvider.Kind.SAML else ""
    row.metadata_due_at = at + METADATA_EVERY if row.metadata_url else None
    row.changed_at, row.metadata_problem = at, ""
    row.full_clean(exclude=["organization"])
    _complete(row)
    row.save()
    Organization.objects.filter(pk=organization.pk).update(asks_provider=row.is_active and row.is_only_way)
    if _is_another(was, _whose(row)):
        SocialAccount.objects.filter(provider=row.key).delete()
    after = _facts(row) | ({"secret": "changed"} if secret else {})
    if after != before:
        record("set_provider", row, by=by, at=at, before=before, after=after)
    return row


class _Whose(NamedTuple):
    """What says who answers for the people at a provider."""

    names: tuple[str, ...]
    metadata_url: str
    certificates: frozenset[str]


def _whose(row: IdentityProvider) -> _Whose:
    names = tuple(str(getattr(row, name)) for name in WHOSE)
    return _Whose(names, row.metadata_url, frozenset(provider_metadata.certificates(row.certificate)))


def _is_another(was: _Whose, now: _Whose) -> bool:
    """Whether somebody else answers now. A provider changes its certificate by naming both for a while."""
    if was.names != now.names:
        return True
    follows = bool(was.certificates & now.certificates) or was.metadata_url == now.metadata_url != ""
    return was.certificates != now.certificates and not follows


def _tidy(name: str, certificate: str) -> str:
    try:
        return provider_metadata.tidy(certificate)
    except provider_metadata.Unreadable as problem:
        raise ValidationError({name: str(problem)}) from problem


def renew_metadata(provider: IdentityProvider, *, at: datetime) -> bool:
    """Read a provider's metadata again at their address; returns whether they say something new.

    Where they cannot be read, what is known stays, and the page says what is wrong. The application acts.
    """
    try:
        found = provider_metadata.take(
            provider.metadata_url, entity_id=provider.entity_id, signed_by=provider.metadata_certificate
        )
        problem = "" if found.entity_id == provider.entity_id else _("These metadata name another provider now.")
    except provider_metadata.Unreadable as why:
        problem = str(why)
    if problem:
        IdentityProvider.objects.filter(pk=provider.pk).update(metadata_problem=problem[:300])
        return False
    return _take_metadata(provider, found, at=at)


@transaction.atomic
def _take_metadata(provider: IdentityProvider, found: Metadata, *, at: datetime) -> bool:
    row = IdentityProvider.objects.select_for_update(of=("self",)).get(pk=provider.pk)
    if row.metadata_url != found.metadata_url:
        return False  # changed by a person meanwhile
    before = {"sso_url": row.sso_url, "certificate": row.certificate}
    row.sso_url, row.certificate, row.metadata_problem = found.sso_url, found.certificate, ""
    row.save(update_fields=["sso_url", "certificate", "metadata_problem"])
    after = {"sso_url": row.sso_url, "certificate": row.certificate}
    if after != before:
        record("renew_metadata", row, by=None, at=at, before=before, after=after)
    return after != before


def _complete(row: IdentityProvider) -> None:
    needed = {
        IdentityProvider.Kind.OIDC: ("issuer", "client_id", "sealed_secret"),
        IdentityProvider.Kind.SAML: ("entity_id", "sso_url", "certificate"),
    }[IdentityProvider.Kind(row.kind)]
    missing = [name for name in needed if not getattr(row, name)]
    if row.is_active and missing:
        name = "secret" if missing[0] == "sealed_secret" else missing[0]
        raise ValidationError({name: _("This is needed before it can be switched on.")})
    if row.trusts_addresses and not row.domains:
        raise ValidationError({"domains": _("Say for which domains it verifies addresses.")})


def _facts(row: IdentityProvider) -> dict[str, Any]:
    return {name: getattr(row, name) for name in FIELDS} if row.pk else {}


@allowed("roles.manage_sign_in")
@transaction.atomic
def map_groups(provider: IdentityProvider, *, groups: Sequence[Mapped], by: Member | None, at: datetime) -> None:
    """Say which groups are which roles; it counts from each person's next sign-in on. Nobody becomes owner so."""
    if len(groups) > MOST_GROUPS:
        raise ValidationError(_("At most %(most)s lines.") % {"most": MOST_GROUPS})
    if any(one.role == Role.OWNER for one in groups):
        raise ValidationError(_("Owners are made by owners, not by a group."))
    before = _mapped(provider)
    provider.group_roles.all().delete()
    GroupRole.objects.bulk_create(
        GroupRole(
            provider=provider, group=one.group, role=one.role, custom_role=one.custom_role, department=one.department
        )
        for one in dict.fromkeys(groups)
    )
    if (after := _mapped(provider)) != before:
        record("map_groups", provider, by=by, at=at, before={"groups": before}, after={"groups": after})


def _mapped(provider: IdentityProvider) -> list[str]:
    rows = provider.group_roles.select_related("custom_role", "department").order_by("group", "pk")
    return [f"{row.group} = {row.title}{f' @ {row.department}' if row.department else ''}" for row in rows]


@transaction.atomic
def recognise(provider: IdentityProvider, *, user: User | None, said: Said, at: datetime) -> Member:
    """Return the member who signed in at the provider, with the positions that their groups give; the application acts.

    `user` is who was linked before; others are known by an address that somebody answers for. Raises NotLetIn.
    """
    member = _linked(user) if user is not None else _by_address(provider, said, at=at)
    if member is None:
        raise NotLetIn(
            _("%(email)s is not a member of %(organization)s. Ask an owner to invite you.")
            % {"email": said.email, "organization": provider.organization}
        )
    if not member.is_active:
        raise NotLetIn(_("You have left %(organization)s.") % {"organization": provider.organization})
    _follow_groups(provider, member, said.groups, at=at)
    return member


def _linked(user: User) -> Member | None:
    return Member.objects.filter(user=user).select_related("user", "organization").first()


def _by_address(provider: IdentityProvider, said: Said, *, at: datetime) -> Member | None:
    email = said.email.strip().lower()
    domain = email.rpartition("@")[2]
    if not email:
        raise NotLetIn(_("Your provider did not say which e-mail address is yours."))
    if provider.domains and domain not in provider.domains:
        raise NotLetIn(_("Addresses at %(domain)s do not sign in this way.") % {"domain": domain})
    if not said.is_verified and not provider.trusts_addresses:
        raise NotLetIn(_("Your provider does not say that %(email)s was verified.") % {"email": email})
    member = Member.objects.filter(user__email=email).select_related("user", "organization").first()
    if member is not None or not provider.lets_join or not _wanted(provider, said.groups):
        return member
    user = User.objects.filter(email=email).first() or User.objects.create_user(email, None, name=said.name[:120])
    if not user.is_active:
        return None
    member = Member.objects.create(user=user, joined_at=at)
    record("join_by_sign_in", member, by=None, at=at, after={"provider": str(provider)})
    return member


def _wanted(provider: IdentityProvider, groups: Collection[str]) -> list[GroupRole]:
    rows = provider.group_roles.filter(group__in=list(groups)[:500]) if groups else GroupRole.objects.none()
    return list(rows.select_related("custom_role", "department"))


def _follow_groups(provider: IdentityProvider, member: Member, groups: Collection[str], *, at: datetime) -> None:
    """Give what the groups give and take what they gave before and give no more; what a person gave stays."""
    if not provider.groups_claim:
        return
    wanted = {(row.role, row.custom_role_id, row.department_id): row for row in _wanted(provider, groups)}
    held = list(Position.objects.filter(member=member).select_related("custom_role", "department", "member__user"))
    for position in held:
        duty = (position.role, position.custom_role_id, position.department_id)
        if position.is_of_group and duty not in wanted:
            take_position(position, by=None, at=at)
        wanted.pop(duty, None)
    for row in wanted.values():
        given = give_position(
            member, role=row.role, custom_role=row.custom_role, department=row.department, by=None, at=at
        )
        Position.objects.filter(pk=given.pk).update(is_of_group=True)
