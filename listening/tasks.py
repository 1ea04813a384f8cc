"""What workers do for listening. A message says “look now” and nothing more; rows say what there is to do."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task

from listening import housekeeping, polling, rejudging, retention, training
from listening.actions import briefs, bulk, stories, venues, warnings
from listening.connections.housekeeping import forget_old_sign_ins
from listening.connections.tending import tend_due
from listening.health.housekeeping import forget_old_polls as forget
from listening.notices import housekeeping as notice_housekeeping
from listening.notices import telling as notice_telling
from listening.practice_field import cast
from listening.revisits.reading import revisit_due
from listening.searching import housekeeping as indexing
from listening.searching import looking_back
from listening.stories.gathering import WINDOW
from listening.webhooks import telling
from listening.websub import receiving, subscribing
from roles import clock
from roles.background import in_each_organization, turn_of
from roles.models import Organization
from roles.tenancy import active_organization

BULK_PATIENCE = timedelta(seconds=20)


@shared_task
def poll_due(**_later: object) -> int:
    """Poll the sources of all organizations that are due."""
    return polling.poll_due(clock.now())


@shared_task
def tend_connections(**_later: object) -> int:
    """Check and renew the connections of all organizations that are due."""
    forget_old_sign_ins(at=clock.now())
    return tend_due(now=clock.now)


@shared_task
def revisit_posts(**_later: object) -> int:
    """Read again, for edits and deletions, what is due in all organizations; returns how many posts."""
    return revisit_due(now=clock.now)


@shared_task
def index_posts(**_later: object) -> int:
    """Let search know the words of posts that are new or were edited; returns how many."""
    return indexing.index_due()


@shared_task
def look_back(**_later: object) -> int:
    """Go on asking new queries of what was captured before them; returns how many posts were asked."""
    at = clock.now()
    return in_each_organization(lambda: looking_back.look_on(at=at))


@shared_task
def play_cast(**_later: object) -> int:
    """Let the scripted casts of all organizations say what is due; returns how many lines were said."""
    return in_each_organization(lambda: cast.play_due(active_organization(), at=clock.now()))


@shared_task
def forget_old_polls(**_later: object) -> int:
    """Count the polls of each day, and remove those that are old; returns how many."""
    return forget(clock.now())


@shared_task
def renew_subscriptions(**_later: object) -> int:
    """Ask hubs to tell us what is new; returns how many were asked."""
    return subscribing.ask_due(clock.now())


@shared_task
def take_pushes(**_later: object) -> int:
    """Take in what hubs told us; returns how many pushes."""
    return receiving.take_waiting(clock.now())


@shared_task
def gather_events(**_later: object) -> int:
    """Write what is to be told to other programs; returns how many events."""
    at = clock.now()
    return in_each_organization(lambda: telling.gather(at=at))


@shared_task
def tell_events(**_later: object) -> int:
    """Tell other programs what is due; returns how many events were tried."""
    return telling.tell_due(now=clock.now)


@shared_task
def gather_notices(**_later: object) -> int:
    """Write what members are to be told besides by mail; returns how many notices."""
    at = clock.now()
    return in_each_organization(lambda: notice_telling.gather(at=at))


@shared_task
def tell_notices(**_later: object) -> int:
    """Tell members what is due; returns how many messages were tried."""
    return notice_telling.tell_due(now=clock.now)


@shared_task
def forget_told(**_later: object) -> int:
    """Remove notices that were told long ago; returns how many."""
    return notice_housekeeping.forget_old(clock.now())


@shared_task
def clean_up(**_later: object) -> int:
    """Clean up what all organizations need keep no longer; returns how many posts went or fell silent."""
    at = clock.now()
    return in_each_organization(lambda: retention.clean_up(at=at))


@shared_task
def fold_stories(**_later: object) -> int:
    """Fold what was captured into stories, in all organizations; returns how many mentions were looked at."""
    return in_each_organization(lambda: stories.fold_due(at=clock.now()))


@shared_task
def tidy_stories(**_later: object) -> int:
    """Count stories again whose mentions were cleaned up, and forget empty ones and old fingerprints."""
    at = clock.now()
    forgotten = housekeeping.forget_old_fingerprints(at - WINDOW)
    return forgotten + in_each_organization(lambda: stories.tidy(at=at))


@shared_task
def make_due_briefs(**_later: object) -> int:
    """Make the briefs of all organizations whose time has come; returns how many."""
    at = clock.now()
    return in_each_organization(lambda: briefs.make_due_briefs(at=at))


@shared_task
def draw_venue_maps(**_later: object) -> int:
    """Draw the maps that all organizations wait for; returns how many."""
    at = clock.now()
    return in_each_organization(lambda: venues.draw_wanted(at=at))


@shared_task
def judge_mentions(**_later: object) -> int:
    """Judge what waits for it in all organizations; returns how many mentions were."""
    return in_each_organization(rejudging.judge_some)


@shared_task
def train_models(**_later: object) -> int:
    """Train in each organization the model that has most to learn; returns how many were trained."""
    return in_each_organization(lambda: training.train_due(clock.now()) is not None)


@shared_task
def look_out(**_later: object) -> int:
    """Judge what all organizations heard until now; returns how many warnings were raised."""
    return in_each_organization(lambda: warnings.look_out(at=clock.now()))


@shared_task
def decide_in_bulk(**_later: object) -> int:
    """Go on with decisions on many mentions that are under way, for a while; returns how many steps were done."""
    began, steps = clock.now(), 0
    for organization_id, key in housekeeping.bulk_under_way():
        with turn_of(Organization.objects.get(pk=organization_id)):
            while clock.now() - began < BULK_PATIENCE and bulk.go_on(key, at=clock.now()):
                steps += 1
    return steps
