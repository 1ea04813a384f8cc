"""The few reads that must look across organizations: sign-in, invitations, tokens, background sweeps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from itertools import chain
from typing import TYPE_CHECKING, Any

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import connection, models
from django.utils.translation import gettext as _

from roles.models import (
    ApiToken,
    CustomRole,
    Department,
    IdempotencyKey,
    IdentityProvider,
    Invitation,
    Mail,
    Member,
    Organization,
    Position,
)
from roles.models.access import digest
from roles.rows import as_read
from roles.sealing import Unsealable, is_sealed, is_under_newest, resealed, seal
from roles.tenancy import Owned, acting_for

if TYPE_CHECKING:
    from roles.models import User


def membership(user: Any, slug: str) -> Member | None:
    """Return the user's active membership in the organization at this address, with positions in the same query."""
    found = _held(_MEMBERSHIP, [user.pk, slug])
    return found[0] if found else None


def token_for(key: str) -> ApiToken | None:
    """Return the live token with this key; its member, positions and organization in the same query."""
    found = _held(_TOKEN, [digest(key)], token=ApiToken)
    if found is None:
        return None
    member, values = found
    return as_read(ApiToken, values["token"], member=member, organization=member.organization)


# By hand: every page asks the one and every call the other, and to build the question took half the time of a page
# without rows. The names are those of the models.
_MEMBER = """
    FROM roles_member AS member
    JOIN roles_user AS person ON person.id = member.user_id
    JOIN roles_organization AS organization ON organization.id = member.organization_id
    LEFT JOIN roles_position AS held ON held.member_id = member.id
        AND (held.ends_at IS NULL OR held.ends_at > now())
    LEFT JOIN roles_department AS department ON department.id = held.department_id
    LEFT JOIN roles_customrole AS composed ON composed.id = held.custom_role_id
"""
_MEMBERSHIP = f"""{_MEMBER}
    WHERE member.user_id = %s AND organization.slug = %s AND member.is_active AND person.is_active
    ORDER BY held.id
"""
_TOKEN = f"""{_MEMBER}
    JOIN roles_apitoken AS token ON token.member_id = member.id AND token.organization_id = member.organization_id
    WHERE token.key_digest = %s AND token.revoked_at IS NULL AND member.is_active AND person.is_active
    ORDER BY held.id
"""


def _held(where: str, values: list[Any], **more: type[Owned]) -> tuple[Member, dict[str, dict[str, Any]]] | None:
    columns, parts = _columns(tuple(more.items()))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} {where}", values)
        rows = [{part: dict(zip(names, row[at], strict=True)) for part, at, names in parts} for row in cursor]
    if not rows:
        return None
    organization = as_read(Organization, rows[0]["organization"])
    who = as_read(get_user_model(), rows[0]["person"])
    member = as_read(Member, rows[0]["member"], user=who, organization=organization)
    member.held_positions = [_position(row, member) for row in rows if row["held"]["id"] is not None]
    return member, rows[0]


def _position(row: dict[str, dict[str, Any]], member: Member) -> Position:
    organization = member.organization
    is_in_one = row["department"]["id"] is not None
    department = as_read(Department, row["department"], organization=organization) if is_in_one else None
    is_composed = row["composed"]["id"] is not None
    role = as_read(CustomRole, row["composed"], organization=organization) if is_composed else None
    related = {"member": member, "department": department, "custom_role": role, "organization": organization}
    return as_read(Position, row["held"], **related)


@cache
def _columns(more: tuple[tuple[str, type[Owned]], ...]) -> tuple[str, list[tuple[str, slice, list[str]]]]:
    models: dict[str, Any] = {
        "member": Member, "person": get_user_model(), "organization": Organization, "held": Position,
        "department": Department, "composed": CustomRole, **dict(more),
    }  # fmt: skip
    columns: list[str] = []
    parts = []
    for part, model in models.items():
        fields = model._meta.concrete_fields
        parts.append((part, slice(len(columns), len(columns) + len(fields)), [field.attname for field in fields]))
        columns += [f"{part}.{field.column}" for field in fields]
    return ", ".join(columns), parts


