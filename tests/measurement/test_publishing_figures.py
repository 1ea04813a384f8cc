"""Cadence kept, reviews passed at first, and the share about ourselves: worked out by hand, the same on every way."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from content.models import CadenceCommitment, LinkHour, Review, ReviewedVariant, TrackedLink
from measurement.figures import figures
from measurement.headlines import headlines
from measurement.measuring import values_of
from measurement.metrics import METRICS
from measurement.opening import rows_url
from measurement.selecting import Selection
from measurement.windows import Window
from tests import factories
from tests.cast import Cast
from tests.measurement.golden import BERLIN, NOW, WEEK

# Two weeks; the second ends on the Sunday on which the clock jumps.
DAYS = Window(date(2026, 3, 16), date(2026, 3, 29), BERLIN)
SUNDAY_NIGHT = datetime(2026, 3, 22, 23, 30, tzinfo=UTC)  # Monday, half past midnight in Berlin


@pytest.fixture
def lived(acme: Cast) -> Cast:
    acme.organization.time_zone = "Europe/Berlin"
    acme.organization.save()
    blog, town = factories.channel(network="feed", name="Blog"), factories.channel(network="feed", name="Town")
    field = factories.channel(name="Field")
    for channel, often in ((blog, 2), (town, 1), (field, 1)):
        CadenceCommitment.objects.create(
            channel=channel, per_week=often, since=date(2026, 1, 1), promised_at=NOW, promised_by=acme.carla
        )
    said = [
        (blog, "promotional", datetime(2026, 3, 17, 9, tzinfo=UTC)), (blog, "share_others", SUNDAY_NIGHT),
        (blog, "share_others", datetime(2026, 3, 25, 9, tzinfo=UTC)), (town, "about_us", SUNDAY_NIGHT),
        (field, "share_others", SUNDAY_NIGHT),
    ]  # fmt: skip
    for channel, _step, at in said:
        variant = factories.variant(factories.piece(author=acme.rosa), channel=channel)
        factories.publication(variant, due_at=at, accepted_at=at, state="accepted")
    decided(acme, blog, ["approved"], ["sent_back", "approved"], ["changed", "approved"], ["sent_back"])
    return acme


def decided(acme: Cast, channel: Any, *fates: list[str]) -> None:
    """Variants with what became of each of their reviews, an hour apart on a Tuesday."""
    at = datetime(2026, 3, 24, 9, tzinfo=UTC)
    for states in fates:
        variant = factories.variant(factories.piece(author=acme.rosa), channel=channel)
        for number, state in enumerate(states):
            review = Review.objects.create(piece=variant.piece, state=state, asked_at=at, maker_ids=[])
            ReviewedVariant.objects.create(
                review=review, variant=variant, digest="x", state=state, asked_at=at,
                ended_at=at + timedelta(hours=number),
            )  # fmt: skip


def test_cadence_is_kept_by_week_and_channel(lived: Cast) -> None:
    # Blog: one of two in the first week, two of two in the second. Town: none of one, one of one. Field is practice.
    asked = {"channel_cadence"}
    assert values_of(Selection(DAYS), at=NOW, only=asked) == {"channel_cadence": 2 / 4}
    assert values_of(Selection(WEEK), at=NOW, only=asked) == {"channel_cadence": 1.0}
    assert values_of(Selection(WEEK, "practice"), at=NOW, only=asked) == {"channel_cadence": 1.0}
    # A week that is not over, or does not end on these days, says nothing yet.
    assert values_of(Selection(WEEK), at=NOW - timedelta(days=2), only=asked) == {"channel_cadence": None}
    short = Window(date(2026, 3, 16), date(2026, 3, 28), BERLIN)
    assert values_of(Selection(short), at=NOW, only=asked) == {"channel_cadence": 0.0}
    for narrowed in ({"department": lived.care.pk}, {"campaign": 7}, {"topic": 7}):
        assert values_of(Selection(WEEK, **narrowed), at=NOW, only=asked)["channel_cadence"] is None


def test_a_variant_passes_at_first_where_its_first_decision_was_a_yes(lived: Cast) -> None:
    # Of four variants, two were approved in the first review that anybody decided.
    assert values_of(Selection(WEEK), at=NOW, only={"passed_at_first"}) == {"passed_at_first": 2 / 4}
    # Three were decided at once, one after an hour.
    times = {"review_median": 0, "review_p90": pytest.approx(0.7 * 3600)}
    assert values_of(Selection(WEEK), at=NOW, only=set(times)) == times
    ReviewedVariant.objects.update(ended_at=datetime(2026, 3, 30, tzinfo=BERLIN))
    assert values_of(Selection(WEEK), at=NOW, only={"passed_at_first"}) == {"passed_at_first": None}


def test_weeks_and_reviews_open_as_rows_and_leave_as_files(lived: Cast, sign_in: Any) -> None:
    client = sign_in(lived.elif_)
    for key, rows in (("channel_cadence", 4), ("passed_at_first", 2), ("review_median", 4)):
        address = f"/o/acme{rows_url(key, Selection(DAYS))}"
        answer = client.get(address)
        assert answer.status_code == 200 and f'data-total="{rows}"' in answer.content.decode(), key
        assert (
            len(list(csv.reader(io.StringIO(client.get(f"{address}&as=csv").content.decode("utf-8-sig"))))) == rows + 1
        )
    weeks = client.get(f"/o/acme{rows_url('channel_cadence', Selection(DAYS))}").content.decode()
    assert "2 of them kept" in weeks and "1 published, 2 promised" in weeks and "Field" not in weeks
    field = client.get(f"/o/acme{rows_url('channel_cadence', Selection(DAYS, 'practice'))}").content.decode()
    assert "Field" in field and "Blog" not in field
    nothing = client.get("/o/acme/measure/weeks/?from=2025-01-06&to=2025-01-12&of=outside").content.decode()
    assert "No promised weeks" in nothing


def test_page_program_and_file_say_the_same(lived: Cast, sign_in: Any, api: Any) -> None:
    asked = {"from": "2026-03-16", "to": "2026-03-29", "of": "outside"}
    row = {one["key"]: one["now"] for one in api(lived.carla).get("/api/v1/metrics/", asked).json()}
    assert (row["channel_cadence"], row["passed_at_first"]) == (0.5, 0.5)
    carla = sign_in(lived.carla)
    told = list(csv.reader(io.StringIO(carla.get("/o/acme/measure/figures.csv", asked).content.decode("utf-8-sig"))))
    for key in ("channel_cadence", "passed_at_first"):
        assert [line[1] for line in told if line[0] == str(METRICS[key].label)] == ["0.5"]
        page = carla.get("/o/acme/measure/figures/", asked).content.decode()
        assert f'id="{key}"' in page


def test_clicks_stand_among_the_large_figures_once_a_link_was_followed(lived: Cast) -> None:
    def shown() -> dict[str, tuple[float | None, float | None, str]]:
        found, _past = headlines(figures(WEEK, at=NOW), NOW, None)
        return {one.key: (one.one.now, one.one.before, one.url) for one in found}

    assert "link_clicks" not in shown()
    publication = factories.publication(factories.variant(channel=factories.channel(network="feed")))
    link = TrackedLink.objects.create(
        key="k" * 8, address="https://a.example/", target="x", publication=publication, made_at=NOW
    )
    for day, clicks, is_bot in ((25, 1234, False), (25, 7, True), (17, 4, False)):
        hour = datetime(2026, 3, day, 9, tzinfo=UTC)
        LinkHour.objects.create(link=link, hour=hour, is_bot=is_bot, clicks=clicks)
    now, before, url = shown()["link_clicks"]
    assert (now, before) == (1234, 4) and "/measure/links/" in url
