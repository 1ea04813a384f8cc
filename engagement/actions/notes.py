"""What the team says to itself, and who is told of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from engagement.changes import told
from engagement.models import Assignment, AssignmentNote, NoteAddressee
from engagement.naming import named_in
from engagement.querysets import colleagues_of
from roles.actions.mail import write_mail
from roles.audit import record
from roles.models import Member
from roles.permissions import allowed
from roles.speaking import in_words_for
from roles.tenancy import active_organization

NOTE_LIMIT = 4000


@allowed("engagement.note")
@transaction.atomic
def note(assignment: Assignment, *, text: str, to: Iterable[Member] = (), by: Member, at: datetime) -> Assignment:
    """Keep an internal note beside the assignment; it never leaves the house.

    Colleagues whom it names with @, and those in `to`, are told: in their queue, and once by e-mail. Only who may see
    the assignment can be told.
    """
    text, wanted = text.strip(), {member.pk for member in to}
    if not text:
        raise ValidationError({"text": _("Write something first.")})
    if len(text) > NOTE_LIMIT:
        raise ValidationError({"text": _("A note has at most %(limit)s characters.") % {"limit": NOTE_LIMIT}})
    made = assignment.notes.create(by=by, text=text, written_at=at)
    if wanted or "@" in text:
        people = [member for member in colleagues_of(assignment) if member.pk != by.pk]
        if strangers := wanted - {member.pk for member in people}:
            raise ValidationError(
                {"to": _("%(number)s of them cannot see this assignment.") % {"number": len(strangers)}}
            )
        named = named_in(text, people)
        _tell(made, [*named, *(member for member in people if member.pk in wanted - {one.pk for one in named})], at=at)
    record("note", assignment, by=by, at=at)
    told([assignment], at=at, counts=False)
    return assignment


def _tell(made: AssignmentNote, members: list[Member], *, at: datetime) -> None:
    NoteAddressee.objects.bulk_create(NoteAddressee(note=made, member=member) for member in members)
    for member in members:
        with in_words_for(member):
            write_mail(
                member,
                key=f"note {made.pk}",
                kind="note",
                subject=_("%(by)s wrote a note for you") % {"by": made.by},
                template="engagement/mail/note",
                context={
                    "note": made,
                    "action_url": f"{settings.SITE_URL}/o/{active_organization().slug}/queue/{made.assignment_id}/",
                    "action_label": _("Open it in the queue"),
                },
                at=at,
            )


@allowed("engagement.read")
@transaction.atomic
def see_notes(assignment: Assignment | None, *, by: Member, at: datetime) -> int:
    """Mark the notes that name a member as seen, those of one assignment or all; returns how many were new to them."""
    unseen = NoteAddressee.objects.unseen_by(by)
    if assignment is not None:
        unseen = unseen.filter(note__assignment=assignment)
    return unseen.update(seen_at=at)
