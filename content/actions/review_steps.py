"""Look after steps that wait: remind, tell when it takes too long, ask others where those who are asked cannot."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from content.actions.review_guests import look_after_guests
from content.actions.reviews import is_met, step_passed
from content.models import Piece, Review, ReviewDecision, ReviewStep
from content.review_asking import LOOKS_EVERY, tell_those_asked
from content.review_hours import due_of, reminds_of
from content.review_mailing import tell_late
from content.review_rules import matter_of
from roles.audit import record
from roles.business_hours import Calendars
from roles.live import look_again
from roles.models import Member
from roles.step_words import keys_in, names_of, who_is_asked
from roles.steps import Matter, address_anew, asked, pass_step_on

State = ReviewStep.State
AT_ONCE = 200


def look_after_due(*, at: datetime) -> int:
    """Look after the steps of the active organization that are due to be looked after; returns how many were."""
    keys = list(ReviewStep.objects.due(at).values_list("pk", flat=True)[:AT_ONCE])
    return sum(look_after(key, at=at) for key in keys)


@transaction.atomic
def look_after(key: int, *, at: datetime) -> bool:
    """Look after one step, if it is still due and nobody holds its piece; the row says when to look again."""
    found = ReviewStep.objects.filter(pk=key).values_list("review__piece", "review").first()
    if found is None:
        return False
    held = Piece.objects.select_for_update(no_key=True, of=("self",), skip_locked=True)
    piece = held.select_related("department", "author__user").filter(pk=found[0]).first()
    step = ReviewStep.objects.select_for_update(no_key=True, of=("self",)).due(at).filter(pk=key).first()
    if piece is None or step is None:
        return False
    review = Review.objects.select_related("asked_by__user").get(pk=found[1])
    review.piece, step.review = piece, review
    matter = matter_of(review, piece)
    yes = _said_yes(step)
    if is_met(step, matter):
        step_passed(review, step, piece, by=None, at=at)
        return True
    _readdress(step, review, piece, matter, yes, at=at)
    # Counted anew: the business hours may be others by now.
    calendars = Calendars()
    step.due_at, reminds_at = due_of(step, piece, calendars=calendars), reminds_of(step, piece, calendars=calendars)
    if at >= reminds_at:
        _remind(step, review, piece, matter, at=at)
    _escalate(step, review, piece, at=at)
    look_after_guests(step, review, piece, reminds_at=reminds_at, at=at)
    step.next_look_at = _next_look(step, reminds_at, at=at)
    step.save(update_fields=["due_at", "next_look_at", "reminded_at", "escalated_at"])
    return True


def _said_yes(step: ReviewStep) -> list[Member]:
    decisions = step.decisions.filter(kind=ReviewDecision.Kind.APPROVE)
    return list(Member.objects.filter(pk__in=decisions.values("by")).with_positions())


def _readdress(
    step: ReviewStep, review: Review, piece: Piece, matter: Matter, yes: list[Member], *, at: datetime
) -> None:
    if step.is_outside_only:
        return  # nobody stands in for people outside
    asked_at = step.asked_at
    before = {"roles": step.roles, "members": step.member_ids}
    people = address_anew(step, matter, said_yes={member.pk for member in yes}, at=at)
    if people:
        # The time that the policy gives runs on: others are asked instead, not anew.
        step.asked_at = asked_at
        step.save(update_fields=["asked_at"])
        after = {"roles": step.roles, "asked": [str(member) for member in people]}
        record("readdress_review", review, by=None, at=at, before=before, after=after)
        tell_those_asked(step, review, piece, people, at=at)
        look_again(f"piece:{piece.pk}")


def _remind(step: ReviewStep, review: Review, piece: Piece, matter: Matter, *, at: datetime) -> None:
    if step.reminded_at is not None:
        return
    step.reminded_at = at
    said = set(step.decisions.exclude(kind=ReviewDecision.Kind.COMMENT).values_list("by", flat=True))
    people = [member for member in asked(step, matter) if member.pk not in said and member.is_available(at)]
    tell_those_asked(step, review, piece, people, at=at, again=True)
    if people:
        record("remind_of_review", review, by=None, at=at, after={"asked": [str(member) for member in people]})


def _escalate(step: ReviewStep, review: Review, piece: Piece, *, at: datetime) -> None:
    if step.escalated_at is not None or step.due_at is None or at < step.due_at:
        return
    step.escalated_at = at
    rows = Member.objects.who_may("content.manage_review", *([piece.department_id] if piece.department_id else []))
    who = who_is_asked(step, names_of(keys_in(step)))
    told = [member for member in rows.select_related("user") if member.is_available(at)]
    for member in told:
        tell_late(step, review, piece, member, who=who, at=at)
    record("escalate_review", review, by=None, at=at, after={"told": [str(member) for member in told]})


def _next_look(step: ReviewStep, reminds_at: datetime, *, at: datetime) -> datetime:
    moments = [at + LOOKS_EVERY]
    if step.reminded_at is None:
        moments.append(reminds_at)
    if step.escalated_at is None and step.due_at is not None:
        moments.append(step.due_at)
    return min(moments)


@transaction.atomic
def pass_review_on(step: ReviewStep, *, of: Member, to: Member | None, by: Member | None, at: datetime) -> bool:
    """Ask somebody else instead of one who is named for a step; whoever hands over has decided it."""
    piece = Piece.objects.select_for_update(no_key=True, of=("self",)).select_related("department").get(
        pk=step.review.piece_id
    )  # fmt: skip
    row = ReviewStep.objects.select_for_update(no_key=True, of=("self",)).select_related("review").get(pk=step.pk)
    review, matter = row.review, matter_of(row.review, piece)
    if row.state not in {State.WAITING, State.LATER} or of.pk not in {*row.member_ids, *row.member_ids_meant}:
        return False  # decided meanwhile
    if to is not None and to.pk in matter.makers:
        return False  # nobody approves their own
    before = {"roles": row.roles, "members": row.member_ids}
    yes = {member.pk for member in _said_yes(row)}
    people = pass_step_on(row, matter, of=of, to=to, said_yes=yes, at=at)
    after = {"roles": row.roles, "asked": [str(member) for member in people]}
    record("readdress_review", review, by=by, at=at, before=before, after=after)
    if row.state == State.WAITING:
        tell_those_asked(row, review, piece, people, at=at)
        look_again(f"piece:{piece.pk}")
    return True
