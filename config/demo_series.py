"""What the demo organization says in numbers, what stays true and has rested, and what people say about a text."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from config.demo_publications import let_out
from config.demo_reviews import pass_review
from content.actions.comments import comment
from content.actions.pieces import begin_piece, edit_piece
from content.actions.publications import plan
from content.actions.series import begin_series, continue_series
from content.actions.variants import add_variant
from content.models import Piece
from engagement.models.joinings import Step
from listening.models import Channel
from roles.models import Member, Organization

NOON = time(12, 0)
SERIES = "Five minutes at the workbench"
PROMISE = "One grip of the hand each week, in the time that a kettle takes to boil."
# How many days ago each went out; the last one is being written.
NUMBERS = (
    (15, "Listen to the chain",
     "Turn the pedals backwards and listen. Dry chains chirp, dirty ones grind. A cloth, then one drop a link."),
    (8, "Two fingers of brake",
     "Pull with two fingers. If the lever reaches the bar, turn the barrel half a turn out, and try again."),
    (None, "Air for the load",
     "With forty kilos in the box the rear wants half a bar more. The gauge knows; the thumb does not."),
)  # fmt: skip
LASTING = "Lock the frame, not the wheel: through the rear triangle, to something that is set in the ground."
REMARKS = (
    ("Does this hold for disc brakes, too?", "It does, but they dry within one turn. I will say so."),
    ("“Squeal” reads harsh. Noise?", "Everybody calls it squeal on the telephone. Let us keep their word."),
    ("A picture of a worn pad would help.", "There is one in the media, with its description."),
    ("Two millimetres with or without the plate?", "Without. Added."),
)


def go_on_in_numbers(organization: Organization, *, coach: Member, writer: Member, at: datetime) -> None:
    """Begin a series with two numbers that went out and one that is written, and say what may be said again by now."""
    field = Channel.objects.filter(network="practice", is_active=True).order_by("pk").first()
    if field is None:
        return
    lasting = begin_piece(
        "How to lock a cargo bike", body=LASTING, language="en", step=Step.PROVIDE_VALUE, rests_days=21, by=writer,
        at=at - timedelta(days=33),
    )  # fmt: skip
    _say(lasting, LASTING, field, organization, coach=coach, writer=writer, days=30, at=at)
    series = begin_series(organization, name=SERIES, promise=PROMISE, by=coach, at=at - timedelta(days=20))
    for days, title, words in NUMBERS:
        begun = at - timedelta(days=(days or -1) + 3)
        piece = continue_series(series, title=title, by=writer, at=begun)
        edit_piece(piece, body=words, step=Step.PROVIDE_VALUE, language="en", by=writer, at=begun)
        if days:
            _say(piece, words, field, organization, coach=coach, writer=writer, days=days, at=at)
        else:
            add_variant(piece, channel=field, text=words, by=writer, at=begun)


def _say(
    piece: Piece, words: str, channel: Channel, organization: Organization, *, coach: Member, writer: Member,
    days: int, at: datetime,
) -> None:  # fmt: skip
    """Have a piece reviewed, planned and said so many days ago."""
    zone = organization.zone
    day = at.astimezone(zone).date() - timedelta(days=days)
    due = datetime.combine(day, NOON, zone)
    variant = add_variant(piece, channel=channel, text=words, by=writer, at=due - timedelta(hours=50))
    pass_review(piece, asks=writer, says_yes=coach, at=due - timedelta(hours=48))
    plan(variant, on_day=day, at_time=NOON, zone=organization.time_zone, by=writer, at=due - timedelta(hours=30))
    let_out(due)


def talk_about(title: str, *, asks: Member, answers: Member, at: datetime) -> None:
    """Leave what people asked about a piece, and what its writer said to that."""
    piece = Piece.objects.open().filter(title__startswith=title).order_by("pk").first()
    if piece is None:
        return
    for number, (question, answer) in enumerate(REMARKS):
        asked = at - timedelta(hours=18 - 3 * number)
        begun = comment(piece, text=question, by=asks, at=asked)
        comment(piece, text=answer, answers=begun, by=answers, at=asked + timedelta(minutes=40))
