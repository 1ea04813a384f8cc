"""What is typed into a form of a piece and not saved."""

from __future__ import annotations

from django.db import models

from roles.tenancy import Owned


class PieceDraft(Owned):
    """What a member has typed in one window and not saved; it survives reload, sign-out and a crash of the browser.

    Each window keeps its own, so that none writes over another; `version` is the one that it was drawn from.
    """

    piece = models.ForeignKey("content.Piece", models.CASCADE, related_name="drafts")
    # Empty: the body.
    variant = models.ForeignKey("content.Variant", models.CASCADE, null=True, related_name="drafts")
    member = models.ForeignKey("roles.Member", models.CASCADE, related_name="+")
    window = models.CharField(max_length=16)
    version = models.PositiveIntegerField()
    # By the names of the form's fields, as they were typed.
    fields = models.JSONField()
    saved_at = models.DateTimeField()

    class Meta(Owned.Meta):
        ordering = ["-saved_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["piece", "variant", "member", "window"], name="piece_draft_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.piece} ({self.member})"
