"""A story is one line of the stream, by keyboard: decided and undone as one, or place by place."""

from __future__ import annotations

from datetime import timedelta

from listening.models import Mention, Story
from roles import clock
from roles.tenancy import acting_for
from tests.cast import Cast
from tests.e2e.axe import check_with_axe
from tests.e2e.conftest import wait_until
from tests.e2e.test_triage import Visit, fill, states


def test_a_story_is_one_line_that_is_decided_and_undone_as_one(visitor: Visit, stage: Cast) -> None:
    keys = fill(stage, 5)
    with acting_for(stage.organization):
        at = clock.now()
        told = Story.objects.create(headline="Acme squeaks", first_at=at - timedelta(hours=3), last_at=at, size=3)
        Mention.objects.filter(pk__in=keys[1:4]).update(story=told)
    gita = visitor().signs_in(stage.gita)
    gita.goes_to("/stream/")
    gita.shot("folded")
    press, items = gita.page.keyboard.press, gita.page.locator("[data-item]")
    assert items.count() == 3
    press("j")
    press("j")
    press("Enter")
    gita.page.get_by_text("2 more places wait.").wait_for()
    gita.shot("folded-read")
    assert check_with_axe(gita.page) == []
    press("e")
    gita.page.get_by_text("3 mentions decided.").wait_for()
    assert states(stage) == ["untriaged", *["dismissed"] * 3, "untriaged"]
    press("u")
    gita.page.get_by_text("The decision is undone.").wait_for()
    assert states(stage) == ["untriaged"] * 5
    gita.page.locator(f"#mention_{keys[1]} [data-item-link]").focus()
    press("z")
    gita.page.get_by_text("each decision is for one place alone").wait_for()
    assert items.count() == 3
    press("j")
    press("r")
    wait_until(lambda: states(stage).count("kept") == 1)
    gita.shot("folded-each")
