"""What a gatherer decides about mentions."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from engagement.actions.assignments import claim
from engagement.models import Assignment
from listening.actions.mentions import dismiss, keep, restore, route_to
from listening.models import Mention
from listening.refusals import Quicker
from listening.signals import mentions_triaged
from roles import clock
from roles.models import AuditEntry
from tests import factories
from tests.cast import Cast


def test_dismissing_and_restoring(acme: Cast) -> None:
    mention, at = factories.mention(), clock.now()
    dismissed = dismiss(mention, code="other_meaning", reason="another Acme", by=acme.gita, at=at)
    assert (dismissed.state, dismissed.triage_code, dismissed.triage_reason) == (
        "dismissed", "other_meaning", "another Acme",
    )  # fmt: skip
    assert (dismissed.triaged_by, dismissed.triaged_at) == (acme.gita, at)
    dismiss(mention, by=acme.carla, at=at)
    mention.refresh_from_db()
    assert (mention.triage_reason, mention.triaged_by) == ("another Acme", acme.gita)
    restored = restore(mention, by=acme.gita, at=at)
    assert (restored.state, restored.triage_code, restored.triage_reason, restored.triaged_at) == (
        "untriaged", "", "", None,
    )  # fmt: skip
    assert list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True)) == ["dismiss", "restore"]


def test_what_is_relevant_can_be_kept_without_giving_it_to_anybody(acme: Cast) -> None:
    mention, at = factories.mention(), clock.now()
    kept = keep(mention, by=acme.gita, at=at)
    assert (kept.state, kept.triaged_by, kept.triaged_at) == ("kept", acme.gita, at)
    assert restore(mention, by=acme.gita, at=at).state == "untriaged"


def test_a_reason_can_be_given_afterwards(acme: Cast) -> None:
    mention, at = factories.mention(), clock.now()
    dismiss(mention, by=acme.gita, at=at)
    assert dismiss(mention, code="spam", by=acme.gita, at=at).triage_code == "spam"


def test_the_second_of_two_gatherers_is_told_how_things_are_now(acme: Cast) -> None:
    mention, at = factories.mention(), clock.now()
    dismiss(mention, code="spam", seen="untriaged", by=acme.gita, at=at)
    assert dismiss(mention, seen="untriaged", by=acme.carla, at=at).triaged_by == acme.gita
    with pytest.raises(Quicker, match=r"Gita was quicker: not relevant \(Spam\)\."):
        keep(mention, seen="untriaged", by=acme.carla, at=at)
    with pytest.raises(Quicker, match="Gita was quicker"):
        route_to(mention, department=acme.care, seen="untriaged", by=acme.carla, at=at)
    assert keep(mention, seen="dismissed", by=acme.carla, at=at).state == "kept"


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
        for act in (dismiss, keep):
            with pytest.raises(ValidationError):
                act(mention, by=acme.gita, at=at)
    finally:
        mentions_triaged.disconnect(listen)
    assert heard == [([mention], acme.care, acme.gita, at)]
    mention.refresh_from_db()
    assert (mention.state, mention.department, mention.triaged_by) == ("routed", acme.care, acme.gita)


def test_what_was_given_away_comes_back_while_nobody_has_begun(acme: Cast) -> None:
    mention, at = factories.mention(), clock.now()
    route_to(mention, department=acme.care, by=acme.gita, at=at)
    assert Assignment.objects.count() == 1
    restored = restore(mention, by=acme.gita, at=at)
    assert (restored.state, restored.department, Assignment.objects.count()) == ("untriaged", None, 0)


def test_what_somebody_has_begun_with_stays_there(acme: Cast) -> None:
    mention, at = factories.mention(), clock.now()
    route_to(mention, department=acme.care, by=acme.gita, at=at)
    assignment = Assignment.objects.get()
    claim(assignment, by=assignment.member, at=at)
    with pytest.raises(Quicker, match="begun"):
        restore(mention, by=acme.gita, at=at)
    mention.refresh_from_db()
    assert (mention.state, Assignment.objects.count()) == ("routed", 1)


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


def test_relevance_is_learned_from_what_people_said_of_the_words(acme: Cast) -> None:
    at = clock.now()
    spam, seen, kept, given, _waiting = (factories.mention() for _ in range(5))
    factories.mention(state="routed", department=acme.care)  # by a rule
    dismiss(spam, code="spam", by=acme.gita, at=at)
    dismiss(seen, code="duplicate", by=acme.gita, at=at)
    keep(kept, by=acme.gita, at=at)
    route_to(given, department=acme.care, by=acme.gita, at=at)
    assert set(Mention.objects.found_relevant()) == {kept, given}
    assert set(Mention.objects.found_not_relevant()) == {spam}


def test_a_responder_does_not_triage(acme: Cast) -> None:
    mention = factories.mention()
    doing: dict[str, Any] = {"by": acme.rosa, "at": clock.now()}
    for act in (
        lambda: dismiss(mention, **doing),
        lambda: keep(mention, **doing),
        lambda: restore(mention, **doing),
        lambda: route_to(mention, department=acme.care, **doing),
    ):
        with pytest.raises(PermissionDenied):
            act()
