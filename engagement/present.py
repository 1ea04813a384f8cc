"""Who else has an assignment open, or writes there, in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from roles import presence
from roles.models import Member
from roles.presence import Present
from roles.wording import listed


def subject_of(key: int) -> str:
    """The name under which one says that one is at an assignment."""
    return f"assignment:{key}"


def others_at(keys: Iterable[int], *, but: Member, at: datetime) -> dict[int, list[Present]]:
    """Who else is there, by the key of the assignment; nothing where the broker is away."""
    asked = {subject_of(key): key for key in keys}
    return {asked[subject]: people for subject, people in presence.others(asked, but=but, at=at).items()}


def in_words(people: list[Present]) -> str:
    """Who writes and who looks, as a sentence; empty where nobody does."""
    write = [person.name for person in people if person.writes]
    look = [person.name for person in people if not person.writes]
    sentences = []
    if write:
        sentences.append(
            ngettext("%(names)s is writing.", "%(names)s are writing.", len(write)) % {"names": _listed(write)}
        )
    if look:
        sentences.append(
            ngettext("%(names)s has this open.", "%(names)s have this open.", len(look)) % {"names": _listed(look)}
        )
    return " ".join(sentences)


def _listed(names: list[str]) -> str:
    shown = names[:3]
    if len(names) > len(shown):
        return _("%(names)s and %(number)s more") % {"names": listed(shown), "number": len(names) - len(shown)}
    return _("%(names)s and %(last)s") % {"names": listed(shown[:-1]), "last": shown[-1]} if shown[1:] else shown[0]
