"""What the demo organization has said itself for some weeks, and what it means to say next."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from config.demo_publications import let_out
from config.demo_reviews import pass_review
from content.actions.campaigns import add_campaign
from content.actions.channels import add_channel
from content.actions.commitments import commit_to
from content.actions.pieces import begin_piece
from content.actions.publications import plan
from content.actions.slots import add_slots
from content.actions.variants import add_variant
from content.calendar_days import monday_of
from content.models import Campaign
from content.planning import due_of
from engagement.models.joinings import Step
from listening.models import Channel
from roles.models import Member, Organization

WEEKS = 6
TUESDAY, THURSDAY = 1, 3
MORNING = time(9, 30)
# In how many weeks from now, on which day of the week, which step it serves, what it says.
SAID = (
    (-6, TUESDAY, Step.PROVIDE_VALUE, "True a wheel in ten minutes",
     "A wobbly wheel is no reason to wait: how to true it with one key."),
    (-5, TUESDAY, Step.PROVIDE_VALUE, "What a load does to brakes",
     "Loaded to 80 kilos you need a third more way. Try it where nobody crosses."),
    (-4, THURSDAY, Step.ENGAGE, "Who carries what",
     "Families, bakers, a cellist: we asked what is in your box on a Monday morning."),
    (-3, TUESDAY, Step.PROVIDE_VALUE, "Chains in winter",
     "Salt eats chains. Five minutes a week with a rag save you a new one in spring."),
    (-2, TUESDAY, Step.PROMOTE_OTHERS, "The repair café at the old dock",
     "Every second Saturday neighbours mend bikes there, and we learn from them."),
    (-1, TUESDAY, Step.SHARE_ABOUT_YOU, "Why we answer on Sundays",
     "Nobody's bike breaks by the calendar. Leila tells how her Sunday looks."),
    (0, THURSDAY, Step.PROVIDE_VALUE, "Lights that last the winter",
     "Which lights we ride with ourselves, and which came back broken."),
    (1, TUESDAY, Step.PROVIDE_VALUE, "A child seat, step by step",
     "Six photos, two tools, and the one screw that everybody forgets."),
    (1, THURSDAY, Step.ENGAGE, "The spring tour: eight towns",
     "Test rides in eight towns. Which street should we try with you?"),
    (2, TUESDAY, Step.SHARE_ABOUT_YOU, "Behind the workshop door",
     "How a frame is welded, and why it takes two mornings."),
)  # fmt: skip
# Planned, and nobody has seen it yet.
UNSEEN = SAID[-1][3]
NOT_PLANNED = (
    ("Tyres: three questions before you buy", "Which load, which road, how much air? More is not asked of you."),
    ("A rider's week in pictures", "Seven days, seven loads: we ask three riders to show us theirs."),
)


def keep_a_rhythm(organization: Organization, *, coach: Member, responder: Member, at: datetime) -> None:
    """Publish once a week in-house, each reviewed, plan the next weeks, and have a campaign and an event ahead."""
    channel = Channel.objects.filter(network="practice").order_by("pk").first()
    assert channel is not None
    begun, zone = at - timedelta(weeks=WEEKS), organization.time_zone
    # Where one answers there is one account, so that nobody has to choose it.
    workshop = add_channel(organization, network="by-hand", name="The workshop's board", by=coach, at=begun)
    add_slots(channel, weekdays=[TUESDAY], at_time=MORNING, zone=zone, by=coach, at=begun)
    add_slots(workshop, weekdays=[THURSDAY], at_time=time(17), zone=zone, by=coach, at=begun)
    commit_to(channel, per_week=1, by=coach, at=begun)
    monday = monday_of(timezone.localtime(at).date())
    tour = _ahead(coach=coach, at=begun, monday=monday)
    for week, weekday, step, title, text in SAID:
        day = monday + timedelta(weeks=week, days=weekday)
        due = due_of(day, MORNING, zone)
        said_at = min(due, at) - timedelta(days=3)
        about = {"campaign": tour} if week > 0 else {}
        piece = begin_piece(title, body=text, step=step, by=responder, at=said_at, **about)
        variant = add_variant(piece, channel=channel, text=text, by=responder, at=said_at)
        if title != UNSEEN:
            pass_review(piece, asks=responder, says_yes=coach, at=said_at + timedelta(hours=1))
        plan(variant, on_day=day, at_time=MORNING, zone=zone, by=coach, at=said_at + timedelta(hours=30))
        if due <= at:
            let_out(due)
    for title, text in NOT_PLANNED:
        piece = begin_piece(title, body=text, by=responder, at=at - timedelta(days=1))
        add_variant(piece, channel=workshop, text=text, by=responder, at=at - timedelta(days=1))


def _ahead(*, coach: Member, at: datetime, monday: date) -> Campaign:
    """A fair that is near, and the campaign for the tour, which begins soon."""
    add_campaign(
        name="Bicycle fair", kind=Campaign.Kind.EVENT, begins_on=monday + timedelta(days=10),
        ends_on=monday + timedelta(days=12), colour=2, by=coach, at=at,
        goal="Thirty test rides a day, and everybody who asks for a price has it the same evening.",
    )  # fmt: skip
    return add_campaign(
        name="Spring tour", begins_on=monday + timedelta(days=5), ends_on=monday + timedelta(days=26), colour=3,
        goal="Every town of the tour is booked out a week before we come.", by=coach, at=at,
    )  # fmt: skip
