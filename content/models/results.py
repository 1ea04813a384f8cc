"""What came of a publication at its network."""

from __future__ import annotations

from django.db import models

from listening.models.told_results import ToldResult


class PublicationResult(ToldResult):
    """How a publication was liked, passed on and answered, as its network said when it was asked last."""

    publication = models.OneToOneField("content.Publication", models.CASCADE, related_name="result")

    class Meta(ToldResult.Meta):
        indexes = [
            models.Index(
                fields=["next_look_at"], name="publication_result_due", condition=models.Q(next_look_at__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return str(self.publication)
