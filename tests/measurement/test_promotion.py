"""How much was about ourselves, week by week: worked out by hand, drawn with the limit, and told by a table."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from content.models import Piece
from engagement.actions.joinings import limit_promotion
from measurement.promotion import promotion_picture
from roles import clock
from tests import factories
from tests.cast import Cast
from tests.measurement.golden import NOW

# Sunday before midnight in UTC, Monday in Berlin: the first moment of the first week, and one in the last but one.
FIRST = datetime(2026, 1, 4, 23, 0, tzinfo=UTC)
BEFORE = datetime(2026, 1, 4, 22, 59, tzinfo=UTC)
SUNDAY_NIGHT = datetime(2026, 3, 22, 23, 30, tzinfo=UTC)


def said(step: str, at: datetime, *, times: int = 1, state: str = "accepted") -> Piece:
    """A piece that went out on so many channels at once."""
    piece = factories.piece(step=step)
    for _channel in range(times):
        variant = factories.variant(piece, channel=factories.channel(network="feed"))
        factories.publication(variant, due_at=at, accepted_at=at if state == "accepted" else None, state=state)
    return piece


@pytest.fixture
def lived(acme: Cast) -> Cast:
    acme.organization.time_zone = "Europe/Berlin"
    acme.organization.save()
    said("promote", BEFORE)
    said("promote", FIRST)
    said("learn", datetime(2026, 3, 10, 9, tzinfo=UTC))
    said("engage", datetime(2026, 3, 17, 9, tzinfo=UTC))
    said("promote", datetime(2026, 3, 17, 9, tzinfo=UTC), state="missed")
    said("share_about_you", SUNDAY_NIGHT, times=2)
    for step in ("provide_value", "engage", "promote_others"):
        said(step, SUNDAY_NIGHT, times=2)
    return acme


def test_shares_by_week_are_those_worked_out_by_hand(lived: Cast) -> None:
    found = promotion_picture(at=NOW)
    table = {row[0].raw: tuple(cell.raw for cell in row[1:]) for row in found.rows}
    assert len(table) == 13 and next(iter(table)) == "2026-01-05" and list(table)[-1] == "2026-03-30"
    assert table["2026-01-05"] == (0, 1, 1.0, 0.2)
    assert table["2026-03-09"] == (0, 0, None, 0.2)
    assert table["2026-03-16"] == (1, 0, 0.0, 0.2)
    assert table["2026-03-23"] == (3, 1, 0.25, 0.2)
    assert table["2026-03-30"] == (0, 0, None, 0.2)
    assert found.summary == "2 of 13 weeks were over the limit of 20 %."


def test_the_limit_is_a_line_at_its_height_and_weeks_without_a_share_break_the_other(lived: Cast) -> None:
    found = promotion_picture(at=NOW)
    for chart in (found.wide, found.narrow):
        shares, limit = chart.lines
        high, low = chart.frame.top, chart.frame.bottom
        assert [round(y) for _x, y, _week in limit.points] == [round(low - (low - high) * 0.2)] * 13
        assert [week for _x, _y, week in shares.points] == [0, 10, 11] and shares.path.count("M") == 2
        assert [y for _x, y, _week in shares.points] == pytest.approx([high, low, low - (low - high) / 4], abs=0.1)
    limit_promotion(lived.organization, most_percent=50, window_days=30, by=lived.carla, at=NOW)
    assert promotion_picture(at=NOW).summary == "1 of 13 weeks was over the limit of 50 %."


def test_the_page_of_all_figures_shows_it_with_its_table(acme: Cast, sign_in: Any) -> None:
    client = sign_in(acme.carla)
    empty = client.get("/o/acme/measure/figures/").content.decode()
    assert "0 of 13 weeks were over the limit of 20 %." in empty
    said("promote", clock.now())
    page = client.get("/o/acme/measure/figures/").content.decode()
    assert "About ourselves, week by week" in page and "1 of 13 weeks was over the limit" in page
    assert "The limit of the policy" in page and 'aria-labelledby="promotion-wide-title' in page
    assert '<td class="number">100 %</td>' in page
    file = client.get("/o/acme/measure/promotion.csv").content.decode("utf-8-sig").splitlines()
    assert len(file) == 14 and file[1].endswith(",0,0,,0.2") and file[-1].endswith(",0,1,1,0.2")
