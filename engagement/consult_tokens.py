"""The keys to one person's answer of one consult: in a link, and in the address and Message-ID of a mail."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable

from django.conf import settings
from django.core import signing
from django.utils.crypto import constant_time_compare, salted_hmac

from engagement.models import ConsultRequest
from engagement.models.consults import ANSWERABLE

LINK_SALT, REPLY_SALT = "touchline.consult", "touchline.consult.reply"
# Small letters and digits only, and short: mail servers change case, and a local part holds 64 letters.
REPLY_TOKEN = re.compile(r"[0-9a-z]{1,13}-[a-z2-7]{16}")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def link_token(request: ConsultRequest) -> str:
    """Return what lets one person answer one question, for some weeks and for nothing else."""
    return signing.dumps([request.organization_id, request.pk, request.member_id], salt=LINK_SALT)


def read_link_token(value: str) -> tuple[int, int, int]:
    """Return (organization, request, member) of a link; raises django.core.signing.BadSignature."""
    organization, request, member = signing.loads(value, salt=LINK_SALT, max_age=ANSWERABLE)
    return int(organization), int(request), int(member)


def reply_token(request: ConsultRequest) -> str:
    """Return what stands in the address to reply to, and in the Message-ID of the mail."""
    return f"{_in_letters(request.pk)}-{_seal(request, settings.SECRET_KEY)}"


def is_reply_token(value: str, request: ConsultRequest) -> bool:
    """Whether we gave this token out for the request, with today's key or a former one."""
    seal = value.rpartition("-")[2]
    keys: Iterable[str] = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return any(constant_time_compare(seal, _seal(request, key)) for key in keys)


def request_key(value: str) -> int:
    """Return which request a token speaks of, whether we gave it out or not."""
    return int(value.partition("-")[0], 36)


def _seal(request: ConsultRequest, secret: str) -> str:
    said = f"{request.organization_id}/{request.pk}/{request.member_id}"
    digest = salted_hmac(REPLY_SALT, said, secret=secret, algorithm="sha256").digest()
    return base64.b32encode(digest[:10]).decode().lower()


def _in_letters(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number, 36)
        letters = _DIGITS[rest] + letters
    return letters or "0"
