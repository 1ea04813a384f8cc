"""Ask for a review, step by step, and end the asking: inside the transaction that holds the piece."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from content.digest import digest_of, sent_by
from content.models import Piece, Review, ReviewedVariant, ReviewGuest, ReviewStep, Variant
from content.publishing import look_at_plan
from content.review_hours import due_of
from content.review_mailing import LINK_LIVES, ask_by_mail, ask_guest_by_mail
from content.review_makers import who_wrote_since_approved
from content.review_rules import TimedStep, matter_of
from content.writing import after_save
from roles.audit import record
from roles.live import look_again
from roles.models import Member
from roles.models.access import digest
from roles.steps import Matter, address, asked, meant_by, with_somebody, with_stand_ins

State, StepState = Review.State, ReviewStep.State
# A worker looks so often whether those who are asked can decide; people come and go.
LOOKS_EVERY = timedelta(minutes=10)


def ask(
    piece: Piece, variants: Sequence[Variant], steps: Sequence[TimedStep], *, by: Member | None, at: datetime
) -> Review:
    """Write down what is asked about, exactly as it is, and ask those of the first step."""
    makers = {key for key in (piece.author_id, piece.saved_by_id) if key} | who_wrote_since_approved(variants)
    review = Review.objects.create(
        piece=piece, policy_name=steps[0].policy_name, asked_by=by, asked_at=at, maker_ids=sorted(makers)
    )
    ReviewedVariant.objects.bulk_create(
        ReviewedVariant(review=review, variant=one, digest=digest_of(one), shown=shown(one), asked_at=at)
        for one in variants
    )
    matter = matter_of(review, piece)
    made = [
        ReviewStep(
            review=review, number=number, policy_name=step.policy_name, needs=step.needs, roles=list(step.roles),
            member_ids=list(step.member_ids), roles_meant=list(step.roles), member_ids_meant=list(step.member_ids),
            hours=step.hours, policy_asks=meant.asks, outside=[one._asdict() for one in step.outside],
        )
        for number, (meant, step) in enumerate(((step, _as_it_can_be_asked(step, matter)) for step in steps), 1)
    ]  # fmt: skip
    ReviewStep.objects.bulk_create(made)
    ask_next(review, piece, at=at)
    return review


def _as_it_can_be_asked(step: TimedStep, matter: Matter) -> TimedStep:
    """The step with whoever outside has become a member asked as one, and where nobody inside could say yes, a coach.

    Where only people outside are asked, nobody stands in for them.
    """
    if step.outside:
        here = Member.objects.reached_at(one.email for one in step.outside)
        left = tuple(one for one in step.outside if one.email not in here)
        step = replace(step, outside=left, member_ids=tuple(dict.fromkeys([*step.member_ids, *here.values()])))
    return with_somebody(step, matter) if step.roles or step.member_ids else step


def shown(variant: Variant) -> dict[str, Any]:
    """What goes out of a variant, and what its piece is, in words: what a digest stands for."""
    said, piece = sent_by(variant), variant.piece
    del said["channel_id"]
    said |= {"kind": piece.kind, "topic": str(piece.topic or ""), "department": str(piece.department or "")}
    media = [{"name": row.media.name, "alt": row.words, "digest": row.media.digest} for row in variant.media_rows.all()]
    return {**said, "media": media}


def ask_next(review: Review, piece: Piece, *, at: datetime) -> ReviewStep | None:
    """Ask those of the next step, on their pages and by mail; None where there is no further step."""
    following = ReviewStep.objects.filter(review=review, state=StepState.LATER).order_by("number").first()
    if following is not None:
        following.state, following.asked_at = StepState.WAITING, at
        following.due_at = due = due_of(following, piece)
        following.next_look_at = at + LOOKS_EVERY
        following.save(update_fields=["due_at", "next_look_at"])
        meant, matter = meant_by(following), matter_of(review, piece)
        address(following, meant, *with_stand_ins(meant, matter, at=at))
        tell_those_asked(following, review, piece, asked(following, matter), at=at)
        for one in following.outside:
            until = max(at + LINK_LIVES, due)
            ask_outside(following, review, piece, **one, until=until, is_named=True, by=None, at=at)
    look_again(f"piece:{piece.pk}")
    return following


def ask_outside(
    step: ReviewStep, review: Review, piece: Piece, *, name: str, email: str, until: datetime, is_named: bool,
    by: Member | None, at: datetime,
) -> ReviewGuest:  # fmt: skip
    """Send somebody who is no member a link of their own; what it says is kept nowhere."""
    key = secrets.token_urlsafe(24)
    guest = ReviewGuest.objects.create(
        step=step, name=name, email=email, link_digest=digest(key), is_named=is_named, asked_by=by, asked_at=at,
        expires_at=until,
    )  # fmt: skip
    ask_guest_by_mail(guest, piece, in_review(review), key=key, by=by or speaks_for(review, piece), at=at)
    record("ask_guest", review, by=by, at=at, after={"name": name, "email": email, "expires_at": until})
    return guest


def speaks_for(review: Review, piece: Piece) -> Member:
    """In whose name people outside are asked whom the policy names."""
    return review.asked_by or piece.author


def tell_those_asked(
    step: ReviewStep, review: Review, piece: Piece, people: Iterable[Member], *, at: datetime, again: bool = False
) -> None:
    """Write to everybody who can decide a step, each with a link of their own."""
    rows = in_review(review)
    for member in people:
        ask_by_mail(step, review, piece, rows, member, seal=seal_of(step, rows), at=at, again=again)


def in_review(review: Review) -> list[ReviewedVariant]:
    """The variants about which a review still asks, as they are now."""
    variants = Variant.objects.select_related("channel", "piece__topic", "piece__department").with_media()
    rows = {row.variant_id: row for row in ReviewedVariant.objects.filter(review=review, state=State.WAITING)}
    for variant in variants.filter(pk__in=rows):
        rows[variant.pk].variant = variant
    return sorted(rows.values(), key=lambda row: (row.variant.position, row.variant_id))


def seal_of(step: ReviewStep, rows: Iterable[ReviewedVariant]) -> str:
    """What stands for one step's question about exactly these variants as they are now."""
    said = [f"{row.variant_id}:{digest_of(row.variant)}" for row in rows]
    return hashlib.sha256("\n".join([str(step.pk), *sorted(said)]).encode()).hexdigest()


