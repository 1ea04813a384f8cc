"""Figures on a phone: a report for anybody, and the way through the rooms of measurement."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

from measurement.actions.report_addresses import allow_report_addresses, publish_report
from measurement.actions.reports import compose_report
from measurement.actions.rollups import recompute_rollups
from measurement.windows import Window
from roles import clock
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast
from tests.e2e.axe import check_with_axe
from tests.e2e.conftest import Visitor

BLOCKS = ("figures", "mentions", "hour", "kpis", "return")


def published(stage: Cast) -> str:
    """A report with the widest blocks, at an address for anybody."""
    at = clock.now()
    with acting_for(stage.organization):
        mention = factories.mention(at=at - timedelta(days=2), post=factories.post(at=at, network="feed"))
        factories.assignment(department=stage.care, mention=mention, at=at - timedelta(days=2))
        recompute_rollups(Window.up_to(at, days=7, zone=ZoneInfo("UTC")), at=clock.now())
        allow_report_addresses(stage.organization, allows=True, by=stage.olga, at=at)
        blocks = [{"kind": kind, "metric": "captured" if kind == "hour" else ""} for kind in BLOCKS]
        by = {"by": stage.carla, "at": at}
        row = compose_report(stage.organization, name="For the board", period="days7", blocks=blocks, **by)
        return publish_report(row, days=30, **by).token


def test_a_report_for_anybody_fits_and_the_open_tab_is_in_sight(visitor: Callable[..., Visitor], stage: Cast) -> None:
    token = published(stage)
    for width, dark in ((390, True), (1440, False)):
        stranger = visitor(width=width, dark=dark)
        stranger.page.goto(f"{stranger.address}/measure/reports/at/{token}/")
        stranger.shot(f"report-for-anybody-{width}")
        assert stranger.page.evaluate("document.documentElement.scrollWidth") <= width
        assert check_with_axe(stranger.page) == []
        heat = stranger.page.locator("table.heat")
        heat.wait_for()
        assert width < 1000 or heat.evaluate("table => table.scrollWidth <= table.parentElement.clientWidth")
    carla = visitor(width=390).signs_in(stage.carla)
    carla.goes_to("/measure/reports/")
    is_inside = """() => {
      const tab = document.querySelector(".tabs [aria-current]");
      const [one, row] = [tab, tab.parentElement].map((it) => it.getBoundingClientRect());
      return one.left >= row.left - 1 && one.right <= row.right + 1;
    }"""
    carla.page.wait_for_function(is_inside, timeout=20_000)
