"""What stood in the tables before promises were rows and conditions were trees arrives there whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

Migrate = Callable[..., Any]
NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def past(django_db_setup: None, django_db_blocker: Any) -> Iterator[Migrate]:
    """A database of its own, empty, that goes through the migrations one by one: `past(("engagement", "0005_…"))`."""
    with django_db_blocker.unblock():
        usual = connections["default"]
        name = f"{usual.settings_dict['NAME']}_past"
        with usual._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
            cursor.execute(f'CREATE DATABASE "{name}"')
        other = usual.copy()
        other.settings_dict["NAME"] = name
        connections["default"] = other

        def migrate(*targets: tuple[str, str]) -> Any:
            executor = MigrationExecutor(other)
            executor.loader.replace_migrations = False
            executor.loader.build_graph()
            state = executor.migrate(list(targets))
            return state.apps

        try:
            yield migrate
        finally:
            other.close()
            connections["default"] = usual
            with usual._nodb_cursor() as cursor:
                cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')


def test_promises_conditions_and_contacts_of_before(past: Migrate) -> None:
    apps = past(("engagement", "0005_response_targets"), ("listening", "0016_triage_of_many"))
    rows = fill(apps)
    apps = past(("engagement", "0009_no_flat_conditions"))
    see_promises(apps, rows)
    see_rules(apps, rows)
    contact = apps.get_model("engagement", "Contact").objects.get()
    assert (contact.author_id, contact.member_id) == (rows["author"].pk, rows["second"].pk)
    assert (contact.first_at, contact.last_at) == (NOW - 3 * HOUR, NOW - HOUR)
    apps = past(("engagement", "0015_network_of_assignments"))
    assert set(apps.get_model("engagement", "Assignment").objects.values_list("network", flat=True)) == {"practice"}


def fill(apps: Any) -> dict[str, Any]:
    """An organization with two rules, three assignments and two replies, as they were then."""

    def make(label: str, model: str, /, **fields: Any) -> Any:
        return apps.get_model(label, model).objects.create(**fields)

    whole = make("roles", "Organization", name="Acme", slug="acme")
    own = {"organization": whole}
    care = make("roles", "Department", name="Care", slug="care", **own)
    first, second = (
        make("roles", "Member", user=make("roles", "User", email=f"{name}@example.org", name=name), **own)
        for name in ("Rosa", "Rui")
    )
    author = make("listening", "Author", network="practice", remote_id="9", **own)
    query = make("listening", "TrackingQuery", name="Us", expression="acme", **own)
    topic = make("listening", "Topic", name="Bills", **own)
    source = make("listening", "Source", network="practice", place="everything", key="1", name="Field", **own)
    channel = make("listening", "Channel", network="practice", account_id="1", handle="acme", name="Acme", **own)
    assignments = []
    for number, fields in enumerate(
        (
            {"due_at": NOW + 4 * HOUR, "state": "open"},
            {"due_at": NOW - HOUR, "state": "open"},
            {"due_at": NOW, "state": "resolved", "resolved_at": NOW, "first_answered_at": NOW - HOUR},
        )
    ):
        post = make(
            "listening", "Post", network="practice", remote_id=str(number), author=author, captured_at=NOW - 5 * HOUR,
            content_digest="0" * 64, **own,
        )  # fmt: skip
        mention = make("listening", "Mention", post=post, network="practice", captured_at=NOW - 5 * HOUR, **own)
        assignments.append(
            make(
                "engagement", "Assignment", mention=mention, department=care, created_at=NOW - 4 * HOUR, **own, **fields
            )
        )
    for number, (by, hours) in enumerate(((first, 3), (second, 1))):
        make(
            "engagement", "Reply", assignment=assignments[2], post=assignments[2].mention.post, channel=channel, by=by,
            key=str(number), text="Yes.", state="accepted", written_at=NOW - 4 * HOUR, accepted_at=NOW - hours * HOUR,
            next_attempt_at=NOW, **own,
        )  # fmt: skip
    rules = [
        make(
            "engagement", "RoutingRule", name="All of it", position=2, department=care, query=query, source=source,
            topic=topic, network="practice", language="nl", sentiment=-1, words="broken", priority=1, **own,
        ),
        make("engagement", "RoutingRule", name="Rest", position=1, department=care, is_active=False, **own),
    ]  # fmt: skip
    return {
        "assignments": assignments, "author": author, "second": second, "query": query, "topic": topic,
        "source": source, "rules": rules,
    }  # fmt: skip


def see_promises(apps: Any, rows: dict[str, Any]) -> None:
    running, late, done = (
        apps.get_model("engagement", "Assignment").objects.get(pk=row.pk) for row in rows["assignments"]
    )
    assert (running.promise, late.promise, done.promise) == ("first_response", "first_response", "")
    assert (running.first_due_at, running.promised_at) == (NOW + 4 * HOUR, NOW - 4 * HOUR)
    promises = {row.assignment_id: row for row in apps.get_model("engagement", "Promise").objects.all()}
    assert set(promises) == {running.pk, late.pk}
    found = promises[running.pk]
    assert (found.minutes, found.due_at, found.warn_at) == (480, NOW + 4 * HOUR, NOW + 2 * HOUR)
    assert found.next_look_at == found.warn_at
    # What was due before is looked at no more.
    assert promises[late.pk].next_look_at is None


def see_rules(apps: Any, rows: dict[str, Any]) -> None:
    full, rest = (apps.get_model("engagement", "RoutingRule").objects.get(pk=row.pk) for row in rows["rules"])
    assert rest.condition == {"all": []}
    asked = {leaf["field"]: leaf["value"] for leaf in full.condition["all"]}
    assert asked == {
        "query": rows["query"].pk, "source": rows["source"].pk, "topic": rows["topic"].pk, "network": "practice",
        "language": "nl", "sentiment": -1, "words": "broken",
    }  # fmt: skip
    subjects = apps.get_model("engagement", "RuleSubject").objects.filter(rule=full.pk)
    assert {(row.query_id, row.source_id, row.topic_id) for row in subjects} == {
        (rows["query"].pk, None, None), (None, rows["source"].pk, None), (None, None, rows["topic"].pk),
    }  # fmt: skip
    version = apps.get_model("engagement", "RuleSetVersion").objects.get()
    assert [rule["name"] for rule in version.rules] == ["Rest", "All of it"] and version.number == 1
