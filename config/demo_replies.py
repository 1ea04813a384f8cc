"""What the demo organization says often, and one answer to the press that waits for the coach's yes."""

from __future__ import annotations

from datetime import datetime, timedelta

from engagement.actions import approvals, assignments, replies, saved_replies
from engagement.models import Assignment
from listening import polling
from listening.models import PracticeAccount
from listening.practice_field import actions as field
from roles.models import Department, Member, Organization
from roles.steps import A_COACH

CLICK = "Hi {author|there}, at every turn of the pedals? Then it is the chain guide: ten minutes in the workshop. {me}"
PART = "Hi {author|there}, sorry for the wait. The part leaves today, and you get its number by mail. {me}"
SERVICE = "The free times of the next four weeks stand on the workshop's page, {author|dear rider}."
PRESS = "Thank you for asking, {author|dear colleague}. {organization} answers by mail this afternoon."
SAVED = (
    ("Click from the drive", CLICK, "care"),
    ("A part is on its way", PART, "care"),
    ("Book a service", SERVICE, ""),
    ("To the press", PRESS, "communications"),
)
PROPOSED = ("Tyres for snow", "The 50 mm studded ones fit under every mudguard since 2023, {author|neighbour}.")
ASKED = "@larkspur I am writing an article about the brake recall. A comment by tonight?"
ANSWER = "Thank you for asking. No bicycle of this year is concerned; our workshop calls you at five."


def say(
    organization: Organization, cast: dict[str, PracticeAccount], *, coach: Member, responder: Member, at: datetime
) -> None:
    """Save replies, ask for approval of what goes to the press, and let one answer wait for it."""
    departments = {department.slug: department for department in Department.objects.all()}
    for title, text, slug in SAVED:
        where = departments.get(slug)
        saved_replies.add_saved_reply(organization, title=title, text=text, department=where, by=coach, at=at)
    title, text = PROPOSED
    saved_replies.propose_saved_reply(organization, title=title, text=text, by=responder, at=at)
    press = departments["communications"]
    approvals.add_policy(organization, name="What the press reads", department=press, steps=[A_COACH], by=coach, at=at)
    field.post(cast["newsdesk_kit"], text=ASKED, by=None, at=at - timedelta(minutes=12))
    polling.poll_due(at - timedelta(minutes=11))
    row = Assignment.objects.waiting().with_mentions().filter(department=press).order_by("-pk").first()
    writer = row.member if row is not None else None
    if row is not None and writer is not None:
        row = assignments.claim(row, by=writer, at=at - timedelta(minutes=9))
        replies.reply(row, text=ANSWER, by=writer, at=at - timedelta(minutes=6))
