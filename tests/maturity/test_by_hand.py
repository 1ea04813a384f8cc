"""Three months of a made-up organization: every figure on its pages, computed anew in plain Python from the rows."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from math import exp
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from config.demo import build_demo
from engagement.models import Assignment
from maturity.evidence.asked import Asked
from maturity.judging import judge
from maturity.keeping import records
from maturity.models import Attestation, BudgetedTime
from maturity.practices import PRACTICES
from maturity.spent import actual
from maturity.staffing_answer import answer
from roles import clock
from roles.models import Absence, Member, Organization, TimeBlock
from roles.tenancy import acting_for
from roles.wording import number
from tests.maturity.by_hand import ZONE, Hand, rows


@pytest.fixture
def larkspur(db: None, settings: Any, tmp_path: Path) -> tuple[Organization, datetime]:
    """The made-up organization, and the moment at which it was made."""
    settings.VAR_DIR = tmp_path
    at = clock.now()
    # The tables were counted, if at all, while other tests had left them empty: joins one by one would take for ever.
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
    build_demo(url="http://127.0.0.1", at=at, months=3)
    return Organization.objects.get(slug="larkspur"), at


@pytest.mark.long
def test_every_figure_equals_the_rows(larkspur: tuple[Organization, datetime]) -> None:
    organization, at = larkspur
    with acting_for(organization):
        hand = Hand(at)
        assert len(hand.assignments) > 400
        the_evidence(hand)
        the_budget(hand)
        the_staffing(hand)
        the_consistency(hand)
        client = Client()
        client.force_login(Member.objects.get(user__email="coach@larkspur.example").user)
    the_pages(client, hand, organization)


def the_evidence(hand: Hand) -> None:
    asked = Asked(hand.at)
    assert asked.sides == {"hearing": "outside", "answering": "practice"}
    expected = hand.figures()
    found = {practice.key: practice.evidence.read(asked) for practice in PRACTICES if practice.evidence}
    assert set(expected) == set(found)
    for key, figures in expected.items():
        assert dict(found[key]) == pytest.approx(figures, nan_ok=False), key
    said = rows(Attestation)
    standing = {row["practice"] for row in said if row["withdrawn_at"] is None and row["lapses_on"] >= hand.today}
    judgement = judge(asked)[None]
    for verdict in judgement.verdicts:
        evidence = verdict.practice.evidence
        if evidence is None:
            holds = verdict.practice.key in standing
        else:
            figure = expected[verdict.practice.key][None]
            holds = figure is not None and (
                figure <= evidence.threshold if evidence.at_most else figure >= evidence.threshold
            )
        assert verdict.holds is holds, verdict.practice.key
    levels = ["passive", "responsive", "engaging", "creating"]
    complete = [all(v.holds for v in judgement.verdicts if v.practice.level == level) for level in levels]
    reached = levels[0]
    for level, is_complete in zip(levels, complete, strict=True):
        if not is_complete:
            break
        reached = level
    assert judgement.suggested == reached


def the_budget(hand: Hand) -> None:
    sunday = hand.today - timedelta(days=hand.today.weekday() + 1)
    monday = sunday - timedelta(days=27)
    sums: defaultdict[str, float] = defaultdict(float)
    for (_member, _day, activity), seconds in hand.spent(monday, sunday).items():
        sums[activity] += seconds / 3600 / 4
    found = actual(hand.today)
    assert found is not None and (found.first, found.last, found.weeks) == (monday, sunday, 4)
    assert dict(found.hours) == pytest.approx(dict(sums), abs=0.006)


def the_staffing(hand: Hand) -> None:
    found = answer(hand.at, None)
    first, last = hand.today - timedelta(days=56), hand.today - timedelta(days=1)
    arriving = [0.0] * 168
    for row in hand.assignments:
        local = row["created_at"].astimezone(ZONE)
        if first <= local.date() <= last:
            arriving[24 * local.weekday() + local.hour] += 1 / 8
    assert [hour.arriving for hour in found.week.hours] == pytest.approx(arriving)
    worked: defaultdict[int, float] = defaultdict(float)
    for (member, _day, activity), seconds in hand.spent(first, last).items():
        if activity == "responding":
            worked[member] += seconds
    ends = [row["first_answered_at"] or row["resolved_at"] for row in rows(Assignment) if row["member_id"] in worked]
    pieces = sum(end is not None and first <= end.astimezone(ZONE).date() <= last for end in ends)
    assert found.hands_on is not None and found.hands_on.pieces == pieces
    minutes = sum(worked.values()) / 60 / pieces
    assert found.week.assumptions.handling_minutes == pytest.approx(minutes)
    target = found.week.assumptions.target_minutes
    for hour in found.week.hours:
        load = hour.to_do * minutes / 60
        assert hour.needed == fewest(load, minutes, target), hour.number
    assert sum(hour.to_do for hour in found.week.hours) == pytest.approx(sum(arriving))


def fewest(load: float, minutes: float, target: float) -> int:
    """The fewest people by the sums of the book, for the small loads that there are here."""
    people = 0
    while load > 0:
        people += 1
        if people <= load:
            continue
        terms = [1.0]
        for number_ in range(1, people + 1):
            terms.append(terms[-1] * load / number_)
        top = terms[-1] * people / (people - load)
        if 1 - top / (sum(terms[:-1]) + top) * exp(-(people - load) * target / minutes) >= 0.8:
            break
    return people


def the_consistency(hand: Hand) -> None:
    monday = hand.today - timedelta(days=hand.today.weekday() + 49)
    spent = hand.spent(monday, hand.today)
    begun = [row for row in rows(Absence) if row["begins_at"] <= hand.at]
    assert begun == [], "nobody was away, so that nothing is left out"
    for record in records(list(Member.objects.with_positions()), at=hand.at):
        for week in record.weeks:
            due = kept = 0
            for day in (week.monday + timedelta(days=number_) for number_ in range(7)):
                needed: defaultdict[str, float] = defaultdict(float)
                for block in sorted(rows(TimeBlock), key=lambda row: row["begins"]):
                    if block["member_id"] != record.member.pk or block["weekday"] != day.weekday():
                        continue
                    ends = datetime.combine(day, block["ends"], ZONE)
                    if day < block["since"] or ends > hand.at or day in hand.holidays:
                        continue
                    due += 1
                    needed[block["activity"]] += (ends - datetime.combine(day, block["begins"], ZONE)).seconds
                    got = spent.get((record.member.pk, day, block["activity"]), 0)
                    kept += got >= needed[block["activity"]] / 2
            assert (week.due, week.kept) == (due, kept), (record.member, week.monday)
    assert sum(row.due for row in records(list(Member.objects.with_positions()), at=hand.at)) > 60


def the_pages(client: Client, hand: Hand, organization: Organization) -> None:
    def text(path: str) -> str:
        answer_ = client.get(f"/o/larkspur{path}")
        assert answer_.status_code == 200, path
        return answer_.content.decode()

    with acting_for(organization):
        verdicts = judge(Asked(hand.at))[None].verdicts
        planned = float(sum(row["hours"] for row in rows(BudgetedTime)))
        spent = actual(hand.today)
        week = answer(hand.at, None).week
        kept = [row for row in records(list(Member.objects.with_positions()), at=hand.at) if row.due]
    assert f"{sum(v.holds for v in verdicts)} of {len(verdicts)}" in text("/playbook/")
    assert spent is not None
    page = text("/playbook/budget/")
    assert f"{planned:g} hours a week are planned" in page and f"{spent.total:.1f} were spent" in page.replace(
        ".0 ", " "
    )
    assert f"{number(week.arriving)} pieces of work a week" in text("/playbook/staffing/")
    people = text("/cadence/people/")
    assert all(f"{row.kept}/{row.due}" in people for row in kept)