def memberships(user: User) -> list[Member]:
    """Return all active memberships of a user, by the organizations' names."""
    rows = Member.everywhere.select_related("organization", "user").filter(user=user, is_active=True)
    return list(rows.order_by("organization__name"))


def invitation_for(token: str) -> Invitation | None:
    """Return the invitation that this link names, open or not."""
    return (
        Invitation.everywhere.select_related("organization", "department", "custom_role", "invited_by__user")
        .filter(token_digest=digest(token))
        .first()
    )


def identity_providers() -> list[IdentityProvider]:
    """Return the providers that are switched on, of all organizations; there is one at most for each."""
    return list(IdentityProvider.everywhere.filter(is_active=True).select_related("organization").order_by("pk"))


METADATA_EVERY = timedelta(hours=12)

_CLAIM_METADATA = """
UPDATE roles_identityprovider SET metadata_due_at = %(next)s
WHERE metadata_due_at <= %(at)s AND is_active RETURNING id
"""


def claim_metadata(at: datetime) -> list[IdentityProvider]:
    """Claim the providers whose metadata are to be read again; nobody else reads them before the next time."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM_METADATA, {"at": at, "next": at + METADATA_EVERY})
        keys = [key for (key,) in cursor.fetchall()]
    return list(IdentityProvider.everywhere.filter(pk__in=keys).select_related("organization").order_by("pk"))


def each_organization() -> Iterator[Organization]:
    """Act for one organization after the other."""
    for organization in Organization.objects.order_by("pk"):
        with acting_for(organization):
            yield organization


def forget_old_idempotency_keys(before: datetime) -> int:
    """Remove remembered answers that nobody will ask for again; returns how many."""
    return IdempotencyKey.everywhere.filter(created_at__lt=before).delete()[0]


def has_account(email: str) -> bool:
    """Whether somebody signs in with this address, in whatever organization."""
    from roles.models import User

    return User.objects.filter(email=email, is_active=True).exists()


# Time enough to hand out another key; a token that lives no longer than this is not told of.
TOLD_BEFORE = timedelta(days=14)

_WITH_TERMS = """
SELECT organization_id FROM roles_plannedposition WHERE begins_at <= %(at)s
UNION SELECT organization_id FROM roles_position WHERE ends_at <= %(at)s
UNION SELECT organization_id FROM roles_absence WHERE begins_at <= %(at)s AND NOT is_begun
UNION SELECT organization_id FROM roles_member WHERE away_until <= %(at)s AND is_away AND is_active
UNION SELECT organization_id FROM roles_apitoken WHERE end_told_at IS NULL AND revoked_at IS NULL
    AND ends_at > %(at)s AND ends_at <= %(soon)s AND created_at <= ends_at - (%(soon)s - %(at)s)
"""


def organizations_with_terms(*, at: datetime) -> list[Organization]:
    """Return those where a position or an absence begins or ends, or an API token ends before long."""
    with connection.cursor() as cursor:
        cursor.execute(_WITH_TERMS, {"at": at, "soon": at + TOLD_BEFORE})
        keys = [key for (key,) in cursor.fetchall()]
    return list(Organization.objects.filter(pk__in=keys).order_by("pk"))


MAIL_LEASE = timedelta(seconds=120)

_CLAIM_MAIL = """
WITH died AS (
    -- Whoever held it stopped while sending: it may have gone out, and is not sent again by itself.
    UPDATE roles_mail SET state = 'unknown', lease_until = NULL, lease_key = '', problem = %(died)s
    WHERE state = 'sending' AND lease_until <= %(at)s
)
UPDATE roles_mail SET state = 'sending', lease_until = %(until)s, lease_key = gen_random_uuid()::text,
    attempts = attempts + 1
