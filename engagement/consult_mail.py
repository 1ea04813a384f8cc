"""Mails about consults: the question, the reminder, and what became of it; each written once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from engagement.consult_tokens import link_token, reply_token
from engagement.models import Assignment, Consult, ConsultRequest
from listening.models import Post
from listening.networks.mail.own_words import MARK
from roles.actions.mail import write_mail
from roles.links import inside_address, outside_address
from roles.models import Member
from roles.speaking import in_words_for

EXCERPT = 4


def what_is_shown(assignment: Assignment) -> dict[str, Any]:
    """What whoever is asked sees of an assignment: the mention, and what was said last around it."""
    post = assignment.mention.post
    around: list[Post] = []
    if post.conversation:
        said = Post.objects.in_conversation(post).exclude(pk=post.pk).select_related("author")
        around = list(said.reverse()[:EXCERPT])[::-1]
    return {"post": post, "around": around}


def ask_by_mail(request: ConsultRequest, *, at: datetime, again: bool = False) -> None:
    """Put the question to one person, or, with `again`, remind them."""
    consult = request.consult
    with in_words_for(request.member):
        asker = consult.asked_by or _("A rule")
        subject = _("Reminder: %(by)s asks: %(question)s") if again else _("%(by)s asks: %(question)s")
        write_mail(
            request.member,
            key=f"consult request {request.pk}{' again' if again else ''}",
            kind="consult",
            subject=subject % {"by": asker, "question": consult.question[:120]},
            template="engagement/mail/consult",
            context={
                **what_is_shown(consult.assignment),
                "consult": consult,
                "asker": asker,
                "again": again,
                "mark": MARK if settings.INBOUND_MAIL_ADDRESS else "",
                "action_url": outside_address("engagement:answer_by_link", link_token(request)),
                "action_label": _("Answer"),
            },
            reply_token=reply_token(request),
            at=at,
        )


def tell_asker(consult: Consult, *, key: str, heading: str, request: ConsultRequest | None, at: datetime) -> None:
    """Tell who asked, and whoever has the assignment, what became of the question."""
    people: list[Member | None] = [consult.asked_by, consult.assignment.member]
    for member in {person.pk: person for person in people if person and person.is_active}.values():
        with in_words_for(member):
            write_mail(
                member,
                key=f"consult {consult.pk} {key}",
                kind="consult",
                subject=heading,
                template="engagement/mail/consult_news",
                context={
                    "heading": heading,
                    "consult": consult,
                    "request": request,
                    "action_url": inside_address("engagement:assignment", consult.assignment_id),
                    "action_label": _("Open it in the queue"),
                },
                at=at,
            )
