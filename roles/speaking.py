"""In which language something is said to somebody who is not at a page: a worker has none of its own."""

from __future__ import annotations

from contextlib import AbstractContextManager

from django.conf import settings
from django.utils import translation

from roles.models import Member


def in_words_for(member: Member) -> AbstractContextManager[None]:
    """Speak the member's language meanwhile, and the installation's where they have chosen none."""
    return translation.override(member.user.language or settings.LANGUAGE_CODE)
