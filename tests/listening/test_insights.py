"""Insights that gatherers file, and the briefs that the booth gets."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client

from listening.actions.briefs import choose_briefs, make_brief, make_due_briefs, plan_briefs
from listening.actions.insights import change_insight, file_insight, restore_insight, withdraw_insight
from listening.briefs import gather, next_moment, readers, tell
from listening.models import Brief, BriefPlan, Insight, Post, Topic
from roles import clock
from roles.models import AuditEntry, Mail, Role
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast, join

AT = datetime(2026, 3, 27, 9, 0, tzinfo=UTC)  # a Friday
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("zone", "days", "at_time", "after", "expected"),
    [
        ("UTC", [4], time(8), "2026-03-27T07:59Z", "2026-03-27T08:00Z"),
        ("UTC", [4], time(8), "2026-03-27T08:00Z", "2026-04-03T08:00Z"),
        ("UTC", [0, 2], time(8), "2026-03-27T09:00Z", "2026-03-30T08:00Z"),
        # 02:30 is left out on 29 March 2026 in Amsterdam and occurs twice on 25 October.
        ("Europe/Amsterdam", [6], time(2, 30), "2026-03-28T12:00Z", "2026-03-29T01:30Z"),
        ("Europe/Amsterdam", [6], time(2, 30), "2026-10-24T12:00Z", "2026-10-25T00:30Z"),
        ("Europe/Amsterdam", [0], time(8), "2026-03-28T12:00Z", "2026-03-30T06:00Z"),
        ("Asia/Kolkata", [0], time(8), "2026-03-28T12:00Z", "2026-03-30T02:30Z"),
        ("Pacific/Auckland", [0], time(8), "2026-03-29T12:00Z", "2026-03-29T19:00Z"),
    ],
)
def test_the_next_moment_keeps_to_the_clock_on_the_wall(
    zone: str, days: list[int], at_time: time, after: str, expected: str
) -> None:
    found = next_moment(days, at_time, zone=ZoneInfo(zone), after=datetime.fromisoformat(after))
    assert found == datetime.fromisoformat(expected)


def plan(acme: Cast, *, at: datetime = AT, care: bool = True) -> BriefPlan:
    department = acme.care if care else None
    return plan_briefs(acme.organization, department=department, weekdays=[0, 1], at_time=time(8), by=acme.carla, at=at)


def test_an_insight_is_filed_changed_and_withdrawn(acme: Cast) -> None:
    mentions = [factories.mention(), factories.mention()]
    insight = file_insight(
        acme.organization, title="The new lock jams", department=acme.care, mentions=mentions, by=acme.gita, at=AT
    )
    assert insight.places.count() == 2
    change_insight(insight, title="The new lock jams in frost", text="", department=None, by=acme.gita, at=AT)
    withdraw_insight(insight, by=acme.gita, at=AT)
    withdraw_insight(insight, by=acme.gita, at=AT)
    restore_insight(insight, by=acme.gita, at=AT)
    verbs = AuditEntry.objects.order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["file_insight", "change_insight", "withdraw_insight", "restore_insight"]
    with pytest.raises(ValidationError):
        file_insight(acme.organization, title="  ", by=acme.gita, at=AT)
    with pytest.raises(PermissionDenied):
        file_insight(acme.organization, title="Mine", by=acme.rosa, at=AT)


def test_a_brief_says_what_concerned_the_department(acme: Cast) -> None:
    topic = Topic.objects.create(name="Billing", department=acme.care)
    query = factories.query("lock", department=acme.care)
    long_ago, since = AT - 9 * DAY, AT - 7 * DAY
    factories.mention(at=since, topic=topic, sentiment=-1, relevance=0.9)
    factories.mention("Jammed again", at=AT - DAY, department=acme.care, state="routed", sentiment=1)
    factories.mention(at=AT - DAY, query_ids=[query.pk])
    factories.mention(at=AT - DAY, department=acme.press, state="routed")
    factories.mention(at=AT - DAY, department=acme.care, state="dismissed")
    factories.mention(at=AT, topic=topic)
    factories.mention(at=long_ago, topic=topic)
    file_insight(acme.organization, title="For all", by=acme.gita, at=AT - DAY)
    file_insight(acme.organization, title="For the press", department=acme.press, by=acme.gita, at=AT - DAY)
    said = gather(acme.care, since=since, until=AT)
    assert (said["mentions"], said["before"]) == (3, 1)
    assert said["sentiment"] == {"negative": 1, "neutral": 0, "positive": 1}
    assert [(row["name"], row["count"]) for row in said["topics"]] == [("Billing", 1)]
    assert [row["title"] for row in said["insights"]] == ["For all"]
    assert len(said["voices"]) == 3
    assert next(row["text"] for row in tell(said)["voices"]) == "Is Acme down?"
    Post.objects.update(withdrawn_at=AT, text="")
    assert tell(said)["voices"] == []
    assert gather(None, since=since, until=AT)["mentions"] == 4


def test_the_booth_gets_it_once_and_can_decline(acme: Cast) -> None:
    acme.organization.time_zone = "Asia/Kathmandu"
    acme.organization.save()
    row = plan(acme, at=AT - DAY)
    join("Bea", Role.BOOTH, acme.press)
    assert readers([row])[row.pk] == [acme.bodo]
    factories.mention(at=AT - timedelta(hours=1), department=acme.care, state="routed")
    choose_briefs(row, wants_it=True, by=acme.carla, at=AT)
    brief = make_brief(row, by=acme.carla, at=AT)
    assert set(Mail.objects.values_list("member", flat=True)) == {acme.bodo.pk, acme.carla.pk}
    assert brief.sent_to == 2
    mail = Mail.objects.get(member=acme.bodo)
    assert "/o/acme/briefs/" in mail.text and "Is Acme down?" in mail.html
    # A worker has no time zone; the mail says times as the organization's pages do.
    assert "14:45" in mail.text and "14:45" in mail.html
    choose_briefs(row, wants_it=False, by=acme.bodo, at=AT)
    assert readers([row])[row.pk] == [acme.carla]


def test_a_quiet_time_mails_nobody_and_nothing_is_told_twice(acme: Cast) -> None:
    row = plan(acme, at=AT)
    due = row.next_at
    assert due == datetime(2026, 3, 30, 8, tzinfo=UTC)
    assert make_due_briefs(at=due - timedelta(seconds=1)) == 0
    assert make_due_briefs(at=due) == 1
    assert make_due_briefs(at=due) == 0
    assert not Mail.objects.exists() and Brief.objects.get().is_quiet
    factories.mention(at=due, department=acme.care, state="routed")
    # The installation was off for three of its days: one brief tells of all of them.
    late = due + 8 * DAY
    assert make_due_briefs(at=late) == 1
    brief = Brief.objects.latest("until")
    assert (brief.since, brief.until, brief.content["mentions"]) == (due, late, 1)
    row.refresh_from_db()
    assert row.next_at > late and Mail.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_four_workers_make_one_brief(acme: Cast) -> None:
    row = plan(acme)
    factories.mention(at=AT, department=acme.care, state="routed")

    def work(_turn: int) -> int:
        try:
            with acting_for(acme.organization):
                return make_due_briefs(at=row.next_at)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 1
    assert (Brief.objects.count(), Mail.objects.count()) == (1, 1)


def test_a_mail_is_stopped_without_signing_in(acme: Cast, client: Client) -> None:
    row = plan(acme, at=AT - DAY)
    factories.mention(at=AT - timedelta(hours=1), department=acme.care, state="routed")
    make_brief(row, by=acme.carla, at=AT)
    mail = Mail.objects.get()
    address = "/" + mail.unsubscribe_url.split("/", 3)[3]
    assert address in mail.text
    assert client.get(address).status_code == 200
    assert readers([row])[row.pk] == [acme.bodo]
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert readers([row])[row.pk] == []
    assert client.get(address[:-3] + "x/").status_code == 404


def test_the_pages(acme: Cast, client: Client) -> None:
    mention = factories.mention("<b>bold</b> Acme", at=clock.now())
    client.force_login(acme.gita.user)
    assert "No insight yet" in client.get("/o/acme/insights/").content.decode()
    form = client.get(f"/o/acme/insights/file/?mention={mention.pk}").content.decode()
    assert "&lt;b&gt;bold" in form
    assert client.post("/o/acme/insights/file/", {"title": "", "mention": mention.pk}).status_code == 422
    answer = client.post("/o/acme/insights/file/", {"title": "<i>jam</i>", "mention": mention.pk}, follow=True)
    assert "&lt;i&gt;jam" in answer.content.decode() and "&lt;b&gt;bold" in answer.content.decode()
    insight = Insight.objects.get()
    client.force_login(acme.carla.user)
    bad = client.post("/o/acme/briefs/plan/", {"at_time": "08:00", "is_active": "on"})
    assert bad.status_code == 422
    good = {"department": acme.care.pk, "weekdays": ["0", "4"], "at_time": "08:30", "is_active": "on"}
    assert client.post("/o/acme/briefs/plan/", good).status_code == 302
    row = BriefPlan.objects.get()
    assert (row.weekdays, row.at_time) == ([0, 4], time(8, 30))
    made = client.post(f"/o/acme/briefs/plan/{row.pk}/make/", follow=True).content.decode()
    assert "&lt;i&gt;jam" in made
    client.force_login(acme.bodo.user)
    assert insight.title in client.get(f"/o/acme/insights/{insight.pk}/").context["insight"].title
    shown = client.get("/o/acme/briefs/").content.decode()
    assert "Bodo" in shown and re.search("Do not mail it to me", shown)
    assert client.post("/o/acme/briefs/plan/", good).status_code == 403
    assert client.post(f"/o/acme/insights/{insight.pk}/withdraw/").status_code == 403


@pytest.mark.parametrize("address", ["insights", "briefs"])
def test_queries_do_not_grow_with_rows(
    acme: Cast, client: Client, django_assert_max_num_queries: object, address: str
) -> None:
    from django.test.utils import CaptureQueriesContext

    client.force_login(acme.carla.user)
    counts = []
    for number in (1, 20):
        for _turn in range(number):
            file_insight(acme.organization, title="Learned", department=acme.care, by=acme.gita, at=clock.now())
            row = plan(acme, at=clock.now() - timedelta(seconds=1))
            make_brief(row, by=acme.carla, at=clock.now())
        client.get(f"/o/acme/{address}/")
        with CaptureQueriesContext(connection) as asked:
            client.get(f"/o/acme/{address}/")
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_api(acme: Cast, client: Client) -> None:
    mention = factories.mention(at=clock.now())
    headers = {"Authorization": f"Token {acme.token(acme.gita)}"}
    body = {"title": "Locks jam", "department": acme.care.pk, "mentions": [mention.pk]}
    made = client.post("/api/v1/insights/", body, content_type="application/json", headers=headers)
    assert made.status_code == 201 and made.json()["mentions"] == [mention.pk]
    key = made.json()["id"]
    changed = client.patch(
        f"/api/v1/insights/{key}/", {"text": "In frost."}, content_type="application/json", headers=headers
    )
    assert (changed.json()["title"], changed.json()["text"]) == ("Locks jam", "In frost.")
    assert client.post(f"/api/v1/insights/{key}/withdraw/", headers=headers).json()["withdrawn_at"]
    assert client.get("/api/v1/insights/", headers=headers).json()["results"] == []
    assert client.post(f"/api/v1/insights/{key}/restore/", headers=headers).json()["withdrawn_at"] is None
    days = {"department": acme.care.pk, "weekdays": [0], "at_time": "08:00"}
    refused = client.post("/api/v1/brief-plans/", days, content_type="application/json", headers=headers)
    assert refused.status_code == 403
    headers = {"Authorization": f"Token {acme.token(acme.carla)}"}
    plan_id = client.post("/api/v1/brief-plans/", days, content_type="application/json", headers=headers).json()["id"]
    brief = client.post(f"/api/v1/brief-plans/{plan_id}/make/", headers=headers)
    assert brief.status_code == 201 and brief.json()["content"]["insights"][0]["title"] == "Locks jam"
    assert len(client.get("/api/v1/briefs/", headers=headers).json()["results"]) == 1
