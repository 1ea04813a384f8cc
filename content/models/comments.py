"""What the team says about a piece, by passage."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from content.anchoring import Anchor
from content.comment_querysets import CommentQuerySet
from roles.models import Department
from roles.tenancy import Owned, OwnedManager


class Comment(Owned):
    """What somebody says about a passage of a piece or a variant, about the whole of it, or in answer to a comment."""

    piece = models.ForeignKey("content.Piece", models.CASCADE, related_name="comments")
    # Empty: about the body.
    variant = models.ForeignKey("content.Variant", models.CASCADE, null=True, blank=True, related_name="comments")
    answers = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="answered_by")
    by = models.ForeignKey("roles.Member", models.PROTECT, related_name="+")
    text = models.TextField(_("comment"), max_length=4000)
    # The passage, what stands around it, and where it began when the piece was last saved; empty: the whole.
    quote = models.TextField(max_length=1000, blank=True)
    before = models.CharField(max_length=40, blank=True)
    after = models.CharField(max_length=40, blank=True)
    start = models.PositiveIntegerField(default=0)
    # Its words do not stand in the text any more.
    is_changed = models.BooleanField(default=False)
    # Who was told of it: whoever it names or answers, and the author of the piece.
    told_ids = ArrayField(models.BigIntegerField(), default=list)
    written_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, blank=True, related_name="+")

    objects = OwnedManager.from_queryset(CommentQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        ordering = ["written_at", "pk"]
        indexes = [
            models.Index(fields=["piece", "written_at", "id"], name="comment_in_order"),
            models.Index(
                fields=["organization", "-id"], name="comment_open", condition=models.Q(answers=None, resolved_at=None)
            ),
        ]

    def __str__(self) -> str:
        return self.text[:80]

    @property
    def department(self) -> Department | None:
        """The department of its piece: where the capability must be held."""
        return self.piece.department

    @property
    def anchor(self) -> Anchor:
        """The passage."""
        return Anchor(self.quote, self.before, self.after, self.start)

    def move_to(self, found: Anchor | None) -> None:
        """Say where the passage stands by now, or that its words were changed."""
        self.is_changed = found is None
        if found is not None:
            self.quote, self.before, self.after, self.start = found.quote, found.before, found.after, found.start
