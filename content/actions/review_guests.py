"""Ask somebody outside about what waits for review, take that back, and write down what they said."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from content.actions.reviews import decided_already, digests_of, held, is_met, require_seal, send_all_back, step_passed
from content.models import Piece, Review, ReviewDecision, ReviewGuest, ReviewStep
from content.review_asking import ask_outside, in_review, speaks_for
from content.review_mailing import ask_guest_by_mail, tell_link_ended, tell_writers
from content.review_rules import matter_of
from engagement.refusals import Refusal
from roles.audit import record
from roles.live import look_again
from roles.models import Member
from roles.models.access import digest
from roles.permissions import allowed
from roles.speaking import filled

State, Kind = ReviewGuest.State, ReviewDecision.Kind
USUAL_DAYS, MOST_DAYS, MOST_GUESTS = 7, 30, 5


@allowed("content.manage_review")
@transaction.atomic
def ask_guest(
    review: Review, *, name: str, email: str, days: int = USUAL_DAYS, by: Member, at: datetime
) -> ReviewGuest:
    """Ask somebody who is no member whether exactly this may go out: by a link that ends, and can be revoked.

    The step that waits takes their yes as well. Whoever is asked again, whom the policy names too, gets a new link, and
    the old one ends. Raises Refusal where nothing waits, ValidationError where they are a member, or where too many are
    asked already.
    """
    piece, row = held(review)
    step = _waiting(row)
    name, email = " ".join(name.split())[:120], email.strip().lower()
    if not name:
        raise ValidationError({"name": _("Say who it is.")})
    _reachable(email)
    if not 1 <= days <= MOST_DAYS:
        raise ValidationError({"days": _("Give them from 1 to %(n)s days.") % {"n": MOST_DAYS}})
    guests = step.guests.filter(state=State.WAITING)
    is_named = guests.filter(email=email, is_named=True).exists()
    guests.filter(email=email).update(state=State.REVOKED, ended_at=at)
    if guests.count() >= MOST_GUESTS:
        raise ValidationError({"email": _("%(n)s people outside are asked already.") % {"n": MOST_GUESTS}})
    until = at + timedelta(days=days)
    guest = ask_outside(step, row, piece, name=name, email=email, until=until, is_named=is_named, by=by, at=at)
    look_again(f"piece:{piece.pk}")
    return guest


def _reachable(email: str) -> None:
    try:
        validate_email(email)
    except ValidationError as problem:
        raise ValidationError({"email": problem.messages}) from problem
    if Member.objects.reached_at([email]):
        raise ValidationError({"email": _("This is a member. Name them in the policy instead.")})


@allowed("content.manage_review")
@transaction.atomic
def revoke_guest(guest: ReviewGuest, *, by: Member, at: datetime) -> ReviewGuest:
    """Ask somebody outside no more: their link opens nothing from now on, and their yes is not waited for.

    Raises Refusal where they have answered, where the policy names them, and where whoever wrote the piece would take
    away whom others asked.
    """
    piece, review = held(guest.step.review)
    row = ReviewGuest.objects.select_for_update(of=("self",), no_key=True).select_related("step").get(pk=guest.pk)
    if row.state != State.WAITING:
        raise Refusal(_("They have answered already, or are asked no more."))
    if row.is_named:
        raise Refusal(_("The policy names them: send them a new link, or change the policy and ask anew."))
    if by.pk in matter_of(review, piece).makers and row.asked_by_id != by.pk:
        raise Refusal(_("You wrote it: whoever asked them, or another coach, can take that back."))
    _end(row, State.REVOKED, at=at)
    record("revoke_guest", review, by=by, at=at, after={"name": row.name, "email": row.email})
    _go_on(review, row.step, piece, at=at)
    return row


@transaction.atomic
def answer_as_guest(guest: ReviewGuest, *, decision: str, seal: str, reason: str = "", at: datetime) -> ReviewGuest:
    """Write down what somebody outside said to exactly what `seal` stands for; raises as `approve_review` does."""
    reason = reason.strip()[:2000]
    if decision not in Kind.values:
        raise ValidationError({"decision": _("Approve it, send it back, or leave a remark.")})
    if decision != Kind.APPROVE and not reason:
        raise ValidationError({"reason": _("Say what should be different.")})
    piece, review = held(guest.step.review)
    row = ReviewGuest.objects.select_for_update(of=("self",), no_key=True).get(pk=guest.pk)
    step = _waiting(review)
    if row.state != State.WAITING or row.step_id != step.pk or row.has_ended(at):
        raise Refusal(_("Nothing is asked of you here any more."))
    if decision != Kind.COMMENT:
        require_seal(step, review, seal)
    said = ReviewDecision.objects.create(step=step, guest=row, kind=decision, reason=reason, at=at)
    after = {"guest": row.name, "decision": decision, "reason": reason, "digests": digests_of(review)}
    record("answer_as_guest", review, by=None, at=at, after=after)
    names = {"name": row.name, "piece": piece}
    if decision == Kind.COMMENT:
        heading = filled(gettext_lazy("%(name)s remarked on “%(piece)s”"), names)
        tell_writers(review, piece, heading=heading, reason=reason, key=f"remark {said.pk}", by=None, at=at)
    elif decision == Kind.SEND_BACK:
        _end(row, State.SENT_BACK, at=at)
        send_all_back(review, step, piece, who=row.name, reason=reason, by=None, at=at)
    else:
        _end(row, State.APPROVED, at=at)
        _go_on(review, step, piece, at=at)
    look_again(f"piece:{piece.pk}")
    return row


def look_after_guests(
    step: ReviewStep, review: Review, piece: Piece, *, reminds_at: datetime, at: datetime
) -> None:  # fmt: skip
    """Remind those outside once, and once their link has ended tell whoever asked them; their yes is waited for still.

    Whom the policy names are reminded when everybody in the step is, at `reminds_at`. Whoever asked them and is not
    here any more, or away, is stood in for by the coaches.
    """
    for guest in step.guests.filter(state=State.WAITING).select_related("asked_by__user"):
        by = guest.asked_by or (speaks_for(review, piece) if guest.is_named else None)
        when = reminds_at if guest.is_named else guest.reminds_at
        if guest.has_ended(at):
            _end_link(guest, review, piece, at=at)
        elif by is not None and by.is_active and guest.reminded_at is None and at >= when:
            key = secrets.token_urlsafe(24)
            guest.reminded_at, guest.second_digest = at, digest(key)
            guest.save(update_fields=["reminded_at", "second_digest"])
            ask_guest_by_mail(guest, piece, in_review(review), key=key, by=by, at=at, again=True)
            record("remind_of_review", review, by=None, at=at, after={"asked": [guest.name]})


def _end_link(guest: ReviewGuest, review: Review, piece: Piece, *, at: datetime) -> None:
    if guest.told_at is not None:
        return
    guest.told_at, by = at, guest.asked_by
    guest.save(update_fields=["told_at"])
    if by is not None and by.is_active and by.is_available(at):
        told = [by]
    else:
        rows = Member.objects.who_may("content.manage_review", *([piece.department_id] if piece.department_id else []))
        told = [member for member in rows.select_related("user") if member.is_available(at)]
    for member in told:
        tell_link_ended(guest, review, piece, member, at=at)
    after = {"guest": guest.name, "told": [str(member) for member in told]}
    record("end_guest_link", review, by=None, at=at, after=after)
    look_again(f"piece:{piece.pk}")


def _waiting(review: Review) -> ReviewStep:
    step = (
        ReviewStep.objects.select_for_update(no_key=True, of=("self",)).filter(review=review, state="waiting").first()
    )
    if review.state != Review.State.WAITING or step is None:
        raise Refusal(decided_already(review))
    step.review = review
    return step


def _end(guest: ReviewGuest, state: str, *, at: datetime) -> None:
    guest.state, guest.ended_at = state, at
    guest.save(update_fields=["state", "ended_at"])


def _go_on(review: Review, step: ReviewStep, piece: Piece, *, at: datetime) -> None:
    """Have the next step asked where this one has everybody's yes by now."""
    if step.state == ReviewStep.State.WAITING and is_met(step, matter_of(review, piece)):
        step_passed(review, step, piece, by=None, at=at)
    look_again(f"piece:{piece.pk}")
