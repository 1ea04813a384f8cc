"""Keys for programs."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from roles.actions.mail import write_mail
from roles.audit import record
from roles.housekeeping import TOLD_BEFORE
from roles.links import inside_address
from roles.models import ApiToken, Member
from roles.models.access import digest
from roles.permissions import allowed
from roles.speaking import in_words_for

USE_NOTED_EVERY = timedelta(minutes=5)
AT_ONCE = 100


@allowed("roles.manage_tokens")
def make_token(
    member: Member, *, name: str, scopes: list[str], ends_at: datetime | None = None, by: Member | None, at: datetime
) -> tuple[ApiToken, str]:
    """Make a token for the member and return it with its key, which is shown this once and stored nowhere."""
    if ends_at is not None and ends_at <= at:
        raise ValidationError({"ends_on": _("This day has passed.")})
    key = secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        member=member, name=name, scopes=scopes, key_digest=digest(key), prefix=key[:6], created_at=at, ends_at=ends_at
    )
    after = {"scopes": scopes} | ({"ends_at": ends_at.isoformat()} if ends_at else {})
    record("make_token", token, by=by, at=at, after=after)
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


@transaction.atomic
def tell_of_ends(*, at: datetime) -> int:
    """Write to whoever has a token that ends within two weeks, once for each; returns how many."""
    due = ApiToken.objects.filter(
        ends_at__gt=at, ends_at__lte=at + TOLD_BEFORE, created_at__lte=F("ends_at") - TOLD_BEFORE,
        end_told_at=None, revoked_at=None, member__is_active=True,
    )  # fmt: skip
    rows = due.select_related("member__user").select_for_update(skip_locked=True, of=("self",)).order_by("pk")
    found = list(rows[:AT_ONCE])
    for row in found:
        row.end_told_at = at
        row.save(update_fields=["end_told_at"])
        with in_words_for(row.member):
            heading = _("The API token “%(name)s” ends soon") % {"name": row.name}
            write_mail(
                row.member,
                key=f"token {row.pk} ends",
                kind="tokens",
                subject=heading,
                template="roles/mail/token_ends",
                context={
                    "token": row, "heading": heading,
                    "action_url": inside_address("roles:api_tokens"), "action_label": _("API tokens"),
                },
                at=at,
            )  # fmt: skip
    return len(found)
