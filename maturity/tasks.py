"""What workers do for maturity; messages only say “look now”."""

from __future__ import annotations

from celery import shared_task

from maturity.actions import training
from maturity.actions.assessments import assess_due as assess
from maturity.actions.cadence import remind as remind_committed
from maturity.actions.drills import play_drills as play
from maturity.actions.huddle import send_due_digest
from maturity.actions.reading import remind_readers as remind
from maturity.actions.strategy import keep_figures
from maturity.actions.surges import look_after_surges as look_after
from maturity.actions.time import forget_old_time as forget
from maturity.housekeeping import organizations_drilling
from maturity.reviewing import remind_of_reviews as remind_reviewers
from roles import clock
from roles.background import in_each_organization, turn_of


@shared_task
def assess_due(**_later: object) -> None:
    """Keep an assessment of every organization once a week."""
    in_each_organization(lambda: assess(at=clock.now()))


@shared_task
def remind_readers(**_later: object) -> None:
    """Write to those who have long been asked to read the guidelines."""
    in_each_organization(lambda: remind(at=clock.now()))


@shared_task
def forget_old_time(**_later: object) -> None:
    """Remove what was measured and entered two years ago."""
    in_each_organization(lambda: forget(at=clock.now()))


@shared_task
def remind_of_blocks(**_later: object) -> None:
    """Write to those whose blocks are about to begin."""
    in_each_organization(lambda: remind_committed(at=clock.now()))


@shared_task
def remind_of_reviews(**_later: object) -> None:
    """Keep the figures of goals once a week, and write to those who are to look at a canvas or a goal again today."""
    in_each_organization(lambda: keep_figures(at=clock.now()))
    in_each_organization(lambda: remind_reviewers(at=clock.now()))


@shared_task
def send_huddle_digests(**_later: object) -> None:
    """Send the digests of the huddle whose time has come."""
    in_each_organization(lambda: send_due_digest(at=clock.now()))


@shared_task
def keep_trainings(**_later: object) -> None:
    """Begin, renew and end trainings, and remind of what is due, in every organization."""
    in_each_organization(lambda: training.keep_trainings(at=clock.now()))
    in_each_organization(lambda: training.remind_of_trainings(at=clock.now()))


@shared_task
def play_drills(**_later: object) -> None:
    """Say what is due in drills, wherever one is under way."""
    at = clock.now()
    for organization in organizations_drilling(at=at):
        with turn_of(organization):
            play(at=at)


@shared_task
def look_after_surges(**_later: object) -> None:
    """Switch surge plans on and off, by time and by warnings."""
    in_each_organization(lambda: look_after(at=clock.now()))
