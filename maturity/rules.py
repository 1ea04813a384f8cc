"""Conditions on what members may do to what maturity keeps."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from maturity.models import GapReport
from roles.models import Member
from roles.permissions import ALLOWED, Decision, rule


@rule("maturity.report_gap")
def a_report_is_taken_back_by_who_made_it(member: Member, gap: Any) -> Decision:
    """What somebody else has reported stays."""
    if not isinstance(gap, GapReport) or gap.reported_by_id == member.pk:
        return ALLOWED
    return Decision(_("Somebody else has reported this."))
