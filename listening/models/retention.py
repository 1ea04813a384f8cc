"""How long what was heard is kept."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from roles.tenancy import Owned


class RetentionRule(Owned):
    """How long one kind of what was heard is kept, and how far the clean-up is."""

    class Kind(models.TextChoices):
        UNMATCHED = "unmatched", _("Posts that concerned nobody")
        DISMISSED = "dismissed", _("Words of mentions that were not relevant")
        MENTIONS = "mentions", _("Words of all other mentions")
        MAILS = "mails", _("Mails that came")
        WEBHOOKS = "webhooks", _("What programs sent and were told")

    kind = models.CharField(max_length=10, choices=Kind)
    days = models.PositiveIntegerField(_("days"), null=True, blank=True)  # null: for ever
    # The clean-up walks through the posts in the order of their keys; at the end it begins anew, a day later.
    walked_to = models.BigIntegerField(default=0)
    next_walk_at = models.DateTimeField(null=True)
    cleaned_at = models.DateTimeField(null=True)
    cleaned_count = models.PositiveBigIntegerField(default=0)

    class Meta(Owned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "kind"], name="retention_rule_once"),
            models.CheckConstraint(condition=models.Q(days__gte=1) | models.Q(days=None), name="retention_rule_days"),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())
