"""What time is spent on, and on which pages; each app says it of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from roles.models import Member


class Activity(models.TextChoices):
    """What time is spent on."""

    MONITORING = "monitoring", _("Monitoring and research")
    RESPONDING = "responding", _("Responding")
    INITIATING = "initiating", _("Initiating")
    CREATING = "creating", _("Creating")
    MEASURING = "measuring", _("Measuring")


_pages: dict[str, Activity] = {}


def spend(pages: Mapping[str, Activity]) -> None:
    """Say by the first word of their addresses what time on these pages is spent on."""
    _pages.update(pages)


def whose_time(member: Member) -> Member | None:
    """Whose time passes while this member looks: of who really sits there, if their roles include it; else nobody's."""
    from roles.permissions import decide

    who = member.acted_by or member
    return who if decide(who, "maturity.enter_time") else None


def activity_of(request: HttpRequest) -> str:
    """What time on this page is spent on; empty for one that is no work of the five, or whoever enters no time."""
    if whose_time(request.member) is None:  # type: ignore[attr-defined]
        return ""
    return str(getattr(request, "activity", "") or _pages.get(request.path_info.split("/", 2)[1], ""))


def work_at(request: HttpRequest, activity: Activity) -> None:
    """Say that a page is good for something else than its address tells, as only what lies on it can show."""
    request.activity = activity  # type: ignore[attr-defined]
