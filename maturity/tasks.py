"""What workers do for maturity; messages only say “look now”."""

from __future__ import annotations

from celery import shared_task

from maturity.actions import training
from maturity.actions.assessments import assess_due as assess
from maturity.actions.huddle import send_due_digest
from maturity.actions.reading import remind_readers as remind
from maturity.reviewing import remind_of_reviews as remind_reviewers
from roles import clock
from roles.housekeeping import each_organization


@shared_task
def assess_due(**_later: object) -> None:
    """Keep an assessment of every organization once a week."""
    for _organization in each_organization():
        assess(at=clock.now())


@shared_task
def remind_readers(**_later: object) -> None:
    """Write to those who have long been asked to read the guidelines."""
    for _organization in each_organization():
        remind(at=clock.now())


@shared_task
def remind_of_reviews(**_later: object) -> None:
    """Write to those who are to look at a canvas or a goal again today."""
    for _organization in each_organization():
        remind_reviewers(at=clock.now())


@shared_task
def send_huddle_digests(**_later: object) -> None:
    """Send the digests of the huddle whose time has come."""
    for _organization in each_organization():
        send_due_digest(at=clock.now())


@shared_task
def keep_trainings(**_later: object) -> None:
    """Begin, renew and end trainings, and remind of what is due, in every organization."""
    for _organization in each_organization():
        training.keep_trainings(at=clock.now())
        training.remind_of_trainings(at=clock.now())
