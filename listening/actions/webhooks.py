"""Webhooks: addresses that programs send to, and addresses that are told what happens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from listening.identity import place_key
from listening.models import InboundBody, InboundWebhook, OutboundEvent, OutboundWebhook, Source
from listening.networks.guard import Guard
from listening.networks.protocols import NetworkError
from listening.networks.webhook.mapping import FIELDS, Unmapped, check_expression
from listening.networks.webhook.signature import new_secret
from listening.pushing import steps_to_push
from listening.translating import translated
from listening.webhooks.telling import EVENTS, allowed_hosts, begin_from_here, test_event
from roles.audit import record, record_change
from roles.background import hint
from roles.live import look_again
from roles.models import Department, Member
from roles.permissions import allowed
from roles.sealing import seal

OLD_SECRET_LIVES = timedelta(days=1)


def add_inbound_webhook(
    *,
    name: str,
    department: Department | None = None,
    is_internal: bool = False,
    is_signed: bool = True,
    by: Member | None,
    at: datetime,
) -> tuple[InboundWebhook, str]:
    """Open an address that a program can send to; returns it with its secret, which is shown this once."""
    return _add_inbound(department, name=name, is_internal=is_internal, is_signed=is_signed, by=by, at=at)


@allowed("listening.manage_webhooks")
@transaction.atomic
def _add_inbound(
    department: Department | None, *, name: str, is_internal: bool, is_signed: bool, by: Member | None, at: datetime
) -> tuple[InboundWebhook, str]:
    name = " ".join(name.split())
    source = Source(network="webhook", place=name, name=name, is_internal=is_internal, department=department)
    source.key = place_key("webhook", name)
    source.created_by, source.created_at, source.next_poll_at = by, at, at
    source.full_clean(exclude=["created_by"])
    source.save()
    secret = new_secret()
    row = InboundWebhook.objects.create(
        source=source, is_signed=is_signed, sealed=seal(secret), mapping=dict(FIELDS), created_at=at
    )
    record("add_source", source, by=by, at=at, after={"network": "webhook", "place": name, "signed": is_signed})
    look_again("sources")
    return row, secret


@allowed("listening.manage_webhooks")
@transaction.atomic
def open_address(source: Source, *, by: Member | None, at: datetime) -> tuple[InboundWebhook, str]:
    """Open an address at which the server of a source tells us what happens; its secret is shown this once."""
    row = Source.objects.select_for_update(of=("self",)).select_related("department").get(pk=source.pk)
    if not steps_to_push(row):
        raise ValidationError(_("This source cannot tell us by itself what happens there."))
    if InboundWebhook.objects.filter(source=row).exists():
        raise ValidationError(_("It has an address already."))
    secret = new_secret()
    made = InboundWebhook.objects.create(source=row, sealed=seal(secret), created_at=at)
    record("open_address", row, by=by, at=at)
    look_again("sources", "webhooks")
    return made, secret


@allowed("listening.manage_webhooks")
@transaction.atomic
def map_inbound_webhook(
    row: InboundWebhook, *, mapping: Mapping[str, str], by: Member | None, at: datetime
) -> InboundWebhook:
    """Say where each thing stands in what the program sends; it holds for what was not taken in yet."""
    row = _held(row)
    before, problems = dict(row.mapping), {}
    for name, expression in mapping.items():
        if name not in FIELDS:
            continue
        try:
            row.mapping[name] = check_expression(expression)
        except Unmapped as problem:
            problems[name] = translated(problem)
    if problems:
        raise ValidationError(problems)
    row.save(update_fields=["mapping"])
    record_change("map_webhook", row.source, by=by, at=at, before=before, after=row.mapping)
    look_again("sources")
    return row


@allowed("listening.manage_webhooks")
@transaction.atomic
def renew_inbound_secret(
    row: InboundWebhook, *, is_signed: bool = True, by: Member | None, at: datetime
) -> tuple[InboundWebhook, str]:
    """Make another secret; the one before is accepted for a day."""
    row, secret = _held(row), new_secret()
    row.sealed_before, row.before_until = row.sealed, at + OLD_SECRET_LIVES
    # A network's server always signs what it sends.
    row.sealed, row.is_signed = seal(secret), is_signed or row.is_pushed
    row.save(update_fields=["sealed", "sealed_before", "before_until", "is_signed"])
    record("renew_webhook_secret", row.source, by=by, at=at, after={"signed": is_signed})
    return row, secret


@allowed("listening.manage_webhooks")
@transaction.atomic
def read_again(row: InboundWebhook, *, by: Member | None, at: datetime) -> int:
    """Read once more what could not be read, as it is read now; returns how many bodies that are."""
    row = _held(row)
    unread = InboundBody.objects.filter(webhook=row, is_unread=True)
    found = unread.update(taken_at=None, problem="", is_unread=False)
    if found:
        Source.objects.filter(pk=row.source_id).make_due(at)
        record("read_again", row.source, by=by, at=at, after={"bodies": found})
        look_again("webhooks", "sources")
        hint("listening.tasks.poll_due")
    return found


def _held(row: InboundWebhook) -> InboundWebhook:
    return InboundWebhook.objects.select_for_update(of=("self",)).select_related("source__department").get(pk=row.pk)


def add_outbound_webhook(
    *, name: str, url: str, events: Sequence[str], by: Member | None, at: datetime
) -> tuple[OutboundWebhook, str]:
    """Tell an address what happens here from now on; returns it with its secret, which is shown this once."""
    return _add_outbound(None, name=name, url=url, events=events, by=by, at=at)


@allowed("listening.manage_webhooks")
@transaction.atomic
def _add_outbound(
    _department: None, *, name: str, url: str, events: Sequence[str], by: Member | None, at: datetime
) -> tuple[OutboundWebhook, str]:
    secret = new_secret()
    row = OutboundWebhook(
        name=" ".join(name.split()), url=_checked(url), events=_known(events), sealed=seal(secret), created_at=at,
        created_by=by,
    )  # fmt: skip
    row.full_clean(exclude=["created_by", "organization"])
    begin_from_here(row)
    row.save()
    record("add_webhook", row, by=by, at=at, after=_facts(row))
    look_again("webhooks")
    return row, secret


@allowed("listening.manage_webhooks")
@transaction.atomic
def change_outbound_webhook(
    row: OutboundWebhook,
    *,
    name: str,
    url: str,
    events: Sequence[str],
    is_active: bool,
    by: Member | None,
    at: datetime,
) -> OutboundWebhook:
    """Change what is told and whither; switched on again, what waited goes out, what happened meanwhile does not."""
    row = OutboundWebhook.objects.select_for_update().get(pk=row.pk)
    before = _facts(row)
    if is_active and not row.is_active:
        begin_from_here(row)
    row.name, row.url, row.events = " ".join(name.split()), _checked(url), _known(events)
    row.is_active, row.off_reason = is_active, "" if is_active else row.off_reason
    row.full_clean(exclude=["created_by", "organization"])
    row.save()
    record_change("change_webhook", row, by=by, at=at, before=before, after=_facts(row))
    look_again("webhooks")
    hint("listening.tasks.tell_events")
    return row


@allowed("listening.manage_webhooks")
@transaction.atomic
def remove_outbound_webhook(row: OutboundWebhook, *, by: Member | None, at: datetime) -> None:
    """Tell it nothing more, and forget what was told."""
    record("remove_webhook", row, by=by, at=at, before=_facts(row))
    row.delete()
    look_again("webhooks")


@allowed("listening.manage_webhooks")
@transaction.atomic
def renew_outbound_secret(row: OutboundWebhook, *, by: Member | None, at: datetime) -> tuple[OutboundWebhook, str]:
    """Sign with another secret from now on; for a day the one before signs beside it."""
    row, secret = OutboundWebhook.objects.select_for_update().get(pk=row.pk), new_secret()
    row.sealed_before, row.before_until = row.sealed, at + OLD_SECRET_LIVES
    row.sealed = seal(secret)
    row.save(update_fields=["sealed", "sealed_before", "before_until"])
    record("renew_webhook_secret", row, by=by, at=at)
    return row, secret


@allowed("listening.manage_webhooks")
@transaction.atomic
def try_webhook(row: OutboundWebhook, *, by: Member | None, at: datetime) -> OutboundEvent:
    """Send a test event, so that the receiver can be set up."""
    event = test_event(row, at=at)
    record("try_webhook", row, by=by, at=at)
    return event


@allowed("listening.manage_webhooks")
@transaction.atomic
def tell_again(event: OutboundEvent, *, by: Member | None, at: datetime) -> OutboundEvent:
    """Try an event once more from the beginning of the schedule, also one that was given up or taken."""
    event = OutboundEvent.objects.select_for_update(of=("self",)).select_related("webhook").get(pk=event.pk)
    if event.state in {event.State.FAILED, event.State.TAKEN}:
        event.state, event.attempts, event.next_attempt_at, event.problem = event.State.READY, 0, at, ""
        event.save(update_fields=["state", "attempts", "next_attempt_at", "problem"])
        record("tell_again", event.webhook, by=by, at=at, after={"event": event.kind})
        look_again("webhooks")
        hint("listening.tasks.tell_events")
    return event


def _checked(url: str) -> str:
    try:
        return str(Guard.allowing(allowed_hosts()).check_url(url.strip()))
    except NetworkError as problem:
        raise ValidationError({"url": translated(problem)}) from problem


def _known(events: Sequence[str]) -> list[str]:
    unknown = [name for name in events if name not in EVENTS]
    if unknown:
        raise ValidationError({"events": _("There is no event “%(name)s”.") % {"name": unknown[0]}})
    if not events:
        raise ValidationError({"events": _("Choose what it is told.")})
    return sorted(set(events))


def _facts(row: OutboundWebhook) -> dict[str, object]:
    return {"name": row.name, "url": row.url, "events": row.events, "is_active": row.is_active}
