"""Gatherers at real browsers: the stream by keyboard, in bulk, by two at once, on a phone, and without script."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from listening.actions.filters import arrange_columns, save_filter
from listening.filtering import StreamFilter
from listening.models import Mention, MentionMatch, Story
from roles import clock
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast
from tests.e2e.axe import check_with_axe
from tests.e2e.conftest import Visitor, wait_until

Visit = Callable[..., Visitor]
FIRST = "[data-item]:not([hidden]) [data-item-link]"


def fill(stage: Cast, number: int) -> list[int]:
    """Mentions that wait, found by a query."""
    with acting_for(stage.organization):
        query = factories.query()
        rows = [factories.mention(f"Number {n} says that Acme squeaks", sentiment=n % 3 - 1) for n in range(number)]
        for row in rows:
            MentionMatch.objects.create(mention=row, query=query, spans=[["text", 0, 6]])
        return [row.pk for row in rows]


def states(stage: Cast) -> list[str]:
    with acting_for(stage.organization):
        return list(Mention.objects.order_by("pk").values_list("state", flat=True))


def test_fifty_mentions_are_decided_with_little_more_than_fifty_keys(visitor: Visit, stage: Cast) -> None:
    fill(stage, 50)
    gita = visitor().signs_in(stage.gita)
    gita.goes_to("/stream/")
    gita.shot("stream")
    keys = ["j"]
    for number in range(50):
        keys += [["e"], ["r"], ["y", "1"], ["d", "1"], ["e"]][number % 5]
    shown: dict[str, int] = {}
    for one in keys:
        if one in "eryd":
            gita.page.locator(FIRST).first.wait_for()
        gita.page.keyboard.press(one)
        shown[one] = shown.get(one, 0) + 1
    wait_until(lambda: "untriaged" not in states(stage))
    said = states(stage)
    assert (len(keys), said.count("dismissed"), said.count("kept"), said.count("routed")) == (71, 30, 10, 10)
    gita.page.get_by_text("Everything is decided").wait_for()


def test_a_decision_moves_on_to_the_next_and_u_takes_it_back(visitor: Visit, stage: Cast) -> None:
    keys = fill(stage, 3)
    gita = visitor().signs_in(stage.gita)
    gita.goes_to("/stream/")
    press = gita.page.keyboard.press
    press("j")
    press("Enter")
    gita.page.locator(f'[data-opened="{keys[2]}"]').wait_for()
    press("e")
    gita.page.locator(f'[data-opened="{keys[1]}"]').wait_for()
    assert gita.page.evaluate("document.activeElement.closest('[data-item]').id") == f"mention_{keys[1]}"
    gita.page.get_by_text("Not relevant.", exact=True).wait_for()
    press("u")
    gita.page.get_by_text("Back in the stream.").wait_for()
    assert states(stage) == ["untriaged"] * 3
    assert gita.page.evaluate("document.activeElement.closest('[data-item]').id") == f"mention_{keys[2]}"


def test_many_at_once_and_back(visitor: Visit, stage: Cast) -> None:
    fill(stage, 6)
    gita = visitor().signs_in(stage.gita)
    gita.goes_to("/stream/")
    press = gita.page.keyboard.press
    press("j")
    press("Shift+J")
    press("Shift+J")
    gita.page.get_by_text("3 chosen").wait_for()
    press("r")
    gita.page.get_by_text("3 mentions decided.").wait_for()
    assert states(stage).count("kept") == 3
    press("u")
    gita.page.get_by_text("The decision is undone.").wait_for()
    assert states(stage) == ["untriaged"] * 6
    press("a")
    press("e")
    gita.page.get_by_text("6 mentions decided.").wait_for()
    assert set(states(stage)) == {"dismissed"}


def test_without_script_a_line_is_decided_as_a_whole(visitor: Visit, stage: Cast) -> None:
    keys = fill(stage, 3)
    with acting_for(stage.organization):
        told = Story.objects.create(headline="Acme squeaks", first_at=clock.now(), last_at=clock.now(), size=2)
        Mention.objects.filter(pk__in=keys[:2]).update(story=told)
    gita = visitor(width=390, dark=True, script=False).signs_in(stage.gita)
    gita.goes_to("/stream/")
    gita.shot("folded-390-dark")
    gita.page.locator(f'input[name="mention"][value="{keys[0]}+"]').check()
    gita.page.get_by_role("button", name="Relevant", exact=True).first.click()
    wait_until(lambda: states(stage) == ["kept", "kept", "untriaged"])


def test_the_second_of_two_gatherers_is_told(visitor: Visit, stage: Cast) -> None:
    fill(stage, 2)
    gita, carla = visitor().signs_in(stage.gita), visitor().signs_in(stage.carla)
    for one in (gita, carla):
        one.goes_to("/stream/")
        one.page.keyboard.press("j")
    gita.page.keyboard.press("e")
    gita.page.get_by_text("Not relevant.", exact=True).wait_for()
    carla.page.keyboard.press("r")
    carla.page.get_by_text("Gita was quicker: not relevant.").wait_for()
    assert states(stage) == ["untriaged", "dismissed"]
    carla.complaints = [said for said in carla.complaints if "409" not in said]


def test_without_script_it_is_forms(visitor: Visit, stage: Cast) -> None:
    keys = fill(stage, 3)
    gita = visitor(script=False).signs_in(stage.gita)
    gita.goes_to("/stream/")
    for key in keys[:2]:
        gita.page.locator(f'input[name="mention"][value="{key}"]').check()
    gita.page.get_by_role("button", name="Relevant", exact=True).first.click()
    gita.page.get_by_text("2 mentions decided.").wait_for()
    gita.page.get_by_role("button", name="Undo").click()
    wait_until(lambda: states(stage) == ["untriaged"] * 3)
    gita.goes_to(f"/stream/{keys[0]}/")
    gita.page.get_by_role("button", name="Not relevant", exact=True).first.click()
    wait_until(lambda: states(stage) == ["dismissed", "untriaged", "untriaged"])


def test_on_a_phone_a_mention_has_the_screen_and_a_way_back(visitor: Visit, stage: Cast) -> None:
    keys = fill(stage, 3)
    gita = visitor(width=390).signs_in(stage.gita)
    gita.goes_to("/stream/")
    gita.page.locator(f"#mention_{keys[2]} a").click()
    gita.page.wait_for_url(re.compile(rf"/stream/{keys[2]}/"))
    gita.shot("stream-390-opened")
    assert not gita.page.locator(f"#mention_{keys[1]}").is_visible()
    gita.page.get_by_role("link", name="Back to the stream").click()
    gita.page.locator(f"#mention_{keys[1]}").wait_for()
    width = "document.documentElement.scrollWidth <= window.innerWidth"
    assert gita.page.evaluate(width)


@pytest.fixture
def board(stage: Cast) -> list[int]:
    """A board with three columns, and mentions in them."""
    keys = fill(stage, 8)
    with acting_for(stage.organization):
        acting: dict[str, Any] = {"by": stage.gita, "at": clock.now()}
        wanted = {"Angry": {"sentiment": "-1"}, "Calm": {"sentiment": "0"}, "Happy": {"sentiment": "1"}}
        rows = [save_filter(name, wanted=StreamFilter.of(said), **acting) for name, said in wanted.items()]
        arrange_columns(stage.gita, filters=rows, **acting)
    return keys


def test_columns_are_walked_with_the_arrows(visitor: Visit, stage: Cast, board: list[int]) -> None:
    gita = visitor().signs_in(stage.gita)
    gita.goes_to("/stream/columns/")
    gita.shot("columns")
    press = gita.page.keyboard.press
    here = "document.activeElement.closest('section')?.querySelector('h2').innerText"
    press("ArrowRight")
    assert gita.page.evaluate(here) == "Angry"
    press("ArrowRight")
    assert gita.page.evaluate(here) == "Calm"
    press("e")
    gita.page.get_by_text("Not relevant.", exact=True).wait_for()
    with acting_for(stage.organization):
        assert Mention.objects.get(state="dismissed").sentiment == 0


SIDEWAYS = "document.documentElement.scrollWidth > window.innerWidth"


def test_axe_finds_nothing_and_no_page_scrolls_sideways(visitor: Visit, stage: Cast, board: list[int]) -> None:
    gita, found = visitor().signs_in(stage.gita), {}
    one = board[0]
    paths = ["/stream/", f"/stream/{one}/", f"/mentions/{one}/", "/stream/columns/", "/stream/filters/",
             "/stream/filters/?sentiment=1", "/stream/bulk/", "/content/ideas/", "/stream/?sentiment=1&state=all",
             "/stream/?q=(acme"]  # fmt: skip
    for path in paths:
        assert gita.goes_to(path).status == 200, path
        for width in gita.looks():
            complaints = check_with_axe(gita.page)
            if gita.page.evaluate(SIDEWAYS):
                complaints.append("scrolls sideways")
            if complaints:
                found[path, width] = complaints
    assert found == {}


def test_no_page_scrolls_sideways_between_phone_and_desk(visitor: Visit, stage: Cast, board: list[int]) -> None:
    gita, wide = visitor(width=768).signs_in(stage.gita), []
    for path in ("/stream/", f"/stream/{board[0]}/", "/stream/columns/", "/stream/filters/?sentiment=1"):
        gita.goes_to(path)
        if gita.page.evaluate(SIDEWAYS):
            wide.append(path)
    assert wide == []
