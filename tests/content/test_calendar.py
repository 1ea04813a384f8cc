"""The calendar: on which day what stands, in whose time, how much of it, and how it is moved."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from content.actions.publications import plan, replan
from content.actions.reviews import ask_for_review
from content.calendar import moved_to, shown
from content.calendar_days import day_in, span_of
from content.calendar_filter import Wanted
from content.models import Campaign, Publication
from content.planning import due_of
from roles import clock
from roles.actions.people import choose_language
from roles.models import Level, Organization
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "Australia/Lord_Howe")
CALENDAR = "/o/acme/content/calendar/"


@pytest.fixture
def creating(acme: Cast) -> Cast:
    """Acme, where planning is open."""
    Organization.objects.filter(pk=acme.organization.pk).update(level=Level.CREATING)
    acme.organization.level = Level.CREATING
    return acme


def ahead(days: int = 3) -> date:
    return clock.now().date() + timedelta(days=days)


def planned(
    cast: Cast, *, day: date | None = None, at_time: time = time(9), zone: str = "UTC", **said: Any
) -> Publication:
    variant = factories.variant(factories.piece(**said))
    return plan(variant, on_day=day or ahead(), at_time=at_time, zone=zone, by=cast.carla, at=clock.now())


def test_a_month_is_whole_weeks_and_a_week_begins_on_monday() -> None:
    span = span_of("month", date(2026, 2, 11), ZoneInfo("UTC"))
    assert (span.first, span.last) == (date(2026, 1, 26), date(2026, 3, 1)) and len(span.days) % 7 == 0
    assert span.is_outside(date(2026, 1, 26)) and not span.is_outside(date(2026, 2, 1))
    assert (span.earlier, span.later) == (date(2026, 1, 1), date(2026, 3, 1))
    assert span_of("week", date(2026, 2, 11), ZoneInfo("UTC")).first == date(2026, 2, 9)


@pytest.mark.parametrize(("language", "written"), [("de", "Mittwoch, 4. November"), ("ja", "11月4日(水曜日)")])
def test_days_are_written_in_the_order_of_the_language(
    creating: Cast, sign_in: Any, language: str, written: str
) -> None:
    choose_language(creating.carla, language=language, by=creating.carla, at=clock.now())
    page = sign_in(creating.carla).get(CALENDAR, {"from": "2026-11-04", "view": "month"}).content.decode()
    assert f'<span class="calendar__written">{written}</span>' in page and f'data-label="{written}"' in page


def test_the_days_of_a_change_of_the_clock_are_as_long_as_they_are() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    span = span_of("week", date(2026, 3, 29), berlin)
    assert span.begins_at == datetime(2026, 3, 22, 23, tzinfo=UTC)
    assert span.ends_at == datetime(2026, 3, 29, 22, tzinfo=UTC)
    span = span_of("week", date(2026, 10, 25), berlin)
    assert span.ends_at - span.begins_at == timedelta(days=7, hours=1)


def test_a_card_shows_the_clock_of_the_page_and_that_of_its_schedule(creating: Cast) -> None:
    row = planned(creating, day=ahead(), at_time=time(22), zone="America/New_York")
    [day] = [each for each in shown(Wanted(view="week", day=row.due_at.date()), at=clock.now()).days if each.count]
    assert day.day == ahead(4) and day.cards[0].there == "22:00 New York" and day.cards[0].time != "22:00"
    there = Wanted(view="list", day=ahead(), zone_name="America/New_York")
    found = shown(there, at=clock.now())
    assert found.days[0].day == ahead() and found.days[0].cards[0].time == "22:00" and not found.days[0].cards[0].there


@given(
    zone=st.sampled_from(ZONES), own=st.sampled_from(ZONES), day=st.dates(date(2026, 1, 1), date(2027, 1, 1)),
    to=st.integers(-40, 40), minutes=st.integers(0, 1439),
)  # fmt: skip
def test_what_is_dragged_onto_a_day_stands_on_that_day(zone: str, own: str, day: date, to: int, minutes: int) -> None:
    at_time, page = time(minutes // 60, minutes % 60), ZoneInfo(zone)
    row = Publication(organization_id=0, on_day=day, at_time=at_time, zone=own, due_at=due_of(day, at_time, own))
    target = day_in(row.due_at, page) + timedelta(days=to)
    assert day_in(due_of(moved_to(row, target, page), at_time, own), page) == target


def test_a_busy_day_shows_some_and_leads_to_all(creating: Cast, sign_in: Any) -> None:
    day = ahead()
    for minute in range(9):
        planned(creating, day=day, at_time=time(9, minute), title=f"Number {minute}")
    carla = sign_in(creating.carla)
    text = carla.get(f"{CALENDAR}?from={day}").content.decode()
    assert text.count('data-move="') == 4 and "5 more" in text
    text = carla.get(f"{CALENDAR}?view=list&from={day}").content.decode()
    assert all(f"Number {minute}" in text for minute in range(9))


def test_a_list_goes_on_where_it_ended(creating: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("content.calendar.PER_PAGE", 2)
    rows = [planned(creating, day=ahead(number // 2 + 1)) for number in range(5)]
    seen, after = [], None
    for _page in range(4):
        found = shown(Wanted(view="list", day=ahead(0), after=after), at=clock.now())
        seen += [card.pk for day in found.days for card in day.cards]
        if (after := found.last) is None:
            break
    assert seen == [row.pk for row in rows]


def test_the_address_says_what_is_left_out(creating: Cast, sign_in: Any) -> None:
    campaign = Campaign.objects.create(
        name="Spring", begins_on=ahead(0), ends_on=ahead(9), created_at=clock.now(), department=creating.care
    )
    one = planned(creating, title="Of the campaign", campaign=campaign)
    other = planned(creating, title="Of care alone", department=creating.care)
    carla = sign_in(creating.carla)
    for asked, inside, outside in (
        (f"campaign={campaign.pk}", "Of the campaign", "Of care alone"),
        (f"department={creating.care.pk}", "Of care alone", "Of the campaign"),
        (f"channel={one.channel_id}", "Of the campaign", "Of care alone"),
    ):
        text = carla.get(f"{CALENDAR}?view=week&from={ahead()}&{asked}").content.decode()
        assert inside in text and outside not in text, asked
    Publication.objects.filter(pk=other.pk).update(state="cancelled")
    for state, is_there in (("ready", False), ("cancelled", True), ("", False)):
        text = carla.get(f"{CALENDAR}?view=week&from={ahead()}&state={state}").content.decode()
        assert (f'id="publication_{other.pk}"' in text) == is_there, state
    assert carla.get(f"{CALENDAR}?view=x&from=9999-99-99&channel=%27&state=no&zone=../etc&after=-1").status_code == 200


def test_words_from_outside_are_only_words(creating: Cast, sign_in: Any) -> None:
    planned(creating, title="<script>alert(1)</script>")
    factories.variant(factories.piece("<img src=x onerror=alert(2)>"))
    text = sign_in(creating.carla).get(f"{CALENDAR}?from={ahead()}").content.decode()
    assert "<script>alert(1)" not in text and "&lt;script&gt;" in text and "<img src=x" not in text


def test_what_is_dropped_on_a_day_is_planned_there_and_can_be_undone(creating: Cast, sign_in: Any) -> None:
    carla, variant = sign_in(creating.carla), factories.variant()
    here = f"{CALENDAR}?view=week&from={ahead()}"
    asked = {"day": f"{ahead()}", "next": here}
    part = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{here}"}
    answer = carla.post(f"/o/acme/content/variants/{variant.pk}/plan/", asked, headers=part)
    row = Publication.objects.get()
    assert answer.status_code == 200 and (row.on_day, row.at_time) == (ahead(), time(10))
    assert f'id="publication_{row.pk}"' in answer.content.decode() and "unplan/" in answer.content.decode()
    answer = carla.post(f"/o/acme/content/publications/{row.pk}/replan/", {**asked, "day": f"{ahead(5)}"}, headers=part)
    row.refresh_from_db()
    assert row.on_day == ahead(5) and f'value="{ahead()}"' in answer.content.decode()
    # The undo is the same form.
    undo = {"on_day": f"{ahead()}", "at_time": "10:00", "zone": "UTC", "next": here}
    assert carla.post(f"/o/acme/content/publications/{row.pk}/replan/", undo).headers["Location"] == here
    assert carla.post(f"/o/acme/content/publications/{row.pk}/unplan/", {"next": here}).status_code == 302
    row.refresh_from_db()
    assert (row.on_day, row.state) == (ahead(), "cancelled")


def test_a_refused_move_says_why_and_moves_nothing(creating: Cast, sign_in: Any) -> None:
    carla, row = sign_in(creating.carla), planned(creating)
    here = f"{CALENDAR}?view=week&from={ahead()}"
    address, was = f"/o/acme/content/publications/{row.pk}/replan/", row.due_at
    answer = carla.post(address, {"day": f"{ahead(-2)}", "next": here}, headers={"HX-Request": "true"})
    assert answer.status_code == 409 and answer.headers["HX-Retarget"] == "#flash"
    assert "moment has passed" in answer.content.decode()
    written = {"on_day": f"{ahead(-2)}", "at_time": "09:30", "zone": "UTC", "next": here}
    answer = carla.post(address, written)
    assert answer.status_code == 422 and 'value="09:30"' in answer.content.decode()
    Publication.objects.filter(pk=row.pk).update(state="sending")
    answer = carla.post(address, {"day": f"{ahead(6)}", "next": here}, headers={"HX-Request": "true"})
    assert answer.status_code == 409 and "Being published" in answer.content.decode()
    row.refresh_from_db()
    assert row.due_at == was


def test_whoever_moves_what_a_colleague_has_moved_meanwhile_is_told_where_it_is(
    creating: Cast, sign_in: Any, api: Any
) -> None:
    carla, row = sign_in(creating.carla), planned(creating)
    address, seen = f"/o/acme/content/publications/{row.pk}/replan/", row.due_at.isoformat()
    drawn = carla.get(address).content.decode()
    assert f'name="was" value="{seen}"' in drawn
    moved = replan(row, on_day=ahead(4), at_time=time(11), zone="UTC", by=creating.carla, at=clock.now())
    here = f"{CALENDAR}?view=list&from={ahead()}"
    part = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{here}"}
    answer = carla.post(address, {"day": f"{ahead(5)}", "was": seen, "next": here}, headers=part)
    text = answer.content.decode()
    # The calendar as it is now comes along, so that the next move starts from there.
    assert answer.status_code == 409 and "Carla" in text and "11:00 (UTC)" in text and 'id="calendar"' in text
    assert moved.due_at.isoformat() in text
    form = {"on_day": f"{ahead(6)}", "at_time": "12:00", "zone": "UTC", "was": seen, "next": here}
    answer = carla.post(address, form)
    text = answer.content.decode()
    assert answer.status_code == 422 and "has moved this meanwhile" in text and f'value="{ahead(6)}"' in text
    assert f'value="{moved.due_at.isoformat()}"' in text
    taken_off = carla.post(f"/o/acme/content/publications/{row.pk}/unplan/", {"was": seen}, headers=part)
    assert taken_off.status_code == 409
    coach = api(creating.carla)
    said = {"on_day": f"{ahead(6)}", "at_time": "12:00", "zone": "UTC", "was": seen}
    assert coach.post(f"/api/v1/publications/{row.pk}/replan/", said).status_code == 409
    row.refresh_from_db()
    assert (row.due_at, row.state) == (moved.due_at, moved.state)
    # Whoever has seen where it is, and says it again, means it.
    assert carla.post(address, form | {"was": moved.due_at.isoformat()}).status_code == 302
    row.refresh_from_db()
    assert row.on_day == ahead(6)


def test_what_was_taken_off_the_plan_is_planned_again_by_its_undo(creating: Cast, sign_in: Any) -> None:
    carla, row = sign_in(creating.carla), planned(creating, at_time=time(9, 20), zone="Asia/Kolkata")
    here = f"{CALENDAR}?from={ahead()}"
    carla.post(f"/o/acme/content/publications/{row.pk}/unplan/", {"next": here, "was": row.due_at.isoformat()})
    text = carla.get(here).content.decode()
    assert f"variants/{row.variant_id}/plan/" in text and 'name="at_time" value="09:20"' in text
    undo = {"on_day": f"{row.on_day}", "at_time": "09:20", "zone": row.zone, "grace_minutes": "60", "next": here}
    assert carla.post(f"/o/acme/content/variants/{row.variant_id}/plan/", undo).status_code == 302
    again = Publication.objects.under_way().get()
    assert (again.due_at, again.zone, again.pk != row.pk) == (row.due_at, row.zone, True)
    # What has passed cannot be planned again.
    Publication.objects.filter(pk=again.pk).update(state="missed", due_at=clock.now() - timedelta(days=1))
    carla.post(f"/o/acme/content/publications/{again.pk}/unplan/", {"next": here})
    assert f'action="/o/acme/content/variants/{row.variant_id}/plan/"' not in carla.get(here).content.decode()


def test_what_was_missed_stands_once_with_the_word(creating: Cast, sign_in: Any) -> None:
    long_ago = clock.now() - timedelta(days=70)
    row = factories.publication(state="missed", due_at=long_ago)
    factories.publication(factories.variant(), state="refused", due_at=long_ago)
    gone = factories.publication(state="cancelled", due_at=long_ago)
    for day, is_on_its_day in ((long_ago.date(), True), (ahead(), False)):
        found = shown(Wanted(view="week", day=day), at=clock.now())
        on_days = [card for each in found.days for card in each.cards]
        placed = on_days if is_on_its_day else found.unplanned
        assert {card.state for card in placed if card.is_planned} == {"Missed", "Refused by the network"}
        assert len(on_days) + len(found.unplanned) == 3
        assert [card.variant for card in found.unplanned if not card.is_planned] == [gone.variant_id]
    carla = sign_in(creating.carla)
    text = carla.get(f"{CALENDAR}?view=week&from={ahead()}").content.decode()
    assert text.count(f'id="publication_{row.pk}"') == 1 and f"publications/{row.pk}/replan/" in text
    # Put on a day it is tried again, and stands there only.
    asked = {"day": f"{ahead()}", "was": row.due_at.isoformat(), "next": f"{CALENDAR}?view=week&from={ahead()}"}
    assert carla.post(f"/o/acme/content/publications/{row.pk}/replan/", asked).status_code == 302
    assert row.pk not in [card.pk for card in shown(Wanted(day=ahead()), at=clock.now()).unplanned if card.is_planned]


def test_cards_say_how_they_stand_with_review(creating: Cast) -> None:
    at = clock.now()
    needed, asked = planned(creating), planned(creating)
    loose = factories.variant()
    ask_for_review(asked.variant.piece, by=creating.carla, at=at)

    def said() -> dict[int, str]:
        found = shown(Wanted(view="week", day=ahead()), at=at)
        return {card.variant: card.state for day in found.days for card in day.cards} | {
            card.variant: card.state for card in found.unplanned
        }

    assert said() == {
        needed.variant_id: "Needs a review", asked.variant_id: "Waits for review", loose.pk: "Needs a review"
    }  # fmt: skip
    Publication.objects.update(state="ready")
    assert said()[needed.variant_id] == "Planned"


def test_the_mix_of_value_of_its_days_stands_beside_it(creating: Cast, sign_in: Any) -> None:
    planned(creating, step="promote")
    carla = sign_in(creating.carla)
    assert "100 % about ourselves" in carla.get(f"{CALENDAR}?view=week&from={ahead()}").content.decode()
    text = carla.get(f"{CALENDAR}?view=week&from={ahead(40)}").content.decode()
    assert "Nothing is planned or published in this time." in text


def test_whoever_may_not_plan_reads_only(creating: Cast, sign_in: Any) -> None:
    row = planned(creating)
    gita = sign_in(creating.gita)
    text = gita.get(f"{CALENDAR}?view=week&from={ahead()}").content.decode()
    assert f'id="publication_{row.pk}"' in text and "data-move=" not in text
    assert gita.post(f"/o/acme/content/publications/{row.pk}/replan/", {"day": f"{ahead(5)}"}).status_code == 403


def test_a_calendar_costs_as_many_queries_full_as_nearly_empty(creating: Cast, sign_in: Any) -> None:
    carla = sign_in(creating.carla)

    def queries(view: str) -> int:
        with acting_for(None), CaptureQueriesContext(connection) as caught:
            assert carla.get(f"{CALENDAR}?view={view}&from={ahead()}").status_code == 200
        return len(caught)

    planned(creating)
    factories.variant()
    queries("month")
    few = {view: queries(view) for view in ("month", "week", "list")}
    for number in range(20):
        planned(creating, day=ahead(3 + number % 4))
        factories.variant()
    assert {view: queries(view) for view in few} == few
