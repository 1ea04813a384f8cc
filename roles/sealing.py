"""Secrets that must be read again: kept in the database so that a copy of it alone opens nothing."""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.translation import gettext as _


class Unsealable(ValueError):
    """The secret was sealed under a key that this installation no longer has."""


def seal(secret: str) -> str:
    """Return the secret sealed under the installation's SECRET_KEY."""
    return _box().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """Return the secret; raises Unsealable where neither SECRET_KEY nor a fallback opens it."""
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Unsealable(_("Neither SECRET_KEY nor SECRET_KEY_FALLBACKS opens this; enter the secret again.")) from None


def is_sealed(text: str) -> bool:
    """Whether it looks like something sealed; what was kept before its kind was sealed does not."""
    return text.startswith("gAAAAA")


def is_under_newest(sealed: str) -> bool:
    """Whether SECRET_KEY itself opens it, so that no fallback is needed for it."""
    try:
        _fernets()[0].decrypt(sealed.encode())
    except InvalidToken:
        return False
    return True


def resealed(sealed: str) -> str:
    """Return the same secret sealed under SECRET_KEY; raises Unsealable where no key opens it."""
    return seal(unseal(sealed))


def _box() -> MultiFernet:
    return MultiFernet(_fernets())


def _fernets() -> list[Fernet]:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    # A key of its own, so that what is sealed says nothing about what is signed.
    made = (hashlib.blake2b(key.encode(), digest_size=32, person=b"touchline sealed").digest() for key in keys)
    return [Fernet(base64.urlsafe_b64encode(key)) for key in made]
