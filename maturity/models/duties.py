"""What a coach notes of standing duties that were done elsewhere."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from roles.tenancy import Owned


class DutyNote(Owned):
    """A coach's word that a standing duty was done, and how; beside what the application itself has seen."""

    # Of `maturity.duties`.
    duty = models.CharField(max_length=20)
    note = models.CharField(_("what was done"), max_length=500)
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")

    class Meta(Owned.Meta):
        indexes = [models.Index(fields=["organization", "duty", "-id"], name="duty_note_newest")]

    def __str__(self) -> str:
        from maturity.duties import BY_KEY

        duty = BY_KEY.get(self.duty)
        return str(duty.title) if duty else self.duty
