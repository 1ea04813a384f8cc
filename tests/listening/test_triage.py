"""What a gatherer decides about mentions."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from listening.actions.mentions import dismiss, restore, route_to
from listening.signals import mentions_triaged
from roles import clock
from roles.models import AuditEntry
from tests import factories
from tests.cast import Cast


def test_dismissing_and_restoring(acme: Cast) -> None:
    mention, at = factories.mention(), clock.now()
    dismissed = dismiss(mention, reason="another Acme", by=acme.gita, at=at)
    assert (dismissed.state, dismissed.triage_reason) == ("dismissed", "another Acme")
    assert (dismissed.triaged_by, dismissed.triaged_at) == (acme.gita, at)
    dismiss(mention, by=acme.carla, at=at)
    mention.refresh_from_db()
    assert (mention.triage_reason, mention.triaged_by) == ("another Acme", acme.gita)
    restored = restore(mention, by=acme.gita, at=at)
    assert (restored.state, restored.triage_reason, restored.triaged_at) == ("untriaged", "", None)
    assert list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True)) == ["dismiss", "restore"]


def test_routing_tells_the_apps_above_once(acme: Cast) -> None:
    mention, at = factories.mention(), clock.now()
    heard: list[Any] = []

    def listen(sender: Any, **news: Any) -> None:
        heard.append((news["mentions"], news["department"], news["by"], news["at"]))

    mentions_triaged.connect(listen)
    try:
        for _turn in range(2):
            route_to(mention, department=acme.care, by=acme.gita, at=at)
        with pytest.raises(ValidationError):
            route_to(mention, department=acme.press, by=acme.gita, at=at)
        with pytest.raises(ValidationError):
            dismiss(mention, by=acme.gita, at=at)
    finally:
        mentions_triaged.disconnect(listen)
    assert heard == [([mention], acme.care, acme.gita, at)]
    mention.refresh_from_db()
    assert (mention.state, mention.department, mention.triaged_by) == ("routed", acme.care, acme.gita)


def test_if_the_apps_above_fail_nothing_is_routed(acme: Cast) -> None:
    mention = factories.mention()

    def fail(sender: Any, **_news: Any) -> None:
        raise RuntimeError("no")

    mentions_triaged.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            route_to(mention, department=acme.care, by=acme.gita, at=clock.now())
    finally:
        mentions_triaged.disconnect(fail)
    mention.refresh_from_db()
    assert mention.state == "untriaged"


def test_a_responder_does_not_triage(acme: Cast) -> None:
    mention = factories.mention()
    doing: dict[str, Any] = {"by": acme.rosa, "at": clock.now()}
    for act in (
        lambda: dismiss(mention, **doing),
        lambda: restore(mention, **doing),
        lambda: route_to(mention, department=acme.care, **doing),
    ):
        with pytest.raises(PermissionDenied):
            act()
