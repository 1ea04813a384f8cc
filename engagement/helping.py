"""What stands beside an opened assignment of saved replies and approval, and what is said above the composer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from engagement.approving import matter_of, steps_for
from engagement.attention import attention, stops_for
from engagement.beside import Section, beside
from engagement.models import Approval, Assignment, Draft, Reply
from engagement.repeating import repeats
from engagement.saying import suggestions
from engagement.steps import steps_in_words
from listening.models import Channel
from roles.models import Member
from roles.permissions import decide
from roles.steps import asked
from roles.wording import listed

OFFERED = 5


@beside(place=50)
def saved_replies(assignment: Assignment, member: Member, at: datetime) -> Section | None:
    """The saved replies that fit, the most likely first, each with a warning where it went out often."""
    if not assignment.is_open or not decide(member, "engagement.use_saved_replies", assignment.department):
        return None
    may_reply = bool(decide(member, "engagement.reply", assignment))
    offered = [
        {"saved": one.saved, "text": one.filled.text, "missing": one.filled.missing, "by_rule": one.by_rule,
         "warnings": one.saved.said_too_often(at)}
        for one in suggestions(assignment, member, most=OFFERED)
    ]  # fmt: skip
    context = {"offered": offered, "assignment": assignment, "may_reply": may_reply}
    return Section("engagement/beside/_saved_replies.html", context)


@beside(place=60)
def approval(assignment: Assignment, member: Member, at: datetime) -> Section | None:
    """Where a reply stands that waits for approval or came back."""
    if not attention(member).has_approvals:
        return None
    shown = [Reply.State.WAITING, Reply.State.SENT_BACK]
    steps = list(
        Approval.objects.filter(reply__assignment=assignment, reply__state__in=shown)
        .exclude(state=Approval.State.WITHDRAWN)
        .select_related("reply__assignment__department", "reply__by__user")
        .order_by("-reply", "number")
    )
    if not steps:
        return None
    reply = steps[0].reply
    found = steps_in_words([step for step in steps if step.reply_id == reply.pk], member)
    waiting = next((step for step in steps if step.reply_id == reply.pk and step.state == Approval.State.WAITING), None)
    context = {
        "reply": reply,
        "steps": found,
        "may_withdraw": decide(member, "engagement.settle_delivery", reply),
        # Nobody but the writer could say yes: then it waits for ever, unless somebody does something.
        "is_stuck": waiting is not None and not asked(waiting, matter_of(reply)),
    }
    return Section("engagement/beside/_approval.html", context)


@dataclass(frozen=True)
class Notice:
    """A word above the composer; `box` is the name of a checkbox by which the writer says that it is meant."""

    kind: str
    title: str
    text: str
    box: str = ""
    label: str = ""
    lines: list[str] = field(default_factory=list)


def notices_for(assignment: Assignment, member: Member, draft: Draft | None, *, at: datetime) -> list[Notice]:
    """What the writer should know before sending: a stop, who has to see it first, and that it went out often."""
    if not assignment.is_open:
        return []
    found = [_stopped(stop) for stop in stops_for(member) if _covers(stop, assignment)]
    found += _to_be_approved(assignment, member, at)
    if draft is not None and (often := repeats(assignment, draft.text, by=member, at=at).sentences):
        found.append(Notice("soon", _("Said often"), " ".join(often), "repeat", _("Send it anyway")))
    return found


def _covers(stop: Any, assignment: Assignment) -> bool:
    network, department = stop.network, stop.department_id
    return network in {"", assignment.mention.network} and department in {None, assignment.department_id}


def _stopped(stop: Any) -> Notice:
    return Notice(
        "late",
        _("Crisis stop: nothing goes out"),
        _("%(reason)s (%(by)s) What you send now is kept here until a coach lets it go.")
        % {"reason": stop.reason, "by": stop.by},
    )


def _to_be_approved(assignment: Assignment, member: Member, at: datetime) -> list[Notice]:
    if not (attention(member).has_policies or assignment.needs_approval or member.training_until):
        return []
    channel = assignment.mention.channel or Channel(network=assignment.mention.network)
    steps = steps_for(Reply(assignment=assignment, by=member, channel=channel), at=at)
    if not steps:
        return []
    names = [step.policy_name for step in steps if step.policy_name]
    title = _("Somebody else sees this before it goes out")
    by_policy = _("The approval policy says so: %(names)s") % {"names": listed(dict.fromkeys(names))}
    return [Notice("info", title, by_policy if names else _("A coach is asked."))]
