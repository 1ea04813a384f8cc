"""How it ended, as far as that can be known."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from engagement.querysets import FollowUpQuerySet
from roles.tenancy import Owned, OwnedManager


class Satisfaction(Owned):
    """Whether the author was content with what we did, and who says so."""

    class Value(models.TextChoices):
        SATISFIED = "satisfied", _("Satisfied")
        DISSATISFIED = "dissatisfied", _("Not satisfied")

    class Source(models.TextChoices):
        AUTHOR = "author", _("Thanked us")
        MEMBER = "member", _("Noted by a member")

    assignment = models.OneToOneField("engagement.Assignment", models.CASCADE, related_name="satisfaction")
    value = models.CharField(_("value"), max_length=12, choices=Value)
    source = models.CharField(_("who says so"), max_length=6, choices=Source)
    # The member who noted it; the post in which the author thanked us.
    by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")
    post = models.ForeignKey("listening.Post", models.SET_NULL, null=True, related_name="+")
    noted_at = models.DateTimeField()

    class Meta(Owned.Meta):
        verbose_name_plural = "satisfactions"

    def __str__(self) -> str:
        return self.get_value_display()


class FollowUp(Owned):
    """A promise to look again at a resolved assignment when some days have passed."""

    class Outcome(models.TextChoices):
        REOPENED = "reopened", _("Opened again")
        NEEDLESS = "needless", _("It was open anyway")
        DROPPED = "dropped", _("Dropped")

    assignment = models.ForeignKey("engagement.Assignment", models.CASCADE, related_name="follow_ups")
    by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")
    set_at = models.DateTimeField()
    due_at = models.DateTimeField(_("due at"))
    done_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True, default="")

    objects = OwnedManager.from_queryset(FollowUpQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["assignment"], name="follow_up_once", condition=models.Q(done_at=None))
        ]
        indexes = [models.Index(fields=["due_at"], name="follow_up_due", condition=models.Q(done_at=None))]

    def __str__(self) -> str:
        return f"{self.assignment}, {self.due_at:%Y-%m-%d}"
