"""Each piece of evidence against rows counted by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from content.actions.commitments import commit_to
from content.models import Idea, Review, ReviewStep
from engagement.models import Joining, ResponseTarget, SavedReply, Starter
from listening.models import Insight
from maturity.evidence import answering, hearing, joining, publishing, reviewing
from maturity.evidence.asked import Asked
from maturity.judging import judge
from maturity.showing import practised
from measurement.actions import recompute_rollups
from measurement.windows import Window
from roles.actions.calendars import add_calendar, add_holiday
from roles.models import Position, Role
from tests import factories
from tests.cast import Cast, join

NOW = datetime(2026, 3, 18, 12, tzinfo=UTC)  # a Wednesday


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


@pytest.fixture
def outside(acme: Cast) -> Cast:
    """Acme, of which something was heard outside; so the practice field is not counted."""
    heard("feed", days=40)
    roll_up()
    return acme


def roll_up() -> None:
    recompute_rollups(Window.up_to(NOW, days=60, zone=ZoneInfo("UTC")), at=NOW)


def heard(network: str, *, days: float, **fields: Any) -> Any:
    return factories.mention(at=ago(days), post=factories.post(at=ago(days), network=network), **fields)


def given(acme: Cast, *, days: float, department: Any = None, network: str = "feed", **fields: Any) -> Any:
    mention = heard(network, days=days)
    due = fields.pop("due_at", ago(days) + timedelta(hours=4))
    return factories.assignment(department=department or acme.care, mention=mention, at=ago(days), due_at=due, **fields)


def test_hearing_and_answering_have_a_side_each(acme: Cast) -> None:
    def sides(at: datetime = NOW) -> tuple[str, str]:
        roll_up()
        asked = Asked(at)
        return asked.sides["hearing"], asked.sides["answering"]

    heard("practice", days=3)
    assert sides() == ("practice", "practice")
    heard("feed", days=3)
    assert sides() == ("outside", "outside"), "what was answered nowhere goes with what was heard"
    assert sides(NOW + timedelta(days=91)) == ("practice", "practice")
    given(acme, days=2, network="practice")
    assert sides() == ("outside", "practice"), "nothing else was answered"
    given(acme, days=2)
    assert sides() == ("outside", "outside")


def test_listening_outside_is_evidence_although_answers_are_practised(acme: Cast) -> None:
    heard("feed", days=3, state="kept", triaged_at=ago(2), triaged_by=acme.gita)
    given(acme, days=2, network="practice", first_answered_at=ago(1.9))
    roll_up()
    asked = Asked(NOW)
    assert hearing.days_listened(asked) == {None: 1 / 20}
    assert answering.answered_in_time(asked) == {None: 1.0, acme.care.pk: 1.0}
    verdicts = {verdict.practice.key: verdict.side for verdict in judge(asked)[None].verdicts}
    assert (verdicts["days-listened"], verdicts["answered-in-time"], verdicts["promises-made"]) == (
        "outside", "practice", None,
    )  # fmt: skip
    assert "on the practice field only" in practised(asked)


def test_places_heard(outside: Cast) -> None:
    old = {"created_at": ago(50)}
    factories.source(last_success_at=ago(0.5), **old)
    factories.source(last_success_at=ago(1.9), **old)
    factories.source(last_success_at=ago(2.1), **old)
    factories.source(last_success_at=None, **old)
    factories.source(last_success_at=None, state="paused", **old)
    factories.source(network="practice", place="everything", last_success_at=None, **old)
    assert hearing.places_heard(Asked(NOW)) == {None: 0.5}


def test_without_sources_there_is_nothing_to_judge_by(outside: Cast) -> None:
    assert hearing.places_heard(Asked(NOW)) == {None: None}


def test_queries_active(outside: Cast) -> None:
    factories.query(created_at=ago(3))
    factories.query(created_at=ago(3), is_active=False)
    factories.query(created_at=NOW + timedelta(days=1))
    assert hearing.queries_active(Asked(NOW)) == {None: 1}


def test_days_listened_are_days_of_the_organization_on_which_one_works(outside: Cast) -> None:
    outside.organization.time_zone = "Europe/Berlin"
    outside.organization.save()
    # Monday to Friday from 18 February to 17 March: 20 days. Two decisions on one day are one day; a Saturday is none;
    # half past eleven at night in UTC is the next day in Berlin.
    for moment in (ago(1), ago(1.1), ago(4), datetime(2026, 3, 8, 23, 30, tzinfo=UTC), ago(29)):
        heard("feed", days=30, state="kept", triaged_at=moment, triaged_by=outside.gita)
    heard("feed", days=30, state="routed", triaged_at=ago(2), triaged_by=None)
    heard("practice", days=30, state="kept", triaged_at=ago(2), triaged_by=outside.gita)
    assert hearing.days_listened(Asked(NOW)) == {None: 2 / 20}
    week = [((540, 1020),)] * 5 + [(), ()]
    office = add_calendar(outside.organization, name="Office", time_zone="Europe/Berlin", week=week, by=None, at=NOW)
    add_holiday(office, name="Feast", day=ago(2).date(), by=None, at=NOW)
    assert hearing.days_listened(Asked(NOW)) == {None: 2 / 19}


def test_waiting_long(outside: Cast) -> None:
    heard("feed", days=3.1)
    heard("feed", days=20)
    heard("feed", days=2.9)
    heard("feed", days=29)
    heard("feed", days=10, state="kept")
    heard("feed", days=10, is_old=True)
    heard("practice", days=10)
    assert hearing.waiting_long(Asked(NOW)) == {None: 2}


def test_listeners_for_the_whole_count_in_each_department(acme: Cast) -> None:
    join("Gus", Role.GATHERER, acme.press)
    Position.objects.create(member=acme.gita, department=acme.press, role=Role.GATHERER)
    gone = join("Gone", Role.GATHERER, acme.care)
    type(gone).objects.filter(pk=gone.pk).update(is_active=False)
    assert hearing.listeners(Asked(NOW)) == {None: 2, acme.care.pk: 1, acme.press.pk: 2}


def test_insights_filed(acme: Cast) -> None:
    for department, days in ((acme.care, 1), (acme.care, 27), (None, 5), (acme.press, 29)):
        Insight.objects.create(title="They ask for it", department=department, filed_at=ago(days))
    Insight.objects.create(title="Not so", department=acme.care, filed_at=ago(2), withdrawn_at=ago(1))
    assert hearing.insights_filed(Asked(NOW)) == {None: 3, acme.care.pk: 3, acme.press.pk: 1}


def test_answered_in_time_by_department_and_week(outside: Cast) -> None:
    # The weeks begin on 19 February, 26 February, 5 March, 12 March.
    in_time, late = timedelta(hours=1), timedelta(hours=9)
    given(outside, days=25, first_answered_at=ago(25) + in_time)
    given(outside, days=25, first_answered_at=ago(25) + late)
    given(outside, days=18, first_answered_at=ago(18) + late)
    given(outside, days=4, first_answered_at=ago(4) + in_time)
    given(outside, days=4, department=outside.press)  # overdue
    given(outside, days=4, state="resolved", resolved_at=ago(3), outcome="spam")  # neither met nor missed
    given(outside, days=40, first_answered_at=ago(40) + late)  # before the window
    given(outside, days=4, network="practice", first_answered_at=ago(4) + late)
    roll_up()
    asked = Asked(NOW)
    assert answering.answered_in_time(asked) == {None: 2 / 5, outside.care.pk: 2 / 4, outside.press.pk: 0}
    # As a whole: one of two, none of one, nothing due, one of two.
    assert answering.weeks_in_time(asked) == {None: 3, outside.care.pk: 3, outside.press.pk: 3}
    assert answering.answers_by_week(asked)[outside.care.pk] == [(2, 1, 0), (1, 0, 0), (0, 0, 0), (1, 1, 0)]


def test_where_nothing_was_due_weeks_are_not_judged(outside: Cast) -> None:
    assert answering.weeks_in_time(Asked(NOW)) == {None: None}
    assert answering.answered_in_time(Asked(NOW)) == {None: None}


def test_overdue_share(outside: Cast) -> None:
    given(outside, days=1)
    given(outside, days=0.1)
    given(outside, days=60)
    given(outside, days=1, first_answered_at=ago(0.9))
    given(outside, days=1, state="resolved", resolved_at=ago(0.5))
    given(outside, days=1, network="practice")
    assert answering.overdue_share(Asked(NOW)) == {None: 2 / 4, outside.care.pk: 2 / 4, outside.press.pk: 0}


def test_people_on_call_are_coaches(acme: Cast) -> None:
    for member in (acme.carla, acme.rosa):
        member.is_on_call = True
        member.save()
    assert answering.people_on_call(Asked(NOW)) == {None: 1}
    assert answering.responders(Asked(NOW)) == {None: 2, acme.care.pk: 2, acme.press.pk: 0}


def test_promises_and_prepared_answers(acme: Cast) -> None:
    ResponseTarget.objects.create(name="Our word", first_response_minutes=60, created_at=ago(9))
    assert answering.promises_made(Asked(NOW)) == {None: 1}
    for number, (state, where) in enumerate((("in_use", None), ("in_use", acme.care), ("proposed", acme.care))):
        SavedReply.objects.create(
            title=f"{number}", text="Yes", state=state, department=where, by=acme.carla, created_at=ago(9),
            changed_at=ago(9),
        )  # fmt: skip
    assert answering.answers_prepared(Asked(NOW)) == {None: 2, acme.care.pk: 2, acme.press.pk: 1}


def test_joined_conversations_and_what_they_gave(outside: Cast) -> None:
    for days, step in ((1, "provide_value"), (20, "promote"), (60, "engage"), (80, "listen"), (91, "promote")):
        row = given(outside, days=days)
        Joining.objects.create(assignment=row, step=step, by=outside.rosa, joined_at=ago(days))
    asked = Asked(NOW)
    assert joining.conversations_joined(asked) == {None: 2, outside.care.pk: 2, outside.press.pk: 0}
    assert joining.giving_share(asked) == {None: 2 / 3, outside.care.pk: 2 / 3}


def test_starters_people_and_ideas(outside: Cast) -> None:
    for state, days in (("started", 5), ("started", 95), ("dropped", 5), ("planned", None)):
        ended_at = ago(days) if days else None
        Starter.objects.create(text="?", owner=outside.rosa, state=state, created_at=ago(99), ended_at=ended_at)
    assert joining.conversations_started(Asked(NOW)) == {None: 1}
    for member, days in ((outside.rosa, 3), (outside.rosa, 4), (outside.rui, 5), (outside.carla, 40)):
        given(outside, days=days, member=member, first_answered_at=ago(days - 0.1))
    given(outside, days=2, member=outside.carla, department=outside.press)  # not answered
    assert joining.people_answering(Asked(NOW)) == {None: 2, outside.care.pk: 2, outside.press.pk: 0}
    for state, days in (("open", 1), ("dropped", 1), ("open", 30)):
        Idea.objects.create(text="Why?", state=state, noted_at=ago(days))
    assert joining.ideas_noted(Asked(NOW)) == {None: 1}


def test_publishing_is_a_rhythm_that_was_promised(acme: Cast) -> None:
    assert publishing.weeks_kept(Asked(NOW)) == {None: None} and publishing.weeks_planned(Asked(NOW)) == {None: 0}
    channel = factories.channel()
    commit_to(channel, per_week=1, by=acme.carla, at=ago(28))
    for days in (9, 16, 30, 2, -6, -20):
        out = {"state": "accepted", "accepted_at": ago(days)} if days > 0 else {}
        factories.publication(factories.variant(channel=channel), due_at=ago(days), **out)
    assert publishing.weeks_kept(Asked(NOW)) == {None: 2}, "the week before those nothing went out"
    assert publishing.weeks_planned(Asked(NOW)) == {None: 2}, "in the third nothing is planned"


def test_reviews_are_decided_in_the_time_that_was_agreed(acme: Cast) -> None:
    def step(due: float, state: str, ended: float | None = None, **fields: Any) -> None:
        piece = factories.piece(author=acme.rosa, **fields)
        review = Review.objects.create(piece=piece, asked_by=acme.rosa, asked_at=ago(due + 1), state=state)
        ended_at = None if ended is None else ago(ended)
        ReviewStep.objects.create(
            review=review, number=1, state=state, asked_at=ago(due + 1), due_at=ago(due), ended_at=ended_at
        )

    assert reviewing.reviewed_in_time(Asked(NOW)) == {None: None}
    step(3, "approved", 3.5)
    step(3, "sent_back", 4)
    step(3, "approved", 2)  # too late
    step(3, "waiting")  # too late, and still so
    step(3, "withdrawn", 3.5)
    step(-1, "waiting")  # not due yet
    step(91, "waiting")  # too long ago
    assert reviewing.reviewed_in_time(Asked(NOW)) == {None: 0.5}
    step(5, "approved", 5.5, department=acme.care)
    found = reviewing.reviewed_in_time(Asked(NOW))
    assert (found[None], found[acme.care.pk]) == (0.6, 1.0) and acme.press.pk not in found


def test_every_piece_says_its_unit_and_window() -> None:
    from maturity.practices import PRACTICES

    read = [practice.evidence.read for practice in PRACTICES if practice.evidence]
    assert len(set(read)) == len(read) >= 17
    assert all((function.__doc__ or "").endswith(".") for function in read)
