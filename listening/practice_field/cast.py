"""The scripted cast: neighbours of a maker of cargo bicycles, and what they say, line by line.

A line is (handle, text, index of the line that it answers or None). “{us}” stands for the organization's handle and
“{name}” for its name, so that any organization can practise with it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction

from listening.models import PracticeAccount, PracticePost, PracticeScript
from listening.practice_field.actions import post
from roles.audit import record
from roles.models import Member, Organization
from roles.permissions import allowed


class Line(NamedTuple):
    """One thing that somebody says."""

    handle: str
    text: str
    answers: int | None = None


PEOPLE = {
    "mara_rides": ("Mara Lindqvist", "Two children, one cargo bike, no car."),
    "ottokar": ("Ottokar Weiss", "Repairs anything with two wheels."),
    "dee.in.town": ("Dee Okafor", "City council watcher. Coffee first."),
    "pablo_h": ("Pablo Herrera", "Bakery on Quay Street. Deliveries by bike."),
    "newsdesk_kit": ("Kit Amsel", "Mobility reporter at the Harbour Courier."),
    "yuki.t": ("Yuki Tanaka", "Engineer, tinkerer, commuter."),
    "grumpy_george": ("George Pell", "Says what he thinks."),
    "samira.k": ("Samira Khalil", "Runs the Saturday repair café."),
}
# Of the others nobody knows: so it is with networks too.
FOLLOWERS = {"newsdesk_kit": 18_400, "dee.in.town": 3_120, "yuki.t": 640, "mara_rides": 212}

SCRIPT = (
    Line("mara_rides", "Third winter with my {name} bike and the belt still runs like new. Worth every cent."),
    Line(
        "pablo_h",
        "@{us} my display shows error E14 and the motor is off. I have 40 loaves to deliver. What can I do?",
    ),
    Line("dee.in.town", "Council votes on the new bike lanes tonight. Who is coming?"),
    Line(
        "grumpy_george",
        "Ordered a {name} in March. Promised for May. It is still not here and nobody answers the phone. Never again.",
    ),
    Line("yuki.t", "Has anyone fitted a second battery to a {name}? Does it void the warranty?"),
    Line(
        "newsdesk_kit",
        "@{us} I am writing about cargo bike subsidies and would like a comment by tomorrow noon. Whom do I call?",
    ),
    Line("ottokar", "E14 is nearly always the brake switch. Unplug it, wait a minute, plug it in again.", 1),
    Line("samira.k", "Repair café on Saturday, ten to four. Bring your squeaks."),
    Line("pablo_h", "Tried that, it came back after ten minutes. Any other idea, @{us}?", 6),
    Line("mara_rides", "Does the rain cover of the old {name} fit the new model? The shop was not sure. #cargobike"),
    Line(
        "dee.in.town",
        "Saw six {name} bikes outside the school this morning. I counted two cars. The street was quiet for once.",
    ),
    Line("grumpy_george", "Still no answer from {name}. Is there anybody in there?", 3),
    Line("yuki.t", "The new firmware makes the assist much smoother on hills. Well done, @{us}."),
    Line("ottokar", "Looking for a torque figure for the rear axle of a {name} Long. The manual does not say."),
    Line("samira.k", "The {name} recall notice for the front fork: does it apply to bikes bought second hand, too?"),
    Line("newsdesk_kit", "My piece on cargo bike subsidies is out. Thanks to all who talked to me."),
    Line("pablo_h", "Bread delivered on foot today. My arms know it."),
    Line("mara_rides", "Which lock do you use? Mine froze again."),
    Line("dee.in.town", "The lanes passed, nine to six! #cargobike"),
    Line("yuki.t", "@{us} will there be a workshop day this spring? I would bring three colleagues."),
)

LINES_AT_ONCE = 6


def people(organization: Organization) -> dict[str, PracticeAccount]:
    """Return the cast's accounts by handle, made where they are missing."""
    for handle, (name, bio) in PEOPLE.items():
        known = {"name": name, "bio": bio, "followers": FOLLOWERS.get(handle)}
        PracticeAccount.objects.get_or_create(handle=handle, defaults=known)
    return {account.handle: account for account in PracticeAccount.objects.filter(organization=organization)}


@allowed("listening.practise")
def start(organization: Organization, *, by: Member | None, at: datetime, seconds_between: int = 45) -> PracticeScript:
    """Let the cast begin from the first line: some lines at once, the others one after the other."""
    with transaction.atomic():
        script, _ = PracticeScript.objects.update_or_create(
            organization=organization,
            defaults={"is_playing": True, "next_line": 0, "next_at": at, "seconds_between": seconds_between},
        )
        for back in range(LINES_AT_ONCE, 0, -1):
            _say_next(script, organization, at=at - timedelta(seconds=20 * back))
        script.next_at = at + timedelta(seconds=seconds_between)
        script.save()
        record("start_the_cast", script, by=by, at=at)
    return script


@allowed("listening.practise")
def pause(organization: Organization, *, by: Member | None, at: datetime) -> None:
    """Let the cast fall silent."""
    if PracticeScript.objects.filter(organization=organization).update(is_playing=False):
        record("pause_the_cast", organization, by=by, at=at)


def play_due(organization: Organization, *, at: datetime) -> bool:
    """Say the next line if its time has come; tells whether one was said."""
    with transaction.atomic():
        script = (
            PracticeScript.objects.select_for_update(skip_locked=True)
            .filter(organization=organization, is_playing=True, next_at__lte=at)
            .first()
        )
        if script is None:
            return False
        _say_next(script, organization, at=at)
        script.next_at = at + timedelta(seconds=script.seconds_between)
        script.save()
    return True


def _say_next(script: PracticeScript, organization: Organization, *, at: datetime) -> None:
    line = SCRIPT[script.next_line % len(SCRIPT)]
    ours = PracticeAccount.objects.filter(is_ours=True).first()
    text = line.text.format(us=ours.handle if ours else organization.slug, name=organization.name)
    above = None
    if line.answers is not None:
        said = SCRIPT[line.answers]
        above = PracticePost.objects.filter(account__handle=said.handle, removed_at=None).order_by("-pk").first()
    post(people(organization)[line.handle], text=text, by=None, at=at, in_reply_to=above)
    script.next_line += 1
    script.is_playing = script.next_line < len(SCRIPT)
