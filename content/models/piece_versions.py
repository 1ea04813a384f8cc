"""What a piece said in each of its versions."""

from __future__ import annotations

from django.db import models

from roles.tenancy import Owned


class PieceVersion(Owned):
    """What a piece and its variants said after one change; `document` is as `content.documents` writes it."""

    piece = models.ForeignKey("content.Piece", models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    document = models.JSONField()
    by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")
    saved_at = models.DateTimeField()

    class Meta(Owned.Meta):
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["piece", "number"], name="piece_version_once")]

    def __str__(self) -> str:
        return f"{self.piece} ({self.number})"
