"""Links by which a password is set: an hour for a forgotten one, three days for the first, each once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.utils.http import base36_to_int

if TYPE_CHECKING:
    from roles.models import User

# Whoever has forgotten theirs waits for the mail; a first owner is sent the link by whoever set up the machine, and
# Django's own three days are for them. Until then there is no account that could be taken over.
FORGOTTEN = timedelta(hours=1)


class PasswordLinks(PasswordResetTokenGenerator):
    """Makes and checks what stands in such a link; a new password, a sign-in or another address ends it."""

    def check_token(self, user: User | None, token: str | None) -> bool:
        if user is None or not token or not super().check_token(user, token):
            return False
        is_first = user.last_login is None and not user.has_usable_password()
        age = self._num_seconds(self._now()) - base36_to_int(token.partition("-")[0])
        return bool(is_first or age <= FORGOTTEN.total_seconds())
