"""Months in the life of the demo organization before the weeks that it lived through: plausible, and always the same.

They are written as rows, by chance from a fixed seed, for nobody can live through a quarter of a year while one waits.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from config.demo_history import DAYS
from engagement.models import Assignment
from listening.models import Author, Mention, Post, PostToIndex
from measurement.actions import recompute_rollups
from measurement.windows import Window
from roles.models import Department, Member
from roles.tenancy import active_organization

SEED = 20_260_401
PEOPLE = 60
# Pieces of work on a day of the week, Monday first, and the hours in which they come, as shares.
BY_WEEKDAY = (9, 8, 8, 7, 9, 4, 3)
BY_HOUR = {8: 2, 9: 4, 10: 5, 11: 4, 12: 3, 13: 3, 14: 4, 15: 4, 16: 3, 17: 3, 18: 2, 19: 3, 20: 3, 21: 1}
PROMISED = timedelta(hours=4)
SAID = (
    "My Larkspur {part} squeaks since {day}.", "Is there a Larkspur {part} for the long frame?",
    "Larkspur, your {part} saved my {day}.", "How do I set the {part} of a Larkspur?",
    "Waiting for a Larkspur {part} since {day}.",
)  # fmt: skip
PARTS = ("bell", "brake", "chain", "lamp", "lock", "mirror", "pedal", "rack", "saddle", "seat", "stand", "wheel")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def live_months(months: int, *, at: datetime) -> None:
    """Write what came and how it was answered, from so many months ago until the lived weeks begin."""
    chance, zone = Random(SEED), active_organization().zone  # noqa: S311 - nothing secret hangs on it
    today = at.astimezone(zone).date()
    days = [today - timedelta(days=back) for back in range(30 * months, DAYS + 1, -1)]
    authors = Author.objects.bulk_create(
        Author(network="practice", remote_id=f"month{number}", handle=f"rider{number}", name=f"Rider {number}")
        for number in range(PEOPLE)
    )
    moments = sorted(moment for day in days for moment in _moments(day, chance, zone))
    posts = Post.objects.bulk_create(_post(number, moment, authors, chance) for number, moment in enumerate(moments))
    # They were not taken in, so nobody has told search of them.
    PostToIndex.objects.bulk_create(PostToIndex(post_id=post.pk) for post in posts)
    where = {row.slug: row for row in Department.objects.all()}
    wanted = [where["care" if chance.random() < 0.75 else "communications"] for _post in posts]
    mentions = Mention.objects.bulk_create(
        Mention(post=post, network=post.network, captured_at=post.captured_at, state="routed", department=department)
        for post, department in zip(posts, wanted, strict=True)
    )
    people = {member.user.email: member for member in Member.objects.select_related("user")}
    care, press = people["responder@larkspur.example"], people["second.responder@larkspur.example"]
    Assignment.objects.bulk_create(
        _assignment(mention, care if mention.department == where["care"] or chance.random() < 0.3 else press, chance)
        for mention in mentions
    )
    recompute_rollups(Window(days[0], today, zone), at=at)


def _moments(day: date, chance: Random, zone: ZoneInfo) -> list[datetime]:
    count = max(0, round(chance.gauss(BY_WEEKDAY[day.weekday()], 2)))
    hours = chance.choices(list(BY_HOUR), weights=list(BY_HOUR.values()), k=count)
    return [datetime.combine(day, time(hour, chance.randrange(60), chance.randrange(60)), zone) for hour in hours]


def _post(number: int, moment: datetime, authors: list[Author], chance: Random) -> Post:
    text = chance.choice(SAID).format(part=chance.choice(PARTS), day=chance.choice(WEEKDAYS))
    return Post(
        network="practice", remote_id=f"month{number}", text=text, author=chance.choice(authors), language="en",
        published_at=moment, captured_at=moment + timedelta(seconds=20), content_digest=f"{number:064d}",
    )  # fmt: skip


def _assignment(mention: Mention, member: Member, chance: Random) -> Assignment:
    """One piece of work that is done: most answered in time, some late, some without a word."""
    made = mention.captured_at
    waited = timedelta(minutes=min(900.0, chance.lognormvariate(3.6, 0.9)))
    took = timedelta(minutes=min(90.0, chance.lognormvariate(1.9, 0.5)))
    claimed = made + waited
    answered = None if chance.random() < 0.12 else claimed + took
    ended = answered or claimed + took
    return Assignment(
        mention=mention, network=mention.network, department=mention.department, member=member, state="resolved",
        created_at=made,
        assigned_at=made, claimed_at=claimed, due_at=made + PROMISED, first_due_at=made + PROMISED, promise="",
        first_answered_at=answered, resolved_at=ended + timedelta(minutes=2),
        outcome="answered" if answered else "no_answer_needed",
    )  # fmt: skip
