"""Warnings before a promise is broken, and misses: each is written once, and told to those whom it concerns.

A promise says itself when it is to be looked at. One statement takes what is due, writes the events and says when to
look next; whoever dies in it has written nothing, and two at once take different rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from engagement.models import Assignment, TargetEvent
from engagement.promises import Targets, count_many
from engagement.target_querysets import assignments_to_count_anew, hold_telling, write_due_events
from roles.actions.mail import write_mail
from roles.live import look_again
from roles.models import Member, Role
from roles.speaking import in_words_for
from roles.tenancy import active_organization

AT_ONCE = 200
ROUNDS = 50
# After a mail about misses, those that follow are gathered for so long.
STRETCH = timedelta(minutes=15)
MOST_NAMED = 20


def watch(*, at: datetime) -> int:
    """Write the warnings and misses of the active organization that are due; returns how many were new."""
    written = 0
    for _round in range(ROUNDS):
        with transaction.atomic():
            looked, new = write_due_events(at=at, at_once=AT_ONCE)
            if new:
                look_again("queue")
        written += new
        if looked < AT_ONCE:
            break
    return written


@transaction.atomic
def tell(*, at: datetime) -> int:
    """Write to those whom new misses concern, one mail for each of them; returns how many misses were told of.

    The one who has it hears of it, and the coaches of the department. Warnings stand in the queue, and no mail is sent.
    """
    if not hold_telling():
        return 0
    if TargetEvent.objects.filter(kind=TargetEvent.Kind.MISS, told_at__gt=at - STRETCH).exists():
        return 0
    events = list(TargetEvent.objects.untold().with_everything().order_by("pk")[: AT_ONCE * ROUNDS])
    if not events:
        return 0
    TargetEvent.objects.filter(pk__in=[event.pk for event in events]).update(told_at=at)
    for member, theirs in _concerned(events):
        _write(member, theirs, at=at)
    return len(events)


def count_stale(*, at: datetime) -> int:
    """Count anew what runs in calendars that have changed since; returns how many assignments that were."""
    keys, done = assignments_to_count_anew(), 0
    for start in range(0, len(keys), AT_ONCE):
        with transaction.atomic():
            targets = Targets()
            rows = Assignment.objects.filter(pk__in=keys[start : start + AT_ONCE]).select_related("target")
            held = list(rows.order_by("pk").select_for_update(no_key=True, skip_locked=True, of=("self",)))
            count_many(held, at=at, targets=targets)
            done += len(held)
            look_again("queue")
    return done


def _concerned(events: Sequence[TargetEvent]) -> Iterable[tuple[Member, list[TargetEvent]]]:
    coaches: dict[int, list[int]] = {}
    theirs: dict[int, list[TargetEvent]] = {}
    for event in events:
        if event.department_id not in coaches:
            found = Member.objects.active().with_role(Role.COACH, event.department_id)
            coaches[event.department_id] = list(found.values_list("pk", flat=True))
        for member_id in {*coaches[event.department_id], event.member_id} - {None}:
            theirs.setdefault(member_id or 0, []).append(event)
    members = Member.objects.active().select_related("user").in_bulk(theirs)
    return [(members[key], theirs[key]) for key in sorted(members)]


def _write(member: Member, events: list[TargetEvent], *, at: datetime) -> None:
    here = f"{settings.SITE_URL}/o/{active_organization().slug}"
    one = events[0]
    url = f"{here}/queue/{one.assignment_id}/"
    with in_words_for(member):
        subject: Any = _("Missed: %(kind)s to “%(about)s”") % {"kind": one.promise, "about": one.assignment}
        if len(events) > 1:
            subject = _("%(count)s response targets were missed") % {"count": len(events)}
            url = f"{here}/missed/"
        write_mail(
            member,
            key=f"missed {one.pk}",
            kind="missed",
            subject=subject,
            template="engagement/mail/missed",
            context={
                "events": [(event, f"{here}/queue/{event.assignment_id}/") for event in events[:MOST_NAMED]],
                "more": max(0, len(events) - MOST_NAMED),
                "count": len(events),
                "action_url": url,
                "action_label": _("See it") if len(events) == 1 else _("See all that was missed"),
            },
            at=at,
        )
