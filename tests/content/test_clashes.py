"""What stands in the way is shown where one plans and on the calendar: near ones, what goes on, what says the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from content.calendar import shown
from content.calendar_filter import Wanted
from content.clashes import clashes_of
from content.repeated import alike_among
from listening.models import KnownEvent
from maturity.models import SurgePlan
from roles import clock
from roles.models import Level, Organization
from tests import factories
from tests.cast import Cast

NOON = datetime(2027, 3, 23, 12, tzinfo=UTC)
CHAINS = "Salt eats chains: five minutes a week with a rag and some oil save you a new one when spring comes."
CHAINS_TOO = "Salt eats chains: five minutes a week with a rag and some oil save you a new one when the spring comes!"
BRAKES = "A loaded bicycle needs a third more way to come to a stop, so try your brakes where nobody crosses."


@pytest.fixture
def creating(acme: Cast) -> Cast:
    """Acme, where planning is open."""
    Organization.objects.filter(pk=acme.organization.pk).update(level=Level.CREATING)
    acme.organization.level = Level.CREATING
    return acme


def kinds(variant: Any, due_at: datetime = NOON, **also: Any) -> list[str]:
    return [one.kind for one in clashes_of(variant, due_at, at=clock.now(), **also)]


def test_two_of_one_channel_are_close_and_two_of_two_are_not(acme: Cast) -> None:
    row = factories.publication(due_at=NOON + timedelta(minutes=20))
    assert kinds(factories.variant()) == []
    variant = factories.variant(channel=row.channel, text=BRAKES)
    assert kinds(variant) == ["close"]
    assert kinds(variant, NOON - timedelta(minutes=10)) == [] == kinds(variant, NOON + timedelta(minutes=50))
    assert kinds(row.variant, publication=row) == [], "nothing is in its own way"


def test_events_and_surges_go_on_meanwhile(acme: Cast) -> None:
    KnownEvent.objects.create(name="Strike", starts_at=NOON, ends_at=NOON + timedelta(hours=1))
    SurgePlan.objects.create(
        title="Launch", holds_content=True, trigger="by_time", starts_at=NOON, ends_at=NOON + timedelta(hours=2),
        planned_at=NOON, department=acme.care,
    )  # fmt: skip
    ours, care = factories.variant(), factories.variant(factories.piece(department=acme.care))
    assert kinds(ours) == ["meanwhile"] and kinds(care) == ["meanwhile", "meanwhile"]
    assert kinds(care, NOON + timedelta(hours=1)) == ["meanwhile"] and kinds(care, NOON + timedelta(hours=2)) == []
    SurgePlan.objects.update(state="on", on_at=clock.now())
    said = [one.words for one in clashes_of(care, NOON + timedelta(days=9), at=clock.now())]
    assert len(said) == 1 and "Launch" in said[0] and "nothing goes out" in said[0]


def test_who_says_almost_the_same_on_one_channel_is_told(acme: Cast) -> None:
    row = factories.publication(factories.variant(text=CHAINS), due_at=NOON - timedelta(days=9))
    assert kinds(factories.variant(channel=row.channel, text=CHAINS_TOO)) == ["alike"]
    assert kinds(factories.variant(channel=row.channel, text=BRAKES)) == []
    assert kinds(factories.variant(text=CHAINS_TOO)) == [], "on another channel it is a variant"
    assert kinds(factories.variant(channel=row.channel, text=CHAINS), NOON + timedelta(days=9)) == [], "long ago"


def test_many_are_compared_by_what_they_have_in_common() -> None:
    rows = [(number, 1, f"Number {number} of so many: {BRAKES[number:]} {number * 7919}", NOON) for number in range(60)]
    rows += [
        (70, 1, CHAINS, NOON),
        (71, 1, CHAINS_TOO, NOON),
        (72, 2, CHAINS, NOON),
        (73, 1, CHAINS, NOON + timedelta(30)),
    ]
    found = alike_among(rows)
    assert found[71] == 70 and 72 not in found and 73 not in found


def test_the_calendar_marks_them(creating: Cast, sign_in: Any) -> None:
    day = clock.now().replace(hour=12, minute=0, second=0, microsecond=0) + timedelta(days=2)
    one = factories.publication(factories.variant(text=CHAINS), due_at=day)
    factories.publication(factories.variant(channel=one.channel, text=CHAINS_TOO), due_at=day + timedelta(minutes=5))
    KnownEvent.objects.create(name="Strike", starts_at=day, ends_at=day + timedelta(minutes=3))
    [found] = [each for each in shown(Wanted(view="week", day=day.date()), at=clock.now()).days if each.count]
    first, second = (set(card.notes) for card in found.cards)
    strike = "“Strike” is at that time."
    assert first == {"Close to another on its channel", strike} and found.notes == [strike]
    assert second == {"Close to another on its channel", "Says almost the same as another"}
    carla = sign_in(creating.carla)
    text = carla.get(f"/o/acme/content/publications/{one.pk}/replan/").content.decode()
    assert "goes out on the same channel" in text and "“Strike” is at that time." in text
    asked = {"on_day": f"{day.date()}", "at_time": "18:00", "zone": "UTC"}
    part = carla.get(
        f"/o/acme/content/publications/{one.pk}/replan/", asked, headers={"HX-Request": "true"}
    ).content.decode()
    assert 'id="checks"' in part and "goes out on the same channel" not in part and "says almost the same" in part
