"""Why something cannot be done now: plain sentences, for the page and the API alike."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from roles.wording import listed, quoted


class StillUsed(Exception):
    """Something else is built on the row; `str()` names it."""


class CannotPoll(Exception):
    """The source is not one that is polled at present; `str()` is the reason that people read."""


class Quicker(Exception):
    """Somebody decided a moment before; `str()` says what, for the person who decided after them."""


@contextmanager
def unless_used() -> Iterator[None]:
    """Say what is built on a row that would be removed, where something is."""
    try:
        yield
    except ProtectedError as problem:
        names = listed(sorted(quoted(row) for row in problem.protected_objects))
        raise StillUsed(
            _("It is still used by %(names)s. Change or remove that first.") % {"names": names}
        ) from problem