def end(review: Review, state: str, *, at: datetime) -> None:
    """End a review with everything that it still asks about, however it ended."""
    waiting = ReviewStep.objects.filter(review=review, state__in=[StepState.WAITING, StepState.LATER])
    waiting.update(state=StepState.WITHDRAWN, ended_at=at, next_look_at=None)
    ReviewedVariant.objects.filter(review=review, state=State.WAITING).update(state=state, ended_at=at)
    review.state, review.ended_at = state, at
    review.save(update_fields=["state", "ended_at"])
    # What waited for it may go out, or waits for something else now.
    look_at_plan(review.piece, at=at)
    look_again(f"piece:{review.piece_id}")


@after_save
def take_out_what_changed(piece: Piece, by: Member | None, at: datetime) -> None:
    """Send back exactly those variants that are not any more what was asked about; the others are still asked about."""
    rows = list(
        ReviewedVariant.objects.filter(review__piece=piece, state=State.WAITING).select_related("review").order_by("pk")
    )
    if not rows:
        return
    variants = Variant.objects.in_use().filter(pk__in=[row.variant_id for row in rows]).with_media()
    now = {one.pk: one for one in variants}
    for one in now.values():
        one.piece = piece
    is_dropped = piece.state == Piece.State.DROPPED
    gone = [
        row for row in rows if is_dropped or row.variant_id not in now or digest_of(now[row.variant_id]) != row.digest
    ]
    if not gone:
        return
    ReviewedVariant.objects.filter(pk__in=[row.pk for row in gone]).update(state=State.CHANGED, ended_at=at)
    go_on = {row.review_id for row in rows if row not in gone}
    for review in {row.review_id: row.review for row in gone}.values():
        if review.pk in go_on:
            ask_about_the_rest(review, piece, at=at)
        else:
            end(review, State.WITHDRAWN if is_dropped else State.CHANGED, at=at)


def ask_about_the_rest(review: Review, piece: Piece, *, at: datetime) -> None:
    """Write anew to those who are asked: the link that they have stands for more than is asked about now."""
    step = ReviewStep.objects.filter(review=review, state=StepState.WAITING).first()
    if step is not None:
        said = set(step.decisions.exclude(kind="comment").values_list("by", flat=True))
        people = [member for member in asked(step, matter_of(review, piece)) if member.pk not in said]
        tell_those_asked(step, review, piece, people, at=at)
    look_again(f"piece:{piece.pk}")
