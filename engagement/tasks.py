"""What workers do when told to look; the work is in the rows, so each may run at any time and any number of times."""

from __future__ import annotations

from celery import shared_task
from django.db import transaction

from engagement import assigning, housekeeping, inbox, mail_keeping, outbox, reminding, results, watching
from engagement.actions.approvals import readdress
from engagement.actions.assignments import wake
from engagement.actions.consults import look_after_next
from engagement.actions.outcomes import follow_up_next
from engagement.actions.policy import escalate_due
from engagement.growing import ask_again_next
from engagement.models import Approval, Assignment
from engagement.refusals import Refusal
from engagement.saying import learn_from_uses
from roles import clock
from roles.background import turn_of

AT_ONCE = 200


@shared_task
def sweep_left_overs(**_later: object) -> None:
    """Give left-overs, and what lies with people whose hours have ended, to whoever is here with room."""
    for organization in housekeeping.organizations_with_hours():
        with turn_of(organization), transaction.atomic():
            assigning.clear_ended_hours(at=clock.now())
    for organization in housekeeping.organizations_with_left_overs():
        with turn_of(organization), transaction.atomic():
            assigning.sweep_left_overs(at=clock.now())


@shared_task
def escalate(**_later: object) -> None:
    """Escalate what nobody has taken in time."""
    at = clock.now()
    for organization in housekeeping.organizations_to_escalate(at=at):
        with turn_of(organization):
            while escalate_due(at=at) == AT_ONCE:
                pass


@shared_task
def wake_snoozed(**_later: object) -> None:
    """Bring back what was snoozed until now."""
    at = clock.now()
    for organization in housekeeping.organizations_with_snoozed(at=at):
        with turn_of(organization):
            for row in Assignment.objects.asleep_until(at)[:AT_ONCE]:
                try:
                    wake(row, by=None, at=at)
                except Refusal:  # somebody woke or resolved it meanwhile
                    continue


@shared_task
def follow_up(**_later: object) -> None:
    """Look again at what was resolved with the promise to do so now."""
    at = clock.now()
    for organization in housekeeping.organizations_to_follow_up(at=at):
        with turn_of(organization):
            for _turn in range(AT_ONCE):
                if not follow_up_next(at=at):
                    break


@shared_task
def remind_of_deliveries(**_later: object) -> None:
    """Write to whoever must act on a delivery and has not for a while, once for each reply."""
    at = clock.now()
    for organization in housekeeping.organizations_with_deliveries(at=at):
        with turn_of(organization):
            reminding.remind(at=at)


@shared_task
def readdress_approvals(**_later: object) -> None:
    """Ask others where those who are asked for approval cannot give it any more."""
    at = clock.now()
    for key, organization in housekeeping.approvals_to_readdress():
        with turn_of(organization):
            readdress(Approval.objects.select_related("reply").get(pk=key), at=at)


@shared_task
def ask_again(**_later: object) -> None:
    """Ask the rules again about stories that have grown."""
    at = clock.now()
    for organization in housekeeping.organizations_with_grown_stories():
        with turn_of(organization):
            for _turn in range(AT_ONCE):
                if not ask_again_next(at=at):
                    break


@shared_task
def learn_saved_replies(**_later: object) -> None:
    """Let saved replies learn from what they answered, so that they are suggested where they fit."""
    for organization in housekeeping.organizations_with_saved_replies():
        with turn_of(organization), transaction.atomic():
            learn_from_uses()


@shared_task
def watch_promises(**_later: object) -> None:
    """Count anew what runs in calendars that changed, write the warnings and misses that are due, and tell of them."""
    at = clock.now()
    for organization in housekeeping.organizations_with_stale_promises():
        with turn_of(organization):
            watching.count_stale(at=at)
    for organization in housekeeping.organizations_with_promises_to_look_at(at=at):
        with turn_of(organization):
            watching.watch(at=at)
    for organization in housekeeping.organizations_with_untold_misses():
        with turn_of(organization):
            watching.tell(at=at)


@shared_task
def look_after_consults(**_later: object) -> None:
    """Remind those who were asked and have not answered, and ask their deputies."""
    at = clock.now()
    for organization in housekeeping.organizations_to_look_after(at=at):
        with turn_of(organization):
            for _turn in range(AT_ONCE):
                if not look_after_next(at=at):
                    break


@shared_task
def take_mails(**_later: object) -> None:
    """Read the mails that came, each once."""
    last = 0
    for _turn in range(AT_ONCE):
        found = inbox.take_next(at=clock.now(), after=last)
        if found is None:
            break
        last = found


@shared_task
def forget_mails(**_later: object) -> None:
    """Empty old mails that belong to no organization."""
    mail_keeping.forget_mails_of_nobody(at=clock.now())


@shared_task
def deliver_ready(**_later: object) -> None:
    """Deliver what waits in the outbox."""
    for _turn in range(AT_ONCE):
        if not outbox.deliver_next(now=clock.now):
            break


@shared_task
def reconcile_unknown(**_later: object) -> None:
    """Find what dead workers left, and look for replies whose outcome is unknown or that nobody has seen yet."""
    outbox.expire_leases(at=clock.now())
    for _turn in range(AT_ONCE):
        if not outbox.look_next(now=clock.now):
            break


@shared_task
def look_at_results(**_later: object) -> None:
    """Ask networks what came of our replies, where that is due."""
    for _turn in range(AT_ONCE):
        if not results.reply_results.look(now=clock.now):
            break
