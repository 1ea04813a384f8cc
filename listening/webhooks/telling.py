"""Tell other programs what happens here: events are rows, tried on a schedule until they are taken.

They are gathered from what is written anyway, the audit log and the mentions, so that no action knows of them and none
becomes slower. An event has its key from what it tells of: however often it is gathered, it is there once.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any
from uuid import uuid4

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from listening.models import Mention, OutboundEvent, OutboundWebhook
from listening.networks.http import Answer, Bounds, Http
from listening.networks.protocols import NetworkError
from listening.networks.webhook.signature import sign
from listening.webhooks.housekeeping import claim_event, open_since
from roles.audit import record
from roles.background import hint
from roles.live import look_again
from roles.models import AuditEntry
from roles.sealing import Unsealable, unseal
from roles.tenancy import acting_for

log = logging.getLogger(__name__)
# After each attempt that was not taken, so many seconds; then it is given up. Source: Standard Webhooks' example.
SCHEDULE = (5, 300, 1800, 7200, 18_000, 36_000, 50_400)
BOUNDS = Bounds(connect=5.0, silence=8.0, total=10.0, size=50_000, redirects=0)
MOST_AT_ONCE = 100
GATHERED, LOOKED_AT_AGAIN = 1_000, 20_000
SECONDS_IN_ALL = 60.0
# What was said internally stays inside, and what its author took back is not passed on.
OPEN = {"post__is_internal": False, "post__withdrawn_at": None, "post__cleaned_at": None}


class Gone(Exception):
    """What was to be told is not there any more."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that can be told: a verb of the audit log, or what was heard where there is no verb.

    Of what the log says of it only `facts` leave: names of values that hold nobody's words.
    """

    name: str
    label: Any
    verb: str = ""
    facts: tuple[str, ...] = ()


HEARD, TEST = "mention.captured", "webhook.test"
EVENTS: dict[str, Event] = {
    HEARD: Event(HEARD, gettext_lazy("Something about us was heard")),
    "warning.raised": Event(
        "warning.raised", gettext_lazy("A warning was raised"), "raise_warning", ("severity", "value")
    ),
    "warning.closed": Event("warning.closed", gettext_lazy("A warning was closed"), "close_warning"),
}


def add_event(name: str, label: Any, verb: str, facts: tuple[str, ...] = ()) -> None:
    """Let a verb of the audit log be told; for the apps above."""
    EVENTS[name] = Event(name, label, verb, facts)


def allowed_hosts() -> list[str]:
    """The private hosts that the operator allows."""
    return list(settings.FETCH_ALLOWED_PRIVATE_HOSTS)


def begin_from_here(row: OutboundWebhook) -> None:
    """Tell nothing of what was before this moment."""
    row.reached_entry = _reached(AuditEntry.objects.all(), (), 0)
    row.reached_mention = _reached(Mention.objects.all(), (), 0)


def gather(*, at: datetime) -> int:
    """Write the events of the active organization that are new since the last look; returns how many."""
    made = 0
    for key in OutboundWebhook.objects.filter(is_active=True).values_list("pk", flat=True):
        with transaction.atomic():
            row = OutboundWebhook.objects.select_for_update(skip_locked=True).filter(pk=key, is_active=True).first()
            if row is not None:
                made += _gather(row, at=at)
    if made:
        hint("listening.tasks.tell_events")
        look_again("webhooks")
    return made


def _gather(row: OutboundWebhook, *, at: datetime) -> int:
    """Write what is new to this address, a bounded number at once, and remember how far everything was looked at."""
    verbs = {event.verb: event.name for name, event in EVENTS.items() if name in row.events and event.verb}
    since = max(open_since(at), row.created_at)
    everything = AuditEntry.objects.all()
    reached = row.reached_entry
    newer = Q(pk__gt=reached) | Q(pk__gt=reached - LOOKED_AT_AGAIN, at__gte=since)
    wanted = everything.filter(newer, verb__in=verbs).exclude(_told(row, "a")) if verbs else everything.none()
    entries = list(wanted.order_by("pk")[:GATHERED])
    row.reached_entry = _reached(everything, entries, reached)
    events = [
        _event(row, verbs[entry.verb], f"a{entry.pk}", _of_entry(entry, verbs[entry.verb]), at=entry.at)
        for entry in entries
    ]

    heard = Mention.objects.all()
    reached = row.reached_mention
    newer = Q(pk__gt=reached) | Q(pk__gt=reached - LOOKED_AT_AGAIN, captured_at__gte=since)
    of_ours = heard.filter(newer, **OPEN).exclude(Q(source__is_internal=True) | Q(_told(row, "m")))
    mentions = list(of_ours.order_by("pk")[:GATHERED]) if HEARD in row.events else []
    row.reached_mention = _reached(heard, mentions, reached)
    events += [_event(row, HEARD, f"m{mention.pk}", {"mention": mention.pk}, at=at) for mention in mentions]
    OutboundEvent.objects.bulk_create(events, ignore_conflicts=True)
    row.save(update_fields=["reached_entry", "reached_mention"])
    return len(events)


def _told(row: OutboundWebhook, letter: str) -> Exists:
    """Whether a row has its event already: its key is made of the row's."""
    key = Concat(Value(f"msg_{row.pk}_{letter}"), Cast(OuterRef("pk"), CharField()))
    return Exists(OutboundEvent.objects.filter(key=key))


def _reached(every: QuerySet[Any], gathered: Sequence[Any], reached: int) -> int:
    """How far was looked: to the newest row of all, whatever was wanted of them, or to the last that was gathered."""
    if len(gathered) == GATHERED:
        return max(reached, int(gathered[-1].pk))
    return max(reached, int(every.order_by("-pk").values_list("pk", flat=True).first() or 0))