WHERE id = (
    SELECT id FROM roles_mail WHERE state = 'ready' AND next_attempt_at <= %(at)s
    ORDER BY next_attempt_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING id
"""


def claim_mail(at: datetime) -> Mail | None:
    """Claim the e-mail that is due first, of whatever organization; nobody else gets it while the lease lasts."""
    died = _("The worker that sent it stopped on the way, so it may have gone out.")
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM_MAIL, {"at": at, "until": at + MAIL_LEASE, "died": died})
        row = cursor.fetchone()
    return Mail.everywhere.select_related("member__user", "organization").get(pk=row[0]) if row else None


def doubt_mails(at: datetime) -> int:
    """Leave to the owners whether what is due is sent, since it may have gone out unknown to us; returns how many."""
    why = _("It was due when the database was brought back, so it may have gone out.")
    rows = Mail.everywhere.filter(state=Mail.State.READY, next_attempt_at__lte=at)
    return rows.update(state=Mail.State.UNKNOWN, problem=why)


def settle_mail(
    mail: Mail, *, state: str, at: datetime, problem: str = "", next_attempt_at: datetime | None = None
) -> bool:
    """Write what became of a claimed e-mail; returns whether the claim was still held."""
    held = Mail.everywhere.filter(pk=mail.pk, state=Mail.State.SENDING, lease_key=mail.lease_key)
    return bool(
        held.update(
            state=state,
            problem=problem[:500],
            sent_at=at if state == Mail.State.SENT else None,
            next_attempt_at=next_attempt_at or at,
            lease_until=None,
            lease_key="",
        )
    )


def forget_old_mails(before: datetime) -> int:
    """Remove e-mails that were sent long ago; returns how many."""
    return Mail.everywhere.filter(state=Mail.State.SENT, sent_at__lt=before).delete()[0]


def member_of(organization_id: int, member_id: int) -> Member | None:
    """Return an active member whom a signed link names."""
    rows = Member.everywhere.select_related("organization", "user")
    return rows.filter(pk=member_id, organization=organization_id, is_active=True).first()


@dataclass
class Sealed:
    """How many secrets are kept, how many of them need a former key, and how many no key opens."""

    all: int = 0
    former: int = 0
    lost: int = 0


def count_sealed() -> Sealed:
    """Count the secrets of all organizations by the key that opens them."""
    return _each_secret(is_resealed=False)


def reseal_all() -> Sealed:
    """Seal every secret of a former key under SECRET_KEY; returns how many there were, and what no key opens."""
    return _each_secret(is_resealed=True)


def _each_secret(*, is_resealed: bool) -> Sealed:
    counted = Sealed()
    for sealed, keep in chain(_in_columns(), _in_factors()):
        counted.all += 1
        if is_under_newest(sealed):
            continue
        try:
            anew = resealed(sealed) if is_sealed(sealed) else seal(sealed)
        except Unsealable:
            counted.lost += 1
        else:
            counted.former += 1
            if is_resealed:
                keep(anew)
    return counted


def _in_columns() -> Iterator[tuple[str, Callable[[str], Any]]]:
    for model, name in _sealed_columns():
        for row in _rows_of(model).exclude(**{name: ""}).only("pk", name).iterator():
            sealed = getattr(row, name)
            # Whoever writes another one meanwhile seals it under the newest key anyway.
            same = _rows_of(model).filter(pk=row.pk, **{name: sealed})
            yield sealed, partial(_keep, same, name)


def _in_factors() -> Iterator[tuple[str, Callable[[str], Any]]]:
    """What second factors are checked against; before these were sealed, they were kept as they are."""
    for row in Authenticator.objects.filter(data__has_any_keys=["secret", "seed"]).iterator():
        name = "secret" if "secret" in row.data else "seed"
        same = Authenticator.objects.filter(pk=row.pk, data=row.data)
        yield row.data[name], partial(_keep_factor, same, row.data, name)


def _keep(rows: Any, name: str, anew: str) -> None:
    rows.update(**{name: anew})


def _keep_factor(rows: Any, was: dict[str, Any], name: str, anew: str) -> None:
    rows.update(data={**was, name: anew})


def _rows_of(model: type[models.Model]) -> Any:
    """All rows of a model, of whatever organization, or of none."""
    return model.everywhere if issubclass(model, Owned) else model._default_manager


def _sealed_columns() -> list[tuple[type[models.Model], str]]:
    """Every column that holds a sealed secret: they are all called so."""
    return [
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.name.startswith("sealed")
    ]
