"""What is told by mail of replies on their way: that one is asked, that a text came back, that a delivery waits."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core import signing
from django.utils.translation import gettext as _

from engagement.models import Approval, Reply
from roles.actions.mail import write_mail
from roles.links import inside_address, outside_address
from roles.models import Member
from roles.speaking import in_words_for

APPROVAL_SALT, APPROVAL_LINK_LIVES = "touchline.approve", timedelta(days=14)


def ask_by_mail(reply: Reply, approval: Approval, member: Member, *, at: datetime) -> None:
    """Ask somebody to look at a reply before it goes out."""
    with in_words_for(member):
        write_mail(
            member,
            key=f"approval {approval.pk}",
            kind="approval",
            subject=_("%(name)s asks you to approve a reply") % {"name": reply.by},
            template="engagement/mail/approval",
            context={
                "reply": reply,
                "approval": approval,
                "inside_url": inside_address("engagement:approval", approval.pk),
                "action_url": outside_address("engagement:approve_by_link", approval_token(approval, member)),
                "action_label": _("Read and decide"),
            },
            at=at,
        )


def approval_token(approval: Approval, member: Member) -> str:
    """Return what lets one member decide about exactly this text, for two weeks and for nothing else."""
    return signing.dumps([approval.organization_id, approval.pk, member.pk, approval.digest], salt=APPROVAL_SALT)


def read_approval_token(value: str) -> tuple[int, int, int, str]:
    """Return (organization, approval, member, digest) of a link; raises django.core.signing.BadSignature."""
    organization, approval, member, digest = signing.loads(value, salt=APPROVAL_SALT, max_age=APPROVAL_LINK_LIVES)
    return int(organization), int(approval), int(member), str(digest)


def tell_sent_back(reply: Reply, approval: Approval, *, by: Member, reason: str, at: datetime) -> None:
    """Tell the writer that the text came back, and why."""
    with in_words_for(reply.by):
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
    with in_words_for(member):
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