def _of_entry(entry: AuditEntry, name: str) -> dict[str, Any]:
    after = entry.after or {}
    return {
        "by": entry.by_name,
        "subject": {"kind": entry.subject_kind, "id": entry.subject_id, "name": entry.subject_label},
        "facts": {fact: after[fact] for fact in EVENTS[name].facts if fact in after},
    }


def _of_mention(mention: Mention) -> dict[str, Any]:
    post = mention.post
    author = {"name": post.author.name, "handle": post.author.handle, "url": post.author.url} if post.author else None
    return {
        "mention": mention.pk,
        "network": post.network,
        "url": post.url,
        "title": post.title,
        "text": post.text,
        "author": author,
        "language": post.language,
        "queries": mention.query_ids,
        "published_at": post.published_at.isoformat() if post.published_at else None,
        "captured_at": mention.captured_at.isoformat(),
    }


def _event(row: OutboundWebhook, kind: str, key: str, data: dict[str, Any], *, at: datetime) -> OutboundEvent:
    whole = {"type": kind, "timestamp": at.isoformat(), "data": data}
    return OutboundEvent(
        webhook=row, key=f"msg_{row.pk}_{key}", kind=kind, payload=whole, happened_at=at, next_attempt_at=at
    )


def test_event(row: OutboundWebhook, *, at: datetime) -> OutboundEvent:
    """Write an event that says nothing, for one address."""
    event = _event(row, TEST, uuid4().hex, {"message": _("This is a test.")}, at=at)
    event.save()
    hint("listening.tasks.tell_events")
    return event


def tell_due(*, now: Callable[[], datetime]) -> int:
    """Send what is due, of whatever organization; returns how many were tried."""
    tried, silent, until = 0, set[int](), monotonic() + SECONDS_IN_ALL
    while tried < MOST_AT_ONCE and monotonic() < until:
        event = claim_event(now(), without=silent)
        if event is None:
            break
        with acting_for(event.organization):
            if not _try(event, now=now):
                # One that does not answer keeps those of others waiting: it has its next turn in the next sweep.
                silent.add(event.webhook_id)
        tried += 1
    return tried


def _try(event: OutboundEvent, *, now: Callable[[], datetime]) -> bool:
    """Send it; returns whether the address answered at all."""
    answer: Answer | None = None
    problem = ""
    try:
        body = json.dumps(_payload(event), ensure_ascii=False, separators=(",", ":")).encode()
        headers = sign(*_secrets(event.webhook, at=now()), key=event.key, at=now(), body=body)
        http = Http(allowed_hosts(), contact=settings.FETCH_CONTACT_URL, bounds=BOUNDS)
        answer = http.request(
            "POST", event.webhook.url, headers={**headers, "Content-Type": "application/json"}, body=body
        )
    except Gone as why:
        _settle(event, None, str(why), at=now(), is_over=True)
        return True
    except (NetworkError, Unsealable) as why:
        problem = str(why)
    except SoftTimeLimitExceeded:
        raise
    except Exception:  # what one address answers must not keep the others from being told
        log.exception("Event %s could not be told.", event.pk)
        problem = _("It could not be sent.")
    _settle(event, answer, problem, at=now())
    return answer is not None


def _secrets(row: OutboundWebhook, *, at: datetime) -> list[str]:
    """What an address's events are signed with; raises Unsealable."""
    is_before = bool(row.sealed_before) and row.before_until is not None and row.before_until > at
    return [unseal(row.sealed), *([unseal(row.sealed_before)] if is_before else [])]


def _payload(event: OutboundEvent) -> dict[str, Any]:
    """What is sent: of a mention what it says now, for it may have been edited or taken back since; raises Gone."""
    if event.kind != HEARD:
        return dict(event.payload)
    said = Mention.objects.with_posts().filter(pk=event.payload["data"]["mention"], **OPEN).first()
    if said is None or (said.source is not None and said.source.is_internal):
        raise Gone(_("It is not there any more, or it is internal now."))
    return {**event.payload, "data": _of_mention(said)}


@transaction.atomic
def _settle(event: OutboundEvent, answer: Answer | None, problem: str, *, at: datetime, is_over: bool = False) -> None:
    # The lease may have run out meanwhile: then whoever has the event now writes what became of it.
    rows = OutboundEvent.objects.select_for_update(of=("self",)).select_related("webhook")
    held = rows.filter(pk=event.pk, state=OutboundEvent.State.SENDING, lease_key=event.lease_key).first()
    if held is None:
        return
    held.lease_key, held.lease_until, held.attempts = "", None, held.attempts + 1
    held.status = answer.status if answer else None
    if answer is not None and 200 <= answer.status < 300:
        held.state, held.taken_at, held.problem = held.State.TAKEN, at, ""
    else:
        said = problem or _("It answered %(status)s.") % {"status": answer.status if answer else ""}
        held.problem = said[:300]
        if answer is not None and answer.status == 410:
            _switch_off(held.webhook, _("It said that it is gone for good (410)."), at=at)
            held.state = held.State.FAILED
        elif is_over or held.attempts > len(SCHEDULE):
            held.state = held.State.FAILED
        else:
            wait = max(float(SCHEDULE[held.attempts - 1]), (answer.wait if answer else None) or 0.0)
            held.state, held.next_attempt_at = held.State.READY, at + timedelta(seconds=wait)
    held.save()
    look_again("webhooks")


def _switch_off(row: OutboundWebhook, reason: str, *, at: datetime) -> None:
    row.is_active, row.off_reason = False, reason[:300]
    row.save(update_fields=["is_active", "off_reason"])
    record("switch_off_webhook", row, by=None, at=at, after={"reason": row.off_reason})
