"""What signing out leaves in the browser: words that no server has, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable

from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast
from tests.e2e.conftest import Visitor

DRAFTS = "JSON.stringify(Object.entries(localStorage).filter(([key]) => key.startsWith('touchline:draft:')))"


def test_a_draft_that_the_server_has_goes_and_one_that_it_has_not_stays(
    visitor: Callable[..., Visitor], stage: Cast
) -> None:
    with acting_for(stage.organization):
        at_the_server = factories.assignment(department=stage.care, member=stage.rosa, state="claimed")
        only_here = factories.assignment(department=stage.care, member=stage.rosa, state="claimed")
    rosa = visitor().signs_in(stage.rosa)
    page = rosa.page

    def drafts() -> dict[str, str]:
        return {key: json.loads(said)["text"] for key, said in json.loads(page.evaluate(DRAFTS))}

    rosa.goes_to(f"/queue/{at_the_server.pk}/")
    with page.expect_response("**/save-draft/"):
        page.locator("textarea[data-draft]").first.type("The server has this")
    page.wait_for_function("Object.values(localStorage).some((said) => said.includes('\"synced\":true'))")
    rosa.goes_to(f"/queue/{only_here.pk}/")
    page.route("**/save-draft/", lambda route: route.abort())
    with page.expect_event("requestfailed"):
        page.locator("textarea[data-draft]").first.type("Nobody else has this")
    assert sorted(drafts().values()) == ["Nobody else has this", "The server has this"]
    rosa.complaints[:] = [line for line in rosa.complaints if "ERR_FAILED" not in line]
    page.goto(f"{rosa.address}/accounts/logout/")
    page.locator("form[action$='/accounts/logout/'] button").first.click()
    page.wait_for_url("**/accounts/login/**")
    assert list(drafts().values()) == ["Nobody else has this"]
