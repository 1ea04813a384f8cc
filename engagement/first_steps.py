"""What a new organization does first in engagement."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from engagement.models import ResponseTarget, RoutingRule
from roles.setting_up import SetUpStep

STEPS = (
    SetUpStep(
        "rule", 60, _("Who gets what"),
        _("A routing rule sends mentions to a department by itself; what no rule takes waits in the stream."),
        "engagement:rules", _("Write a rule"), "engagement.manage_rules", (RoutingRule.objects.all,),
    ),
    SetUpStep(
        "target", 70, _("By when it is answered"),
        _("A response target for each department, in business hours or around the clock."),
        "engagement:targets", _("Set a target"), "engagement.manage_targets", (ResponseTarget.objects.all,),
    ),
)  # fmt: skip
