"""The canvas, goals, where they stand by our own rows, and who is reminded to look again."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from engagement.models import Assignment
from maturity.actions.strategy import add_goal, change_goal, end_goal, keep_figures, set_canvas, take_up_goal
from maturity.evidence.asked import Asked
from maturity.goal_metrics import GOAL_METRICS
from maturity.models import Canvas, Goal
from maturity.reviewing import remind_of_reviews
from maturity.standing import figures, standings
from measurement.actions import recompute_rollups
from measurement.figures import figures as measured
from measurement.metrics import METRICS
from measurement.windows import Window
from roles import clock
from roles.models import AuditEntry, Department, Mail, Role
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast, join
from tests.measurement.history import FIRST, live_through

NOW = datetime(2026, 4, 2, 12, tzinfo=UTC)
HERE = "/o/acme/playbook/strategy/"


def goal(acme: Cast, whose: Any = None, **fields: Any) -> Goal:
    asked = {
        "title": "Answer in time", "metric": "targets_met", "target": 0.8, "owner": acme.carla,
        "reach_by": NOW.date() + timedelta(days=90), "by": acme.carla, "at": NOW, **fields,
    }  # fmt: skip
    return add_goal(whose or acme.organization, **asked)


def test_the_figures_of_the_whole_are_those_of_measurement(acme: Cast) -> None:
    live_through([acme.care, acme.press], [factories.query()], seed=7, mentions=120)
    recompute_rollups(Window.up_to(NOW, days=60, zone=ZoneInfo("UTC")), at=NOW)
    asked = Asked(NOW)
    found = figures(GOAL_METRICS, asked)
    theirs = measured(asked.window, at=NOW, side=asked.sides["answering"])
    now = theirs.now
    expected = {
        "targets_met": now.share_in_time,
        "answered": now.share_answered,
        "first_response_median": now.median,
        "first_response_p90": now.p90,
        "business_response_median": now.business_median,
        "captured": now.captured,
        "assigned": now.assigned,
        "backlog": theirs.backlog,
        "overdue": theirs.overdue,
        "reopened": now.reopened / now.assigned,
        "net_sentiment": now.net_sentiment,
    }
    assert {key: found[key][None] for key in expected} == expected
    assert now.assigned > 20 and now.overdue > 0 and asked.window.start < FIRST
    by_department = [found["assigned"][row.pk] for row in (acme.care, acme.press)]
    assert all(by_department) and sum(by_department) == found["assigned"][None]  # type: ignore[arg-type]


def test_what_happens_below_counts_above(acme: Cast) -> None:
    shop = Department.objects.create(name="Shop", slug="shop", parent=acme.care)
    Department.objects.filter(pk=acme.care.pk).update(below=[shop.pk])
    live_through([acme.care, acme.press, shop], [factories.query()], seed=11, mentions=90)
    recompute_rollups(Window.up_to(NOW, days=60, zone=ZoneInfo("UTC")), at=NOW)
    found = figures(GOAL_METRICS, Asked(NOW))
    for metric in ("assigned", "backlog", "overdue"):
        care, press, below, whole = (
            found[metric].get(key) or 0 for key in (acme.care.pk, acme.press.pk, shop.pk, None)
        )
        assert care >= below and care + press == whole, metric
    assert found["assigned"][shop.pk]
    # The same as if all of it had been the one department's.
    Assignment.objects.filter(department=shop).update(department=acme.care)
    recompute_rollups(Window.up_to(NOW, days=60, zone=ZoneInfo("UTC")), at=NOW)
    moved = figures(GOAL_METRICS, Asked(NOW))
    assert {key: row.get(acme.care.pk) for key, row in found.items()} == {
        key: row.get(acme.care.pk) for key, row in moved.items()
    }


def test_its_figure_is_kept_every_week_and_drawn(acme: Cast) -> None:
    row = goal(acme, metric="backlog", target=2, reach_by=NOW.date() + timedelta(days=28))
    assert standings([row], Asked(NOW))[0].way is None, "one figure is no way"
    for days, count in ((1, 4), (7, 2), (8, 0), (14, 3)):
        for _one in range(count):
            at = NOW - timedelta(days=1)
            factories.assignment(
                department=acme.care,
                at=at,
                mention=factories.mention(at=at, post=factories.post(at=at, network="feed")),
            )
        recompute_rollups(Window.up_to(NOW, days=60, zone=ZoneInfo("UTC")), at=NOW)
        assert keep_figures(at=NOW + timedelta(days=days)) == (days % 7 == 0)
        assert keep_figures(at=NOW + timedelta(days=days)) == 0
    kept = list(row.figures.values_list("day", "figure"))
    assert kept == [(NOW.date() + timedelta(days=days), count) for days, count in ((0, 0), (7, 6), (14, 9))]
    way = standings([row], Asked(NOW + timedelta(days=14)))[0].way
    assert way is not None and [said for _day, said in way.said] == ["9", "6", "0"]
    # Half of the days are over, the nine are at the top, and two stand at two ninths of the height.
    assert [x for x, _y in way.points] == [5, 152.5, 300] and [y for _x, y in way.points] == [55, 21.7, 5]
    assert way.target == round(55 - 50 * 2 / 9, 1)
    change_goal(row, metric="overdue", target=1, by=acme.carla, at=NOW + timedelta(days=14))
    assert row.figures.count() == 1, "another metric begins anew"
    end_goal(row, outcome="dropped", by=acme.carla, at=NOW)
    assert keep_figures(at=NOW + timedelta(days=30)) == 0


def test_every_metric_of_goals_is_one_of_measurement() -> None:
    assert set(GOAL_METRICS) <= set(METRICS)


def test_a_department_is_judged_by_its_own_rows(acme: Cast) -> None:
    for where, answered in ((acme.care, True), (acme.care, False), (acme.press, False)):
        at = NOW - timedelta(days=2)
        mention = factories.mention(at=at, post=factories.post(at=at, network="feed"))
        fields = {"first_answered_at": at + timedelta(minutes=30)} if answered else {}
        factories.assignment(department=where, mention=mention, at=at, **fields)
    recompute_rollups(Window.up_to(NOW, days=60, zone=ZoneInfo("UTC")), at=NOW)
    rows = [goal(acme, acme.care), goal(acme, acme.press), goal(acme), goal(acme, metric="overdue", target=1)]
    found = standings(rows, Asked(NOW))
    assert [one.figure for one in found] == [1 / 2, 0, 1 / 3, 2]
    assert [one.is_reached for one in found] == [False, False, False, False]
    assert [row.began_at for row in rows] == [1 / 2, 0, 1 / 3, 2]
    assert standings([goal(acme, metric="overdue", target=2)], Asked(NOW))[0].per_cent == 100


def test_a_department_serves_a_goal_of_the_whole(acme: Cast) -> None:
    whole = goal(acme)
    part = goal(acme, acme.care, under=whole)
    assert list(whole.parts.all()) == [part]
    for wrong in (
        {"under": whole}, {"whose": acme.care, "under": part}, {"whose": acme.care, "metric": "captured"},
        {"metric": "likes"}, {"target": 80}, {"title": " "}, {"owner": None}, {"reach_by": None},
        {"review_on": NOW.date() - timedelta(days=1)},
    ):  # fmt: skip
        with pytest.raises(ValidationError):
            goal(acme, **wrong)


def test_who_coaches_a_department_sets_its_goals_and_not_those_of_the_whole(acme: Cast) -> None:
    corin = join("Corin", Role.COACH, acme.care)
    assert goal(acme, acme.care, by=corin).set_by == corin
    for whose in (acme.organization, acme.press):
        with pytest.raises(PermissionDenied):
            goal(acme, whose, by=corin)
        with pytest.raises(PermissionDenied):
            set_canvas(whose, who="All", by=corin, at=NOW)


def test_it_is_changed_ended_and_taken_up_again(acme: Cast) -> None:
    row, doing = goal(acme), {"by": acme.carla, "at": NOW}
    assert change_goal(row, title="Answer sooner", **doing).target == 0.8
    ended = end_goal(row, outcome="missed", lesson="Mondays are full.", **doing)
    assert (ended.outcome, Goal.objects.open().count()) == ("missed", 0)
    assert take_up_goal(row, **doing).lesson == ""
    with pytest.raises(ValidationError):
        end_goal(row, outcome="fine", **doing)
    verbs = list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["add_goal", "change_goal", "end_goal", "take_up_goal"]


def test_on_the_day_of_review_its_owner_is_reminded_once(acme: Cast) -> None:
    day = NOW.date() + timedelta(days=10)
    row = goal(acme, owner=acme.rosa, review_on=day)
    set_canvas(acme.organization, who="All", review_on=day, by=acme.carla, at=NOW)
    sent = [remind_of_reviews(at=NOW + timedelta(days=days)) for days in (9, 10, 10.1, 30)]
    assert sent == [0, 2, 0, 0]
    assert {(mail.member, mail.key.split()[0]) for mail in Mail.objects.select_related("member")} == {
        (acme.rosa, "goal"), (acme.carla, "canvas"),
    }  # fmt: skip
    change_goal(row, review_on=day + timedelta(days=90), by=acme.carla, at=NOW + timedelta(days=11))
    assert remind_of_reviews(at=NOW + timedelta(days=100)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_remind_of_a_review_once(cast: Cast) -> None:
    with acting_for(cast.organization):
        goal(cast, review_on=NOW.date())
    counts: list[int] = []

    def work() -> None:
        with acting_for(cast.organization):
            counts.append(remind_of_reviews(at=NOW))
        connection.close()

    threads = [threading.Thread(target=work) for _worker in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with acting_for(cast.organization):
        assert sum(counts) == Mail.objects.count() == 1


def test_from_an_empty_page_to_a_goal(acme: Cast, sign_in: Any) -> None:
    carla, rosa = sign_in(acme.carla), sign_in(acme.rosa)
    assert "Begin with four questions" in carla.get(HERE).content.decode()
    assert "A coach writes it" in rosa.get(HERE).content.decode()
    said = {"who": "<b>Neighbours</b>", "how": "Kindly", "when": "", "where": "The forum", "review_on": ""}
    assert carla.post(f"{HERE}set-canvas/", said).status_code == 302
    assert "&lt;b&gt;Neighbours" in rosa.get(HERE).content.decode()
    day = (clock.now() + timedelta(days=90)).date().isoformat()
    form = {
        "title": "Sooner",
        "metric": "first_response_median",
        "target": "90",
        "owner": acme.rosa.pk,
        "reach_by": day,
    }
    there = "/o/acme/playbook/goals/"
    assert carla.post(f"{there}add/", {**form, "target": "x"}).status_code == 422
    assert carla.post(f"{there}add/", form).status_code == 302
    row = Goal.objects.get()
    assert row.target == 90 * 60
    page = rosa.get(HERE).content.decode()
    assert "at most 1 h 30 min" in page and "nothing to judge by" in page and "/measure/" not in page.split("<main")[1]
    assert 'value="90' in carla.get(f"{there}{row.pk}/change/").content.decode()
    assert carla.post(f"{there}{row.pk}/change/", {**form, "title": "Much sooner"}).status_code == 302
    assert carla.post(f"{there}{row.pk}/end/", {"outcome": ""}).status_code == 422
    assert carla.post(f"{there}{row.pk}/end/", {"outcome": "reached"}).status_code == 302
    assert carla.post(f"{there}{row.pk}/take-up/").status_code == 302
    assert rosa.post(f"{there}{row.pk}/end/", {"outcome": "reached"}).status_code == 403
    assert carla.get(f"{HERE}?department={acme.care.pk}").status_code == 200
    assert carla.get(f"{HERE}?department=77").status_code == 404


def test_the_page_costs_the_same_for_one_goal_and_for_twenty(acme: Cast, sign_in: Any) -> None:
    client, counts = sign_in(acme.carla), []
    set_canvas(acme.organization, who="All", by=acme.carla, at=NOW)
    # Once by every figure, then again and again by some of each way in which figures are read.
    for metrics, number in ((GOAL_METRICS, 1), (("answered", "backlog", "overdue"), 19)):
        for _one in range(number):
            for metric in metrics:
                whole = goal(acme, metric=metric, target=0.5, at=clock.now())
            goal(acme, acme.care, under=whole, at=clock.now())
            end_goal(goal(acme), outcome="dropped", by=acme.carla, at=NOW)
        client.get(HERE)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(HERE).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_programs_do_the_same(acme: Cast, api: Any) -> None:
    carla = api(acme.carla)
    assert carla.post("/api/v1/canvases/", {"who": "All", "department": acme.care.pk}).status_code == 201
    assert Canvas.objects.get().department == acme.care
    body = {
        "title": "Less lies about", "metric": "backlog", "target": 10, "owner": acme.rosa.pk,
        "reach_by": (clock.now() + timedelta(days=9)).date().isoformat(),
    }  # fmt: skip
    made = carla.post("/api/v1/goals/", body).json()
    assert (made["figure"], made["is_reached"], made["department"]) == (0, True, None)
    where = f"/api/v1/goals/{made['id']}/"
    assert carla.put(where, {**body, "target": 5}).json()["target"] == 5
    assert carla.post(f"{where}end/", {"outcome": "reached"}).json()["ended_at"]
    assert carla.post(f"{where}take-up/").json()["ended_at"] is None
    [listed] = carla.get("/api/v1/goals/").json()["results"]
    assert listed["figure"] == 0 == carla.get(where).json()["figure"]
    assert api(acme.rosa).post("/api/v1/goals/", body).status_code == 403
