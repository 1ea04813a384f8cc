"""Keys for programs."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from roles.audit import record
from roles.models import ApiToken, Member
from roles.models.access import digest
from roles.permissions import allowed

USE_NOTED_EVERY = timedelta(minutes=5)


@allowed("roles.manage_tokens")
def make_token(
    member: Member, *, name: str, scopes: list[str], by: Member | None, at: datetime
) -> tuple[ApiToken, str]:
    """Make a token for the member and return it with its key, which is shown this once and stored nowhere."""
    key = secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        member=member, name=name, scopes=scopes, key_digest=digest(key), prefix=key[:6], created_at=at
    )
    record("make_token", token, by=by, at=at, after={"scopes": scopes})
    return token, key


@allowed("roles.manage_tokens")
def revoke_token(token: ApiToken, *, by: Member, at: datetime) -> None:
    """End a token at once."""
    if token.revoked_at is None:
        token.revoked_at = at
        token.save(update_fields=["revoked_at"])
        record("revoke_token", token, by=by, at=at)


def note_use(token: ApiToken, *, at: datetime) -> None:
    """Remember, to within a few minutes, that the token is in use."""
    if token.last_used_at is None or token.last_used_at < at - USE_NOTED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=at)
