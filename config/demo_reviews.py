"""Reviews of the demo organization: what was approved, what came back, what waits, and a policy of its own."""

from __future__ import annotations

from datetime import datetime, timedelta

from content.actions.pieces import begin_piece
from content.actions.review_guests import ask_guest
from content.actions.review_policies import add_review_policy
from content.actions.reviews import approve_review, ask_for_review, send_review_back
from content.actions.variants import add_variant, edit_variant
from content.models import Piece, Review
from content.review_asking import in_review, seal_of
from content.review_rules import Outsider, TimedStep, waiting_step
from listening.models import Channel
from roles.models import Member, Organization, Role

FLAT = "A flat tyre in ten minutes: what to carry, and in which order to use it."
COUNSEL = Outsider("Dr. Amara Weiss, counsel", "counsel@weiss.example")
RECALL = "We exchange every brake lever of the 2024 series, free of charge. Bring the bike, or let us fetch it."


def review_some(organization: Organization, *, author: Member, coach: Member, booth: Member, at: datetime) -> None:
    """One piece went through; one came back, was asked for again, and waits for the booth and for counsel outside."""
    channel = Channel.objects.order_by("pk").first()
    if channel is None:
        return
    begun = at - timedelta(days=9)
    add_review_policy(
        organization, name="Promises are seen by the booth", kind="article",
        steps=[TimedStep(member_ids=(booth.pk,), hours=48)], by=coach, at=begun,
    )  # fmt: skip
    add_review_policy(
        organization, name="Films are seen by counsel", kind=Piece.Kind.FILM,
        steps=[TimedStep(roles=(Role.COACH,)), TimedStep(outside=(COUNSEL,), hours=48)], by=coach, at=begun,
    )  # fmt: skip
    flat = _ask("A flat tyre in ten minutes", FLAT, Piece.Kind.POST, channel, author, at=begun)
    _decide(flat, coach, at=begun + timedelta(hours=3))
    recall = _ask("The brake levers of 2024", RECALL, Piece.Kind.ARTICLE, channel, author, at=at - timedelta(days=2))
    send_review_back(
        recall, reason="Say until when, and that fetching takes a week.", by=booth, at=at - timedelta(days=1)
    )
    (variant,) = recall.piece.variants.all()
    edit_variant(variant, text=f"{RECALL} Until June; fetching takes a week.", by=author, at=at - timedelta(hours=3))
    (again,) = ask_for_review(recall.piece, by=author, at=at - timedelta(hours=2))
    ask_guest(again, **COUNSEL._asdict(), by=coach, at=at - timedelta(hours=1))


def _ask(title: str, text: str, kind: str, channel: Channel, author: Member, *, at: datetime) -> Review:
    piece = begin_piece(title, body=text, kind=kind, by=author, at=at)
    add_variant(piece, channel=channel, title=title, text=text, by=author, at=at)
    (review,) = ask_for_review(piece, by=author, at=at)
    return review


def pass_review(piece: Piece, *, asks: Member, says_yes: Member, at: datetime) -> None:
    """Ask for the review of a piece, and have somebody approve it some hours later."""
    for review in ask_for_review(piece, by=asks, at=at):
        _decide(review, says_yes, at=at + timedelta(hours=5))


def _decide(review: Review, by: Member, *, at: datetime) -> None:
    step = waiting_step(review)
    assert step is not None
    approve_review(review, seal=seal_of(step, in_review(review)), by=by, at=at)
