"""What a new organization does first in the playbook."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from maturity.models import GuidelineSection
from roles.models import AuditEntry
from roles.setting_up import SetUpStep

STEPS = (
    SetUpStep(
        "level", 55, _("Where you stand"),
        _("At the first level you listen. Look at the ladder, and say from which level on you answer."),
        "maturity:playbook", _("Open the playbook"), "maturity.set_level",
        # Who looks and stays where they are has looked too.
        (lambda: AuditEntry.objects.filter(verb__in=("set_level", "assess"), by__isnull=False),),
    ),
    SetUpStep(
        "guidelines", 80, _("What everybody keeps to"),
        _("A few sentences on how you speak and what is never said; they stand beside each answer."),
        "maturity:guidelines", _("Write guidelines"), "maturity.manage_guidelines",
        (GuidelineSection.objects.all,),
    ),
)  # fmt: skip
