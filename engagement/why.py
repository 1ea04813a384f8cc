"""Why me: beside an opened assignment, from what was known when it was given out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from engagement.beside import Section, beside
from engagement.models import Assignment
from engagement.reason_words import Reader, in_a_sentence
from roles.models import Member

# What says why it is in these hands; everything else says how it came here.
OF_A_PERSON = {"least_load", "known", "named", "given", "joined", "nobody", "returned"}
ICONS = {
    "rule": "arrows-right-left", "suggested": "bookmark-square", "asked": "user-group", "grown": "arrow-trending-up",
    "triaged": "funnel", "given": "arrow-right", "escalated": "bell-alert", "prioritized": "flag",
    "returned": "arrow-uturn-left", "woken": "bell", "followed_up": "calendar", "reopened": "arrow-path",
    "joined": "megaphone", "nobody": "clock",
}  # fmt: skip


@beside(place=10)
def why(assignment: Assignment, member: Member, at: datetime) -> Section:
    """Why it is in these hands, then how it came here, step by step."""
    reader = reader_of(assignment, member)
    said = [
        {"icon": ICONS.get(part.get("kind", ""), "user"), "text": text, "kind": part.get("kind")}
        for part in assignment.reasons
        if (text := in_a_sentence(part, reader))
    ]
    # The last word about a person is the answer; the way until there stands below it.
    last = next((number for number in reversed(range(len(said))) if said[number]["kind"] in OF_A_PERSON), None)
    answer = said.pop(last) if last is not None else None
    return Section("engagement/beside/_why.html", {"title": _title(assignment, member), "answer": answer, "way": said})


def _title(assignment: Assignment, member: Member) -> str:
    if assignment.member_id == member.pk:
        return _("Why me?")
    if assignment.member is not None:
        return _("Why %(name)s?") % {"name": assignment.member}
    return _("Why is it here?")


def reader_of(assignment: Assignment, member: Member) -> Reader:
    """The member as one who reads about an assignment, with the names of the others; asked for only where there are."""
    names = _names(assignment.reasons, member)
    if assignment.member is not None:
        names.setdefault(assignment.member.pk, str(assignment.member))
    return Reader(member.pk, names, holder=assignment.member_id)


def _names(parts: Sequence[Mapping[str, Any]], member: Member) -> dict[int, str]:
    others = {part["who"] for part in parts if isinstance(part.get("who"), int)} - {member.pk}
    if not others:
        return {}
    return {found.pk: str(found) for found in Member.objects.filter(pk__in=others).select_related("user")}
