"""What no password may be made of: the names that whoever guesses tries first here."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from roles.housekeeping import memberships

WHAT_IS_ASKED = gettext_lazy("At least 8 characters, and not one that everybody uses.")
# docs/security.md names them too.
WORDS = ("touchline", "password", "passwort", "welcome", "admin", "login", "socialmedia", "qwerty")
# What must be left of a password once these are taken out of it.
LEFT = 6
NO_LETTER = re.compile(r"[\W_]+")


class NotOurName:
    """Refuses a password of which little is left without our name, the site's or the organization's."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise where too little is left."""
        said = NO_LETTER.sub("", password.casefold())
        left = said
        for word in sorted(_words(user), key=len, reverse=True):
            left = left.replace(word, "")
        if left != said and len(left) < LEFT:
            raise ValidationError(_("Too easy to guess: it is little more than a name that is known here."))

    def get_help_text(self) -> str:
        """What a page says beforehand."""
        return _("Your password must not be the name of the site or of your organization with a few signs added.")


def _words(user: Any) -> set[str]:
    names = [*WORDS, *(urlsplit(settings.SITE_URL).hostname or "").split(".")]
    if user is not None and user.pk is not None:
        for member in memberships(user):
            names += [member.organization.name, *member.organization.name.split(), member.organization.slug]
    return {plain for name in names if len(plain := NO_LETTER.sub("", name.casefold())) > 3}
