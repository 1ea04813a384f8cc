"""Who did what when, never changed afterwards."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from roles.querysets import AuditEntryQuerySet
from roles.tenancy import Owned, OwnedInBulk, OwnedManager


class AuditEntry(OwnedInBulk):
    """One line of the audit log, written by the action itself; the database refuses to change or remove it."""

    at = models.DateTimeField(_("at"))
    by = models.ForeignKey("roles.Member", models.DO_NOTHING, null=True, related_name="+", db_constraint=False)
    by_name = models.CharField(_("by"), max_length=160)
    verb = models.CharField(_("verb"), max_length=60)
    subject_kind = models.CharField(max_length=60)
    subject_id = models.BigIntegerField(null=True)
    # Empty where a row is called by what others said: see `roles.sentences.name_when_read`.
    subject_label = models.CharField(max_length=200)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    objects = OwnedManager.from_queryset(AuditEntryQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["organization", "-id"], name="audit_newest"),
            models.Index(fields=["organization", "subject_kind", "subject_id", "-id"], name="audit_subject"),
            models.Index(fields=["organization", "verb", "-id"], name="audit_verb"),
        ]

    def __str__(self) -> str:
        return f"{self.by_name} {self.verb} {self.subject_label}"
