"""Ask for a review, say yes or no to exactly what is shown, remark something, and take the question back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from content.digest import digest_of
from content.models import Piece, Review, ReviewDecision, ReviewedVariant, ReviewGuest, ReviewStep, Variant
from content.publishing import look_at_plan
from content.review_asking import ask, ask_about_the_rest, ask_next, end, in_review, seal_of
from content.review_mailing import tell_writers
from content.review_rules import by_steps, matter_of
from content.reviewing import ASKABLE, ReviewState, reviewed
from content.writing import hold
from engagement.refusals import Refusal, Stale
from roles.audit import record
from roles.live import look_again
from roles.models import Member, Needs
from roles.permissions import allowed, decide, require
from roles.speaking import filled
from roles.steps import Matter, is_enough
from roles.wording import listed

State, StepState, Kind, GuestState = Review.State, ReviewStep.State, ReviewDecision.Kind, ReviewGuest.State


@allowed("content.write")
@transaction.atomic
def ask_for_review(
    piece: Piece, *, variants: Iterable[int] | None = None, version: int | None = None, by: Member, at: datetime
) -> list[Review]:
    """Ask whether the variants of a piece that need it may go out exactly as they are: all of them, or those named.

    One review for each set of steps that the policy names. Raises Refusal where nothing is to be asked, Stale where
    somebody saved since `version`.
    """
    row = hold(piece, version=version)
    found = Variant.objects.of_piece(row)
    keys = None if variants is None else set(variants)
    candidates = [one for one in found if keys is None or one.pk in keys]
    for one in candidates:
        one.piece = row
    standing = reviewed(candidates)
    askable = [one for one in candidates if standing[one.pk].state in ASKABLE]
    asked = {one.pk: standing[one.pk].steps for one in askable}
    made = [ask(row, group, steps, by=by, at=at) for steps, group in by_steps(askable, asked).items()]
    if not made:
        raise Refusal(_nothing_to_ask({one.state for one in standing.values()}))
    # What is planned says now that it waits for people.
    look_at_plan(row, at=at)
    for review in made:
        names = sorted(str(one.variant.channel) for one in in_review(review))
        record("ask_for_review", review, by=by, at=at, after={"policy": review.policy_name, "variants": names})
    return made


def _nothing_to_ask(states: set[ReviewState]) -> str:
    if not states:
        return str(_("There is nothing to review yet: add a variant for a channel first."))
    if ReviewState.WAITING in states:
        return str(_("It waits for review already."))
    if ReviewState.APPROVED in states:
        return str(_("It is approved as it is."))
    return str(_("The policy lets this go out without review."))


@allowed("content.write")
@transaction.atomic
def withdraw_review(review: Review, *, by: Member, at: datetime) -> Review:
    """Take the question back; who was asked is asked no more."""
    piece, row = held(review)
    require(by, "content.write", piece)
    if row.state != State.WAITING:
        raise Refusal(decided_already(row))
    end(row, State.WITHDRAWN, at=at)
    record("withdraw_review", row, by=by, at=at)
    return row


@allowed("content.review")
@transaction.atomic
def approve_review(review: Review, *, seal: str, by: Member, at: datetime) -> Review:
    """Say yes to exactly what `seal` stands for: one step, and its variants as they are now.

    The last yes that is needed has the next step asked, and after the last the variants may go out. Raises Stale where
    something is not any more as it was shown.
    """
    piece, row = held(review)
    step = _step_to_decide(row, by=by)
    require_seal(step, row, seal)
    _decide(step, Kind.APPROVE, by=by, at=at)
    record("approve_review", row, by=by, at=at, after={"step": step.number, "digests": digests_of(row)})
    if is_met(step, matter_of(row, piece)):
        step_passed(row, step, piece, by=by, at=at)
    else:
        look_again(f"piece:{piece.pk}")
    return row


def is_met(step: ReviewStep, matter: Matter) -> bool:
    """Whether a step has the yes of any, or each, whom the policy names, and of everybody outside asked besides."""
    guests = list(step.guests.exclude(state=GuestState.REVOKED))
    waits = [one for one in guests if one.state == GuestState.WAITING]
    # As the policy says it; where a coach stands in, the step asks any coach.
    each = step.policy_asks.get("needs") == Needs.ALL
    if any(each or not one.is_named for one in waits):
        return False
    outside = any(one.is_named and one.state == GuestState.APPROVED for one in guests)
    if outside and (step.is_outside_only or not each):
        return True
    yes = Member.objects.filter(pk__in=step.decisions.filter(kind=Kind.APPROVE).values("by")).with_positions()
    return is_enough(step, matter, said_yes=yes)


def step_passed(review: Review, step: ReviewStep, piece: Piece, *, by: Member | None, at: datetime) -> None:
    """The step has all that it needs: the next is asked, and after the last everything in it may go out."""
    step.state, step.ended_at, step.next_look_at = StepState.APPROVED, at, None
    step.save(update_fields=["state", "ended_at", "next_look_at"])
    if ask_next(review, piece, at=at) is not None:
        return
    rows = in_review(review)
    end(review, State.APPROVED, at=at)
    heading = filled(gettext_lazy("“%(piece)s” is approved"), {"piece": piece})
    words = ngettext("%(n)s variant may go out.", "%(n)s variants may go out.", len(rows)) % {"n": len(rows)}
    tell_writers(review, piece, heading=heading, reason=words, key=f"approved {review.pk}", by=by, at=at)


@allowed("content.review")
@transaction.atomic
def send_review_back(
    review: Review, *, reason: str, variants: Iterable[int] | None = None, seal: str = "", by: Member, at: datetime
) -> Review:
    """Say no, and why: everything in the review goes back to its writer, or those of its variants that are named.

    Where only some go back, the others are still asked about. With a `seal` it is said only of what that stands for:
    what came by mail speaks of what the mail showed. Raises Refusal where none of those named is in the review.
    """
    reason = reason.strip()[:2000]
    if not reason:
        raise ValidationError({"reason": _("Say what should be different.")})
    piece, row = held(review)
    step = _step_to_decide(row, by=by)
    if seal:
        require_seal(step, row, seal)
    if variants is not None and (some := _some_of(row, set(variants))):
        return _send_some_back(row, step, piece, some, reason=reason, by=by, at=at)
    _decide(step, Kind.SEND_BACK, reason=reason, by=by, at=at)
    record(
        "send_review_back", row, by=by, at=at, after={"step": step.number, "reason": reason, "digests": digests_of(row)}
    )
    send_all_back(row, step, piece, who=str(by), reason=reason, by=by, at=at)
    return row


def send_all_back(
    row: Review, step: ReviewStep, piece: Piece, *, who: str, reason: str, by: Member | None, at: datetime
) -> None:
    """End a review with a no, and tell those who wait for it who said so and why."""
    step.state, step.ended_at, step.next_look_at = StepState.SENT_BACK, at, None
    step.save(update_fields=["state", "ended_at", "next_look_at"])
    end(row, State.SENT_BACK, at=at)
    heading = filled(gettext_lazy("%(name)s sent “%(piece)s” back"), {"name": who, "piece": piece})
    tell_writers(row, piece, heading=heading, reason=reason, key=f"sent back {row.pk}", by=by, at=at)


def _some_of(row: Review, keys: set[int]) -> list[ReviewedVariant]:
    """The variants of a review that are named; none where they are all of it."""
    rows = in_review(row)
    some = [one for one in rows if one.variant_id in keys]
    if not some:
        raise Refusal(_("Choose which of the variants go back."))
    return some if len(some) < len(rows) else []


def _send_some_back(
    row: Review, step: ReviewStep, piece: Piece, some: list[ReviewedVariant], *, reason: str, by: Member, at: datetime
) -> Review:
    """Take some variants out of a review and give them back; it says no to nothing else, so the step goes on."""
    digests = {str(one.variant_id): one.digest for one in some}
    names = listed(one.variant.channel for one in some)
    said = _("%(variants)s goes back: %(reason)s") % {"variants": names, "reason": reason}
    made = ReviewDecision.objects.create(step=step, by=by, kind=Kind.COMMENT, reason=said[:2000], at=at)
    ReviewedVariant.objects.filter(pk__in=[one.pk for one in some]).update(state=State.SENT_BACK, ended_at=at)
    record("send_review_back", row, by=by, at=at, after={"step": step.number, "reason": reason, "digests": digests})
    look_at_plan(piece, at=at)
    heading = filled(gettext_lazy("%(name)s sent a part of “%(piece)s” back"), {"name": by, "piece": piece})
    tell_writers(row, piece, heading=heading, reason=said, key=f"sent back {row.pk} {made.pk}", by=by, at=at)
    ask_about_the_rest(row, piece, at=at)
    return row


@allowed("content.review")
@transaction.atomic
def remark_on_review(review: Review, *, text: str, by: Member, at: datetime) -> Review:
    """Say something about what is asked without deciding it; the writers are told."""
    text = text.strip()[:2000]
    if not text:
        raise ValidationError({"text": _("Say something.")})
    piece, row = held(review)
    step = row.steps.filter(state=StepState.WAITING).first()
    if row.state != State.WAITING or step is None:
        raise Refusal(decided_already(row))
    if not decide(by, "content.review", piece):
        # Who is named may belong to another department.
        require(by, "content.review", step)
    made = ReviewDecision.objects.create(step=step, by=by, kind=Kind.COMMENT, reason=text, at=at)
    record("remark_on_review", row, by=by, at=at, after={"text": text})
    heading = filled(gettext_lazy("%(name)s remarked on “%(piece)s”"), {"name": by, "piece": piece})
    tell_writers(row, piece, heading=heading, reason=text, key=f"remark {made.pk}", by=by, at=at)
    look_again(f"piece:{piece.pk}")
    return row


def held(review: Review) -> tuple[Piece, Review]:
    """Lock piece and review, in this order: whoever edits waits, and whoever decides sees what was edited."""
    piece = hold(review.piece)
    row = Review.objects.select_for_update(no_key=True, of=("self",)).select_related("asked_by__user").get(pk=review.pk)
    row.piece = piece
    return piece, row


def _step_to_decide(row: Review, *, by: Member) -> ReviewStep:
    """The step that waits; who decides must be asked in it, and have not decided yet."""
    step = ReviewStep.objects.select_for_update(no_key=True, of=("self",)).filter(
        review=row, state=StepState.WAITING
    ).first()  # fmt: skip
    if row.state != State.WAITING or step is None:
        raise Refusal(decided_already(row))
    step.review = row
    require(by, "content.review", step)
    if step.decisions.filter(by=by).exclude(kind=Kind.COMMENT).exists():
        raise Refusal(_("You have said so already; others are still asked."))
    return step


def require_seal(step: ReviewStep, row: Review, seal: str) -> None:
    """Raise Stale where a step does not ask any more about exactly what a seal stands for."""
    now = in_review(row)
    if seal != seal_of(step, now) or any(one.digest != digest_of(one.variant) for one in now):
        raise Stale(_("Something has changed since you opened this. Read it again, then decide."))


def _decide(step: ReviewStep, kind: str, *, reason: str = "", by: Member, at: datetime) -> None:
    ReviewDecision.objects.create(step=step, by=by, kind=kind, reason=reason, at=at)


def digests_of(row: Review) -> dict[str, str]:
    """What a review still asks about, for the audit log."""
    return {str(one.variant_id): one.digest for one in in_review(row)}


def decided_already(row: Review) -> str:
    """Say that nothing is to be decided any more, and how it ended."""
    return str(_("This was decided already: %(state)s.") % {"state": row.get_state_display()})
