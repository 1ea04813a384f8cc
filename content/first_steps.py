"""What a new organization does first in content."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from content.models import Piece, Publication
from roles.setting_up import SetUpStep

STEPS = (
    SetUpStep(
        "piece", 90, _("A first piece, in-house"),
        _("Write one and publish it in the practice field: only colleagues read it, and everything goes as it will"
          " outside, with review, plan and results."),
        "content:pieces", _("Begin a piece"), "content.write",
        # Written is half of it: it was published somewhere.
        (Piece.objects.all, lambda: Publication.objects.filter(state="accepted")),
    ),
)  # fmt: skip
