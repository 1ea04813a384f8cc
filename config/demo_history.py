"""Two weeks in the life of the demo organization, lived through by the same machinery as any other."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from engagement import outbox
from engagement.actions import assignments, replies
from engagement.models import Assignment
from engagement.results import reply_results
from listening import polling
from listening.models import PracticeAccount, PracticePost
from listening.practice_field import actions as field
from measurement.tasks import refresh_rollups
from roles.models import Member

DAYS = 14


class Event(NamedTuple):
    """Somebody says something; `minutes` later it is answered, or, where there is no answer, ended as it deserves."""

    days_ago: float
    handle: str
    text: str
    minutes: int
    answer: str = ""


EVENTS = (
    Event(13.4, "mara_rides", "Test rode a {name} today. The children did not want to get off.", 90),
    Event(
        12.9,
        "grumpy_george",
        "My {name} makes a clicking noise uphill. Is that normal?",
        38,
        "It should not click. Does it come with every turn of the pedals? Then it is the chain guide.",
    ),
    Event(
        12.2,
        "yuki.t",
        "@{us} does the app work without an account?",
        25,
        "Yes: everything but the theft alarm works without one.",
    ),
    Event(
        11.3,
        "samira.k",
        "{name} donated tools to the repair café. Thank you!",
        55,
        "Our pleasure. See you on Saturday!",
    ),
    Event(
        10.6,
        "pablo_h",
        "Error E07 on my {name}, the light stays off.",
        21,
        "E07 is the rear light's plug. Push it in until it clicks.",
    ),
    Event(
        9.7,
        "dee.in.town",
        "How loud is the {name} horn allowed to be?",
        210,
        "At most 76 decibels at seven metres; ours has 72.",
    ),
    Event(
        8.8,
        "newsdesk_kit",
        "@{us} I would like an interview about repairs. Whom do I write to?",
        47,
        "To press at our address; somebody calls you back this afternoon.",
    ),
    Event(8.1, "mara_rides", "The {name} rain cover is back in stock at the corner shop.", 130),
    Event(
        7.2,
        "grumpy_george",
        "Two weeks for a {name} brake lever. Two weeks!",
        95,
        "That is too long, and we are sorry. A lever left for you by express today.",
    ),
    Event(
        6.4,
        "yuki.t",
        "Is the {name} battery really made here, @{us}?",
        33,
        "The cells are not, the pack is: in our own workshop.",
    ),
    Event(
        5.5,
        "pablo_h",
        "Which tyres for snow, @{us}?",
        18,
        "The 50 mm studded ones fit under every mudguard since 2023.",
    ),
    Event(
        4.3,
        "samira.k",
        "Warranty on a second hand {name}: does it move along with the bike?",
        64,
        "It does, with the frame number and the old receipt.",
    ),
    Event(3.2, "dee.in.town", "Saw a {name} carry a washing machine.", 75),
    Event(
        2.4, "ottokar", "Torque for the {name} kickstand, anyone?", 29, "Nine newton metres, and a drop of thread lock."
    ),
    Event(
        1.5,
        "mara_rides",
        "@{us} can I book a service online?",
        16,
        "You can: the free times of the next four weeks are here: {link}",
    ),
    Event(
        0.9,
        "pablo_h",
        "Error E14 again on my {name}, after the wash.",
        41,
        "Please dry the brake switch with a cloth; if it comes back we exchange it.",
    ),
)


def live_through(cast: dict[str, PracticeAccount], *, us: str, name: str, link: str, at: datetime) -> None:
    """Let everything of the last two weeks happen, each thing at its time; a link of ours stands in one answer."""
    for event in EVENTS:
        moment = at - timedelta(days=event.days_ago)
        field.post(cast[event.handle], text=event.text.format(us=us, name=name), by=None, at=moment)
        heard = moment + timedelta(seconds=20)
        polling.poll_due(heard)
        _end(event, link, at=heard + timedelta(minutes=event.minutes))
    reply_results.look(now=lambda: at)
    refresh_rollups()


def _end(event: Event, link: str, *, at: datetime) -> None:
    row = Assignment.objects.waiting().with_mentions().order_by("-pk").first()
    if row is None or row.member is None:
        return
    member: Member = row.member
    row = assignments.claim(row, by=member, at=at - timedelta(minutes=min(5, event.minutes)))
    if not event.answer:
        assignments.resolve(row, outcome=Assignment.Outcome.NO_ANSWER_NEEDED, by=member, at=at)
        return
    sent = replies.reply(row, text=event.answer.format(link=link), by=member, at=at)
    outbox.deliver_next(now=lambda: at)
    # The field's own clock is today's; what it shows is dated back with the rest.
    PracticePost.objects.filter(key=sent.key).update(published_at=at)
    polling.poll_due(at + timedelta(seconds=30))
