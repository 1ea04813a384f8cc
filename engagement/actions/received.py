"""Mails that came: kept for the organization whose they are, and settled by a person where no program could."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from engagement.actions.consults import ANSWER_LIMIT, Way, answer_consult, take_answer
from engagement.letters import Letter
from engagement.models import ConsultRequest, IncomingMail, ReceivedMail
from engagement.refusals import Refusal
from roles.audit import record
from roles.models import Member
from roles.permissions import allowed

State, Reason = ReceivedMail.State, ReceivedMail.Reason


@transaction.atomic
def keep_received(
    incoming: IncomingMail, letter: Letter, *, request: ConsultRequest | None, at: datetime
) -> ReceivedMail:
    """Take a mail as the answer that it is, or keep it with the reason why it is none; the application does this."""
    kept = ReceivedMail(
        incoming=incoming, request=request, sender=letter.sender, subject=letter.subject,
        text=letter.text or letter.whole, received_at=incoming.received_at,
    )  # fmt: skip
    if letter.is_automatic:
        kept.state = State.AUTOMATIC
    elif reason := _why_not(letter, request, at=at):
        kept.state, kept.reason = State.FOR_A_PERSON, reason
    else:
        assert request is not None
        kept.state = State.TAKEN
        try:
            with transaction.atomic():
                answer_consult(request, text=letter.text, way=Way.MAIL, by=request.member, at=at)
        except (Refusal, ValidationError, PermissionDenied):
            kept.state, kept.reason = State.FOR_A_PERSON, Reason.TOO_LATE
    kept.save()
    return kept


def _why_not(letter: Letter, request: ConsultRequest | None, *, at: datetime) -> str:
    if request is None:
        return Reason.WRONG_TOKEN if letter.tokens else Reason.NO_TOKEN
    if letter.sender != request.member.user.email.lower():
        return Reason.WRONG_SENDER
    if not request.can_be_answered(at):
        return Reason.TOO_LATE
    if not letter.text:
        return Reason.NO_WORDS
    return Reason.TOO_LONG if len(letter.text) > ANSWER_LIMIT else ""


@allowed("engagement.manage_consults")
@transaction.atomic
def take_received(
    mail: ReceivedMail, *, by: Member, at: datetime, request: ConsultRequest | None = None, text: str | None = None
) -> ReceivedMail:
    """Take a mail as somebody's answer, because a person has read it and says that it is."""
    kept = _to_settle(mail)
    about = request or kept.request
    if about is None:
        raise ValidationError({"request": _("Say which question it answers.")})
    take_answer(about, text=kept.text if text is None else text, way=Way.MAIL, by=by, at=at)
    return _settle(kept, State.TAKEN, by=by, at=at, request=about)


@allowed("engagement.manage_consults")
@transaction.atomic
def put_aside(mail: ReceivedMail, *, by: Member, at: datetime) -> ReceivedMail:
    """Say that a mail is no answer; it stays where it can be read."""
    return _settle(_to_settle(mail), State.PUT_ASIDE, by=by, at=at)


def _to_settle(mail: ReceivedMail) -> ReceivedMail:
    kept = ReceivedMail.objects.select_for_update(of=("self",)).get(pk=mail.pk)
    if kept.state == State.TAKEN:
        raise Refusal(_("This mail was taken as an answer already."))
    return kept


def _settle(
    kept: ReceivedMail, state: str, *, by: Member, at: datetime, request: ConsultRequest | None = None
) -> ReceivedMail:
    verb = "take_received" if state == State.TAKEN else "put_aside"
    record(verb, kept, by=by, at=at, before={"state": kept.state}, after={"request": request.pk if request else None})
    kept.state, kept.settled_by, kept.settled_at, kept.request = state, by, at, request or kept.request
    kept.save(update_fields=["state", "settled_by", "settled_at", "request"])
    return kept
