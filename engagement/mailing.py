"""What is told by mail of replies on their way: that one is asked, that a text came back, that a delivery waits."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from engagement.models import Approval, Reply
from roles.actions.mail import write_mail
from roles.links import inside_address
from roles.models import Member


def ask_by_mail(reply: Reply, approval: Approval, member: Member, *, at: datetime) -> None:
    """Ask somebody to look at a reply before it goes out."""
    write_mail(
        member,
        key=f"approval {approval.pk}",
        kind="approval",
        subject=_("%(name)s asks you to approve a reply") % {"name": reply.by},
        template="engagement/mail/approval",
        context={
            "reply": reply,
            "approval": approval,
            "action_url": inside_address("engagement:approval", approval.pk),
            "action_label": _("Read and decide"),
        },
        at=at,
    )


def tell_sent_back(reply: Reply, approval: Approval, *, by: Member, reason: str, at: datetime) -> None:
    """Tell the writer that the text came back, and why."""
    write_mail(
        reply.by,
        key=f"sent back {approval.pk}",
        kind="approval",
        subject=_("%(name)s sent your reply back") % {"name": by},
        template="engagement/mail/sent_back",
        context={
            "reply": reply,
            "by_whom": by,
            "reason": reason,
            "action_url": inside_address("engagement:assignment", reply.assignment_id),
            "action_label": _("Go on writing"),
        },
        at=at,
    )


def remind_of_delivery(reply: Reply, member: Member, *, at: datetime) -> None:
    """Remind whoever must act that a reply did not go out, once for each reply."""
    write_mail(
        member,
        key=f"delivery {reply.pk}",
        kind="delivery",
        subject=_("A reply waits for you: %(state)s") % {"state": reply.get_state_display()},
        template="engagement/mail/delivery",
        context={
            "reply": reply,
            "action_url": inside_address("engagement:delivery", reply.pk),
            "action_label": _("Settle it"),
        },
        at=at,
    )
