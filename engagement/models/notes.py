"""What the team says to itself beside an assignment."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from engagement.querysets import NoteAddresseeQuerySet
from roles.tenancy import Owned, OwnedManager


class AssignmentNote(Owned):
    """An internal note beside an assignment; it never leaves the house."""

    assignment = models.ForeignKey("engagement.Assignment", models.CASCADE, related_name="notes")
    by = models.ForeignKey("roles.Member", models.PROTECT, related_name="+")
    text = models.TextField(_("note"), max_length=4000)
    written_at = models.DateTimeField()

    class Meta(Owned.Meta):
        ordering = ["written_at", "pk"]

    def __str__(self) -> str:
        return self.text[:80]


class NoteAddressee(Owned):
    """A member whom a note names, and when they saw it."""

    note = models.ForeignKey(AssignmentNote, models.CASCADE, related_name="addressees")
    member = models.ForeignKey("roles.Member", models.CASCADE, related_name="+")
    seen_at = models.DateTimeField(null=True)

    objects = OwnedManager.from_queryset(NoteAddresseeQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        constraints = [models.UniqueConstraint(fields=["note", "member"], name="note_addressee_once")]
        indexes = [
            models.Index(fields=["organization", "member", "-note"], name="note_addressee_newest"),
            models.Index(
                fields=["organization", "member"], name="note_addressee_unseen", condition=models.Q(seen_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member}: {self.note}"
