"""Which tracked links stand in which replies."""

from __future__ import annotations

from django.db import models

from roles.tenancy import Owned


class ReplyLink(Owned):
    """A tracked link that stands in the text of a reply; the database notes it as the text is written.

    It stays when the words are erased: what came of a reply is a figure.
    """

    reply = models.ForeignKey("engagement.Reply", models.CASCADE, related_name="tracked_links")
    link = models.ForeignKey("content.TrackedLink", models.CASCADE, related_name="in_replies")

    class Meta(Owned.Meta):
        constraints = [models.UniqueConstraint(fields=["reply", "link"], name="reply_link_once")]

    def __str__(self) -> str:
        return f"{self.link} in {self.reply}"
