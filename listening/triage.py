"""A decision on mentions before it is made: what it would do, and which mentions it can be made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from listening.models import Mention
from roles.models import Department

VERBS = {
    "dismiss": Mention.State.DISMISSED,
    "keep": Mention.State.KEPT,
    "route_to": Mention.State.ROUTED,
    "restore": Mention.State.UNTRIAGED,
}


@dataclass(frozen=True)
class Triage:
    """One verb of triage with what belongs to it."""

    verb: str
    code: str = ""
    reason: str = ""
    to: Department | None = None

    @property
    def state(self) -> Mention.State:
        """What a mention is afterwards."""
        return VERBS[self.verb]

    def is_made(self, mention: Mention) -> bool:
        """Whether the mention is there already, whoever brought it there."""
        return (
            mention.state == self.state
            and (self.to is None or mention.department_id == self.to.pk)
            and (not self.code or mention.triage_code == self.code)
        )

    def why_not(self, mention: Mention, *, seen: str = "") -> str:
        """What stands against it, in a sentence for the person who decides; `seen` is the state that they saw."""
        if seen and mention.state != seen:
            return said(mention)
        if mention.state == Mention.State.ROUTED and self.verb == "route_to":
            return _("This mention was given to a department already; hand its assignment off there.")
        if mention.state == Mention.State.ROUTED and self.verb != "restore":
            return _("This mention was given to a department already; resolve its assignment there.")
        return ""

    def fields(self) -> dict[str, Any]:
        """What is written into the mention besides its state, who decided, and when."""
        return {
            "triage_code": self.code if self.verb == "dismiss" else "",
            "triage_reason": self.reason.strip()[:200],
            "department_id": self.to.pk if self.to else None,
        }


def said(mention: Mention) -> str:
    """How things are now, in a sentence for somebody who was a moment too late."""
    who = {
        "name": mention.triaged_by or _("A rule"),
        "department": mention.department or _("a department"),
        "reason": mention.get_triage_code_display() or mention.triage_reason,
    }
    match mention.state:
        case Mention.State.DISMISSED if who["reason"]:
            return _("%(name)s was quicker: not relevant (%(reason)s).") % who
        case Mention.State.DISMISSED:
            return _("%(name)s was quicker: not relevant.") % who
        case Mention.State.KEPT:
            return _("%(name)s was quicker: relevant, nothing to do.") % who
        case Mention.State.ROUTED:
            return _("%(name)s was quicker: given to %(department)s.") % who
        case _:
            return _("Somebody has put this back into the stream.")
