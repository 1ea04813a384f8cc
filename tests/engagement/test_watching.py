"""Warnings and misses: each once, told once, whoever looks and whoever dies."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from engagement.actions import assignments as verbs
from engagement.models import Assignment, Promise, TargetEvent
from engagement.watching import tell, watch
from roles.models import Mail
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast

AT = datetime(2026, 11, 25, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def promised(cast: Cast, *, number: int = 1, **fields: Any) -> list[Assignment]:
    """Assignments of customer care, due an hour after AT, warned of a quarter of an hour before."""
    rows = []
    for _one in range(number):
        row = factories.assignment(**{"department": cast.care, "at": AT, **fields})
        Promise.objects.create(
            assignment=row, kind="first_response", minutes=60, in_business_hours=False, warn_at_percent=75,
            started_at=AT, due_at=AT + 60 * MINUTE, warn_at=AT + 45 * MINUTE, counted_at=AT,
            next_look_at=AT + 45 * MINUTE,
        )  # fmt: skip
        rows.append(row)
    return rows


def kinds() -> list[str]:
    return list(TargetEvent.objects.order_by("pk").values_list("kind", flat=True))


def test_a_warning_then_a_miss_each_once(acme: Cast) -> None:
    promised(acme, member=acme.rosa)
    seen = []
    for minute in (0, 44, 45, 46, 60, 61, 62, 600):
        watch(at=AT + minute * MINUTE)
        seen.append(kinds())
    assert seen == [[], [], *[["warning"]] * 3, *[["warning", "miss"]] * 3]
    event = TargetEvent.objects.get(kind="miss")
    assert (event.member, event.department, event.due_at) == (acme.rosa, acme.care, AT + 60 * MINUTE)


def test_who_looks_too_late_for_a_warning_writes_the_miss_alone(acme: Cast) -> None:
    promised(acme)
    watch(at=AT + 90 * MINUTE)
    assert kinds() == ["miss"]


def test_an_answer_that_came_too_late_is_a_miss_though_nobody_looked_in_between(acme: Cast) -> None:
    (row,) = promised(acme)
    verbs.resolve(row, outcome="answered", by=acme.carla, at=AT + 61 * MINUTE)
    watch(at=AT + 62 * MINUTE)
    assert kinds() == ["miss"]


def test_an_answer_in_time_ends_it(acme: Cast) -> None:
    (row,) = promised(acme)
    watch(at=AT + 50 * MINUTE)
    verbs.resolve(row, outcome="answered", by=acme.carla, at=AT + 60 * MINUTE)
    watch(at=AT + 600 * MINUTE)
    assert kinds() == ["warning"]


def test_what_is_put_away_is_looked_at_all_the_same(acme: Cast) -> None:
    promised(acme, member=acme.rosa, state="snoozed", snoozed_until=AT + 9000 * MINUTE)
    watch(at=AT + 61 * MINUTE)
    assert kinds() == ["miss"]


def test_a_miss_is_told_to_who_has_it_and_to_the_coach(acme: Cast) -> None:
    promised(acme, member=acme.rosa, text="Where is <b>my</b> bike?")
    watch(at=AT + 50 * MINUTE)
    assert tell(at=AT + 50 * MINUTE) == 0
    watch(at=AT + 61 * MINUTE)
    assert tell(at=AT + 61 * MINUTE) == 1
    mails = Mail.objects.order_by("pk")
    assert {mail.member for mail in mails} == {acme.rosa, acme.carla}
    assert "Where is" in mails[0].subject and "<b>my</b>" not in mails[0].html
    assert tell(at=AT + 62 * MINUTE) == 0 and Mail.objects.count() == 2


def test_many_misses_are_one_mail_and_the_next_ones_wait(acme: Cast) -> None:
    promised(acme, number=25)
    watch(at=AT + 61 * MINUTE)
    tell(at=AT + 61 * MINUTE)
    (mail,) = Mail.objects.all()
    assert (mail.member, mail.subject) == (acme.carla, "25 response targets were missed") and "5 more" in mail.text
    promised(acme, number=2)
    watch(at=AT + 65 * MINUTE)
    assert (tell(at=AT + 65 * MINUTE), Mail.objects.count()) == (0, 1)
    assert (tell(at=AT + 77 * MINUTE), Mail.objects.count()) == (2, 2)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_write_each_event_once(cast: Cast) -> None:
    with acting_for(cast.organization):
        promised(cast, number=120)

    def look(_turn: int) -> int:
        try:
            with acting_for(cast.organization):
                return watch(at=AT + 61 * MINUTE)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        written = sum(pool.map(look, range(8)))
    with acting_for(cast.organization):
        assert (written, TargetEvent.objects.count(), set(kinds())) == (120, 120, {"miss"})


def test_the_page_shows_what_was_missed_and_to_whom_it_belongs(cast: Cast, sign_in: Any) -> None:
    with acting_for(cast.organization):
        promised(cast, number=52, member=cast.rosa, text="<i>Broken</i>")
        watch(at=AT + 61 * MINUTE)
    client = sign_in(cast.carla)
    page = client.get("/o/acme/missed/").content.decode()
    assert page.count("<tr>") == 51 and "before=" in page and "<i>Broken" not in page
    older = client.get("/o/acme/missed/", {"before": TargetEvent.everywhere.order_by("pk")[2].pk}).content.decode()
    assert older.count("<tr>") == 3
    assert "No warning yet" in client.get("/o/acme/missed/", {"kind": "warning"}).content.decode()
    with acting_for(cast.organization):
        assert not TargetEvent.objects.visible_to(cast.bodo).exists() or cast.bodo.held_positions[0].department is None


@pytest.mark.parametrize("address", ["/o/acme/missed/", "/o/acme/targets/"])
def test_lists_ask_as_often_for_one_as_for_many(
    cast: Cast, sign_in: Any, django_assert_num_queries: Any, address: str
) -> None:
    from engagement.actions.targets import add_target

    client = sign_in(cast.carla)

    def more(number: int, name: str) -> None:
        with acting_for(cast.organization):
            promised(cast, number=number, member=cast.rosa)
            watch(at=AT + 61 * MINUTE)
            for turn in range(number):
                add_target(cast.organization, name=f"{name} {turn}", first_response_minutes=9, by=None, at=AT)

    more(1, "one")
    client.get(address)
    with CaptureQueriesContext(connection) as once:
        client.get(address)
    more(20, "many")
    with django_assert_num_queries(len(once)):
        client.get(address)


def test_programs_read_events_and_promises(api: Any, acme: Cast) -> None:
    (row,) = promised(acme, member=acme.rosa)
    watch(at=AT + 61 * MINUTE)
    (event,) = api(acme.rosa).get("/api/v1/target-events/", {"assignment": row.pk}).json()["results"]
    assert (event["kind"], event["promise"]["kind"]) == ("miss", "first_response")
    one = api(acme.rosa).get(f"/api/v1/assignments/{row.pk}/").json()
    assert (one["promise"], len(one["promises"])) == ("first_response", 1)
    assert api(acme.rosa).get("/api/v1/target-events/", {"kind": "soon"}).status_code == 400
    assert api(acme.sam).get(f"/api/v1/target-events/{event['id']}/").status_code == 404
