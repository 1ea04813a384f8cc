"""A drill that was played, its lines found and answered: what the work in between leaves, without the work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from engagement.models import Assignment, Reply
from listening.models import Channel, Mention, Post, PracticeAccount
from maturity.actions.drills import play_drills, start_drill, stop_drill, write_drill
from maturity.models import Drill, DrillLine
from roles.models import Member
from tests import factories
from tests.cast import Cast


def played(
    acme: Cast, people: Sequence[Member | None], *, at: datetime, after: int = 4, passing: Sequence[str] = ()
) -> tuple[Drill, list[DrillLine]]:
    """A question for each person, whom it came to and who answered it so many minutes later; None: nobody did."""
    drill = write_drill(
        acme.organization, title="Morning", questions=[f"@{{us}} question {n}?" for n in range(len(people))],
        passing=passing, by=acme.carla, at=at,
    )  # fmt: skip
    start_drill(drill, by=acme.carla, at=at)
    moment = at
    for _line in range(len(people) + len(passing) - 1):
        moment += timedelta(seconds=30)
        play_drills(at=moment)
    lines = list(drill.lines.all())
    for line, member in zip([line for line in lines if line.wants_answer], people, strict=True):
        if member is not None:
            assert line.said_at is not None
            answer(found(line, acme, member), by=member, at=line.said_at + timedelta(minutes=after))
    stop_drill(drill, by=acme.carla, at=moment + timedelta(hours=2))
    drill.refresh_from_db()
    return drill, lines


def found(line: DrillLine, acme: Cast, member: Member | None) -> Assignment:
    """Hear a line, and give it to somebody."""
    post = Post.objects.filter(network="practice", remote_id=str(line.post_id)).first()
    mention = Mention.objects.filter(post=post).first() if post else None
    if mention is None:
        post = post or factories.post(line.text, at=line.said_at, remote_id=str(line.post_id))
        mention = factories.mention(post=post, at=line.said_at, department=acme.care, state="routed")
    return factories.assignment(department=acme.care, member=member, mention=mention, at=line.said_at)


def answer(row: Assignment, *, by: Member, at: datetime) -> Reply:
    """Answer it, and have it arrive."""
    ours = PracticeAccount.objects.get(is_ours=True)
    return Reply.objects.create(
        assignment=row, post=row.mention.post, channel=Channel.objects.get(account_id=str(ours.pk)), by=by,
        text="We look into it.", key=f"{row.pk} {at}", state=Reply.State.ACCEPTED, written_at=at, next_attempt_at=at,
        accepted_at=at,
    )  # fmt: skip
