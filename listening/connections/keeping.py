"""What is kept of a connection: sealed credentials, the account, what the network told of itself."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from listening.identity import clean, web_address
from listening.models import Connection, OwnSecret
from listening.networks.connecting import Connected
from roles.sealing import Unsealable, seal, unseal

CHECKED_EVERY = timedelta(hours=6)
# Where the network does not say when, credentials are renewed after this part of their life.
RENEWED_AFTER = 2 / 3
# Never sooner than this, whatever an adapter wishes: what lives for minutes would be renewed without end.
SOONEST_OF_LIFE, SOONEST = 1 / 2, timedelta(seconds=60)
MOST_PLACES = 50


class AnotherAccount(Exception):
    """The credentials belong to somebody else than the connection; `str()` says to whom."""


def sealed(credentials: Mapping[str, str]) -> str:
    """Seal credentials as one text."""
    return seal(json.dumps(dict(credentials)))


def unsealed(text: str) -> dict[str, str]:
    """Return sealed credentials; raises Unsealable where no key of the installation opens them."""
    return dict(json.loads(unseal(text))) if text else {}


def secret_for(purpose: str) -> bytes:
    """Return 32 bytes that only this installation has, always the same for a purpose, whatever SECRET_KEY becomes.

    It is made of the SECRET_KEY of its first time and kept sealed; where no key opens it any more, it begins anew.
    """
    row = OwnSecret.objects.filter(purpose=purpose).first()
    if row is not None:
        with suppress(Unsealable):
            return bytes.fromhex(unseal(row.sealed))
    key = hashlib.blake2b(settings.SECRET_KEY.encode(), digest_size=64, person=b"touchline purpos").digest()
    made = hashlib.blake2b(purpose.encode(), key=key, digest_size=32).digest()
    new = OwnSecret(purpose=purpose, sealed=seal(made.hex()))
    OwnSecret.objects.bulk_create([new], update_conflicts=True, update_fields=["sealed"], unique_fields=["purpose"])
    return made


def renewed(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    """Return the credentials with what is new in them; what came empty or did not come never replaces what is there."""
    return dict(old) | {name: value for name, value in new.items() if value}


def keep_credentials(row: Connection, found: Connected, *, old: Mapping[str, str]) -> bool:
    """Take over new credentials alone, before anything else is asked; the caller saves `sealed`, where it is true.

    Raises AnotherAccount where they are those of somebody else.
    """
    _be_the_same(row, found)
    credentials = renewed(old, found.credentials)
    if credentials == dict(old):
        return False
    row.sealed = sealed(credentials)
    return True


def keep(row: Connection, found: Connected, *, old: Mapping[str, str], at: datetime) -> None:
    """Take over what a network said of a connection that works; the caller saves it.

    Raises AnotherAccount where the credentials are those of somebody else.
    """
    _be_the_same(row, found)
    credentials = renewed(old, found.credentials)
    is_new = credentials != dict(old)
    row.sealed = sealed(credentials) if is_new or not row.sealed else row.sealed
    row.server = clean(found.server, 500) or row.server
    account = found.account
    row.account_id = clean(account.id, 300) or row.account_id
    row.handle, row.account_name = clean(account.handle, 200) or row.handle, clean(account.name, 200)
    row.account_url = web_address(account.url, 2000)
    row.facts = dict(found.facts)
    if is_new or found.expires_at or found.renew_at:
        row.expires_at, row.renew_due_at = found.expires_at, _renew_at(found, at=at)
    row.state, row.problem, row.checked_at, row.told_at = Connection.State.WORKS, "", at, None
    row.failures_in_row = row.refusals_in_row = 0
    row.check_due_at = at + CHECKED_EVERY * random.uniform(0.9, 1.1)  # noqa: S311
    row.lease_until, row.lease_key = None, ""


def _be_the_same(row: Connection, found: Connected) -> None:
    there = clean(found.account.id, 300)
    if row._state.adding or not there or (there == row.account_id and _same_server(row, found)):
        return
    said = {"here": row.handle or row.account_id, "there": found.account.handle or there}
    raise AnotherAccount(_("This is %(there)s; the connection is that of %(here)s.") % said)


def _same_server(row: Connection, found: Connected) -> bool:
    return not found.server or clean(found.server, 500) == row.server


def _renew_at(found: Connected, *, at: datetime) -> datetime | None:
    if found.expires_at is None:
        return max(found.renew_at, at + SOONEST) if found.renew_at is not None else None
    life = max(found.expires_at - at, timedelta())
    wished = found.renew_at if found.renew_at is not None else at + life * RENEWED_AFTER
    return max(wished, at + life * SOONEST_OF_LIFE, at + SOONEST)


def keep_offered(row: Connection, places: object) -> None:
    """Take over which places can be listened to at once; the caller saves it."""
    listed = places if isinstance(places, list | tuple) else ()
    row.offered = [[clean(str(place), 2000), clean(str(label), 200)] for place, label in listed[:MOST_PLACES]]
