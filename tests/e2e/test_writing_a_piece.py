"""A piece is written, filled into a channel, counted, lost by a reload and found again, and commented on."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from content.models import Comment, Piece, PieceDraft, Variant
from listening.networks.mastodon import counting
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast
from tests.e2e.axe import check_with_axe
from tests.e2e.conftest import wait_until

# Who is named counts without their server, links count 23, and what only looks like either counts as it is written.
COUNTED = (
    "@ada@social.example hi", "hi @ada_1@ünder.example:8443, and @bea", "mail ada@example.org", "=@ada@x.example",
    "https://a.example/very/long/address/that/goes/on.", "(https://a.example/@ada@b.example) 👩‍🚀!",
    "x@https://a.example", "@a.b-c@d.example.", "Ünter@ada@x.example",
)  # fmt: skip


def counts_as_the_server(page: Any) -> None:
    """The page counts as the API does, by Mastodon's own rule."""
    field = page.locator("#variant_text")
    field.evaluate("field => Object.assign(field.dataset, { linkLength: 23, shortPeople: 1, limit: 500 })")
    for text in COUNTED:
        field.fill(text)
        assert page.locator("#variant_count").inner_text() == f"{counting.count(text)} / 500", text
    field.evaluate("field => ['linkLength', 'shortPeople'].forEach(name => delete field.dataset[name])")


def test_a_piece_is_written_counted_kept_and_commented_on(stage: Cast, visitor: Callable[..., Any]) -> None:
    with acting_for(stage.organization):
        factories.channel(name="The field")
    rosa = visitor().signs_in(stage.rosa)
    page = rosa.page
    rosa.goes_to("/content/pieces/begin/")
    page.get_by_label("Title").fill("How we true a wheel")
    page.get_by_role("button", name="Save").click()
    # Its scripts are there by then: a key that is pressed before them says nothing to anybody.
    page.wait_for_url(re.compile(r"/pieces/\d+/$"))
    page.get_by_role("textbox", name="Text").fill("## Spokes\n\nTrue them **slowly**. https://a.example/wheels")
    page.keyboard.press("Control+Enter")
    page.get_by_role("heading", name="Spokes").wait_for()
    page.get_by_role("button", name="Add a variant").click()
    page.locator("#variant_count").get_by_text("/ 500").wait_for()
    assert page.locator("#variant_text").input_value() == "Spokes\n\nTrue them slowly. https://a.example/wheels"

    counts_as_the_server(page)
    page.locator("#variant_text").fill("w" * 480)
    page.get_by_text("characters too long").wait_for()
    rosa.shot("piece-variant-too-long")
    assert check_with_axe(page) == []
    wait_until(PieceDraft.everywhere.exists)
    page.reload()
    page.get_by_text("did not save it").wait_for()
    page.get_by_role("link", name="Go on with it").click()
    assert page.locator("#variant_text").input_value() == "w" * 480
    page.locator("#variant_text").fill("True the spokes slowly.")
    page.get_by_role("button", name="Save").click()
    wait_until(lambda: Variant.everywhere.get().text == "True the spokes slowly.")
    page.locator("#flash").get_by_text("Saved.").wait_for()
    page.get_by_text("It can go out as it is.").wait_for()
    assert not PieceDraft.everywhere.exists()

    page.locator("#variant_text").evaluate("field => { field.focus(); field.setSelectionRange(5, 15); }")
    page.wait_for_function("document.querySelector('#comment_quote').value === 'the spokes'")
    page.get_by_label("Comment", exact=True).fill("@Bod")
    page.locator("#comment_text").press("End")
    page.locator("#comment_people_list").get_by_text("Bodo").click()
    page.get_by_role("button", name="Say it").click()
    page.locator(".comments__quote").get_by_text("the spokes").wait_for()
    assert Comment.everywhere.get().start == 5
    rosa.shot("piece-commented")
    for width, dark in ((390, False), (1440, True)):
        other = visitor(width=width, dark=dark).signs_in(stage.carla)
        other.goes_to(f"/content/pieces/{Piece.everywhere.get().pk}/?variant={Variant.everywhere.get().pk}")
        other.shot(f"piece-{width}-{'dark' if dark else 'light'}")
        assert check_with_axe(other.page) == []
        other.goes_to(f"/content/pieces/{Piece.everywhere.get().pk}/versions/")
        other.shot(f"versions-{width}-{'dark' if dark else 'light'}")
        assert check_with_axe(other.page) == []
        other.goes_to("/content/pieces/")
        other.shot(f"pieces-{width}-{'dark' if dark else 'light'}")
        assert check_with_axe(other.page) == []
