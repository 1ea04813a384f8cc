"""What workers do when told to look; the work is in the rows, so each may run at any time and any number of times."""

from __future__ import annotations

from celery import shared_task

from content import housekeeping, own_posts, punctuality, renditions, results, storing
from content.actions import uploads
from content.actions.review_steps import look_after_due
from content.first_comments import comments_out
from content.publishing import publications_out
from roles import clock
from roles.background import turn_of

AT_ONCE, PUBLISHED_AT_ONCE = 50, 200
WAYS = (publications_out, comments_out)


@shared_task
def look_after_reviews(**_later: object) -> None:
    """Remind those who have not decided, tell coaches what takes too long, and ask others where somebody cannot."""
    at = clock.now()
    for organization in housekeeping.organizations_with_reviews_due(at=at):
        with turn_of(organization):
            look_after_due(at=at)


@shared_task
def make_renditions(**_later: object) -> None:
    """Make pictures smaller, where that is due."""
    for _turn in range(AT_ONCE):
        if not renditions.make_due(now=clock.now):
            break


@shared_task
def sweep_media(**_later: object) -> None:
    """Give up uploads that never came to their end, and remove files that belong to nothing."""
    at = clock.now()
    uploads.end_old_uploads(at=at)
    storing.sweep(at=at)


@shared_task
def publish_due(**_later: object) -> None:
    """Publish what is due, and say below it what is to be said there."""
    for way in WAYS:
        for _turn in range(PUBLISHED_AT_ONCE):
            if not way.deliver_next(now=clock.now):
                break


@shared_task
def reconcile_publications(**_later: object) -> None:
    """Find what dead workers left, and look for what is unknown or was not seen yet."""
    for way in WAYS:
        way.expire_leases(at=clock.now())
        for _turn in range(PUBLISHED_AT_ONCE):
            if not way.look_next(now=clock.now):
                break


@shared_task
def look_after_late(**_later: object) -> None:
    """Miss what is too late, ask again what waits, and remind whoever must act."""
    at = clock.now()
    for organization in housekeeping.organizations_with_late(at=at):
        with turn_of(organization):
            punctuality.look_after_late(at=at)
    for organization in housekeeping.organizations_to_remind(at=at):
        with turn_of(organization):
            punctuality.remind(at=at)


@shared_task
def look_at_plans(**_later: object) -> None:
    """Ask again what everything planned waits for, after a policy was changed."""
    at = clock.now()
    for organization in housekeeping.organizations_with_plans(at=at):
        with turn_of(organization):
            punctuality.look_at_plans(at=at)


@shared_task
def reckon_due_times(**_later: object) -> None:
    """Reckon anew when plans are due."""
    at = clock.now()
    for organization in housekeeping.organizations_with_plans(at=at):
        with turn_of(organization):
            punctuality.reckon_due_times(at=at)


@shared_task
def recognise_own_posts(**_later: object) -> None:
    """Recognise what was published just now where it was heard in the very same moment."""
    at = clock.now()
    for organization in housekeeping.organizations_that_published(since=at - own_posts.LOOKED_AT_AGAIN):
        with turn_of(organization):
            own_posts.recognise_again(at=at)


@shared_task
def look_at_results(**_later: object) -> None:
    """Ask networks what came of what was published, where that is due."""
    results.begin_looks(at=clock.now())
    for _turn in range(AT_ONCE):
        if not results.publication_results.look(now=clock.now):
            break
