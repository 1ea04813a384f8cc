"""What the demo organization says in more than one place, and what a person is to post by hand."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from config.demo_reviews import pass_review
from content.actions.pieces import begin_piece
from content.actions.publications import plan, plan_now
from content.actions.variant_media import attach_media
from content.actions.variants import add_variant
from content.models import Media, Publication
from content.publishing import publications_out
from listening.models import Channel, PracticePost
from roles.models import Member, Organization

FIELD, FEED, HAND = "practice", "own-feed", "by-hand"
AFTERNOON = time(15, 30)
# In how many days from now, title, words, and where they lead.
PIECES = (
    (-5, "Which cargo bike fits which stairwell?", "Measure the narrowest turn first. Our table says what fits.",
     "https://larkspur.example/stairwells"),
    (3, "The Saturday workshop: truing a wheel", "Bring your wheel, we bring spoke keys. Ten o'clock, no fee.", ""),
    (6, "What a year of bread by bike costs", "A bakery opened its books for us: tyres, power, time.", ""),
)  # fmt: skip
LETTER = "Three Sundays, three rides: the ninth, the sixteenth and the twenty-third. Bring bread; we bring the cheese."


def publish_some(organization: Organization, *, coach: Member, responder: Member, at: datetime) -> None:
    """Say a piece on the field and in the feed, plan others for both, and leave one to be posted by hand."""
    field, feed, letter = (
        Channel.objects.filter(network=network, is_active=True).order_by("pk").first()
        for network in (FIELD, FEED, HAND)
    )
    zone = organization.zone
    for days, title, words, link in PIECES:
        day = at.astimezone(zone).date() + timedelta(days=days)
        due = datetime.combine(day, AFTERNOON, zone)
        begun = min(due, at) - timedelta(days=3)
        piece = begin_piece(title, body=words, language="en", by=responder, at=begun)
        variants = [
            add_variant(piece, channel=channel, title=title, text=words, link=link, by=responder, at=begun)
            for channel in (field, feed)
            if channel is not None
        ]
        pass_review(piece, asks=responder, says_yes=coach, at=begun + timedelta(hours=1))
        for variant in variants:
            plan(
                variant, on_day=day, at_time=AFTERNOON, zone=organization.time_zone, by=responder,
                at=begun + timedelta(hours=30),
            )  # fmt: skip
        if due <= at:
            let_out(due)
    if letter is not None:
        _write_to_readers(letter, coach=coach, by=responder, at=at)


def _write_to_readers(letter: Channel, *, coach: Member, by: Member, at: datetime) -> None:
    """Leave something that somebody has to post by hand now."""
    begun = at - timedelta(days=1)
    piece = begin_piece("The spring tour, for the letter", body=LETTER, language="en", by=by, at=begun)
    variant = add_variant(
        piece, channel=letter, title="Three Sundays on the towpath", text=LETTER,
        link="https://larkspur.example/spring-tour", by=by, at=begun,
    )  # fmt: skip
    if picture := Media.objects.filter(content_type__startswith="image/").exclude(alt="").order_by("pk").first():
        attach_media(variant, media=picture, by=by, at=begun)
    pass_review(piece, asks=by, says_yes=coach, at=begun + timedelta(hours=1))
    plan_now(variant, by=by, at=at)
    let_out(at)


def let_out(at: datetime) -> None:
    """Let out what is due; the field's own clock is today's, so what it shows is dated back with the rest."""
    while publications_out.deliver_next(now=lambda: at):
        pass
    while publications_out.look_next(now=lambda: at):
        pass
    keys = Publication.objects.filter(accepted_at=at).values("key")
    PracticePost.objects.filter(key__in=keys).update(published_at=at)
