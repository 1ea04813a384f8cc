"""What is written and not sent."""

from __future__ import annotations

from django.db import models

from roles.tenancy import Owned


class Draft(Owned):
    """What a member has written and not sent; it survives reload, sign-out and a crash of the browser.

    One that is shared is open to the colleagues of the assignment, who go on with it.
    """

    assignment = models.ForeignKey("engagement.Assignment", models.CASCADE, related_name="drafts")
    member = models.ForeignKey("roles.Member", models.CASCADE, related_name="+")
    text = models.TextField(blank=True)
    # Where the text began.
    saved_reply = models.ForeignKey("engagement.SavedReply", models.SET_NULL, null=True, related_name="+")
    saved_at = models.DateTimeField()
    # Who wrote on it last, and which version that made: a window says which it was drawn from.
    by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1, db_default=1)
    shared_at = models.DateTimeField(null=True)

    class Meta(Owned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["assignment", "member"], name="draft_once"),
            models.UniqueConstraint(
                fields=["assignment"], name="draft_shared_once", condition=models.Q(shared_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.text[:80]


class DraftVersion(Owned):
    """What a draft said before somebody else, or another window, wrote over it."""

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField()
    by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")
    saved_at = models.DateTimeField()

    class Meta(Owned.Meta):
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["draft", "number"], name="draft_version_once")]

    def __str__(self) -> str:
        return self.text[:80]
