"""What programs sent and were told goes when its time has come; what is still on its way, or on ours, stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from listening.actions import webhooks
from listening.models import InboundBody, OutboundEvent, OutboundWebhook, RetentionRule, Source
from listening.retention import clean_up, due
from listening.tasks import clean_up as clean_up_everywhere
from roles import clock
from roles.models import AuditEntry
from roles.tenancy import acting_for
from tests.cast import Cast


def _kept(acme: Cast) -> tuple[InboundBody, OutboundEvent]:
    """A body that was taken in and an event that was taken, both long ago."""
    at = clock.now() - timedelta(days=31)
    inbound, _secret = webhooks.add_inbound_webhook(name="Reviews", by=acme.carla, at=at)
    outbound, _secret = webhooks.add_outbound_webhook(
        name="Chat", url="https://chat.example/", events=["warning.raised"], by=acme.carla, at=at
    )
    body = InboundBody.objects.create(webhook=inbound, key="b1", body=b"{}", received_at=at, taken_at=at)
    event = OutboundEvent.objects.create(
        webhook=outbound, key="e1", kind="warning.raised", payload={}, state="taken", happened_at=at, next_attempt_at=at
    )
    return body, event


def test_what_has_come_to_its_end_goes_and_is_noted(acme: Cast, sign_in: Any) -> None:
    _kept(acme)
    rule = RetentionRule(kind="webhooks", days=30)
    assert due(rule, at=clock.now()).count == 2 and due(rule, at=clock.now(), most=1).is_more
    page = sign_in(acme.olga).get("/o/acme/retention/").content.decode()
    assert "What programs sent and were told" in page
    assert clean_up(at=clock.now()) == 2
    assert not InboundBody.objects.exists() and not OutboundEvent.objects.exists()
    assert AuditEntry.objects.filter(verb="clean_up").latest("pk").after == {"removed": 2, "older_than_days": 30}


def test_what_is_on_its_way_stays_unless_it_can_never_arrive(acme: Cast) -> None:
    body, event = _kept(acme)
    InboundBody.objects.update(taken_at=None)
    OutboundEvent.objects.update(state="ready")
    assert clean_up(at=clock.now()) == 0
    Source.objects.filter(pk=body.webhook.source_id).update(state="paused")
    OutboundWebhook.objects.filter(pk=event.webhook_id).update(is_active=False)
    later = clock.now() + timedelta(days=2)
    assert clean_up(at=later) == 2


def test_each_organization_has_its_own_time(acme: Cast) -> None:
    _kept(acme)
    RetentionRule.objects.create(kind="webhooks", days=None)
    with acting_for(None):
        clean_up_everywhere()
    assert InboundBody.objects.count() == OutboundEvent.objects.count() == 1, "for ever, as the owner says"
    with acting_for(acme.elsewhere):
        assert not InboundBody.objects.exists()
