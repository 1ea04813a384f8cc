"""Every page that there is, with a row of every kind: axe finds nothing in either theme, nothing hangs over on a phone.

The pages are found by asking Django, so a new one is looked at without anybody's remembering it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from roles.models import Role
from roles.tenancy import acting_for
from tests.architecture.routes import Route, pages
from tests.architecture.rows import one_of_each
from tests.cast import Cast, join_all
from tests.e2e.conftest import Visitor, check_with_axe

APPS = sorted({route.name.split(":")[0] for route in pages()})
CONTRAST = ["color-contrast"]


@pytest.mark.parametrize("app", APPS)
def test_axe_finds_nothing_in_either_theme(visitor: Callable[..., Visitor], stage: Cast, app: str) -> None:
    with acting_for(stage.organization):
        key = one_of_each(stage)
        [everybody] = join_all([("Ada", list(Role), None)])
    page: Any = visitor(width=390).signs_in(everybody)
    wrong: dict[str, list[str]] = {}
    seen = 0
    for route in pages():
        if route.name.startswith(f"{app}:") and _opens(page, route, key):
            seen += 1
            found = check_with_axe(page.page) + _hangs_over(page.page)
            page.page.emulate_media(color_scheme="dark")
            found += check_with_axe(page.page, rules=CONTRAST)
            page.page.emulate_media(color_scheme="light")
            if found:
                wrong[route.path] = found
    assert wrong == {}
    assert seen > 2


def _opens(visitor: Any, route: Route, key: int) -> bool:
    """Whether there is a whole page to read: not a verb, not a part, not a file to keep."""
    asked = visitor.page.request.get(f"{visitor.address}/o/acme{route.filled(key)}", max_redirects=0)
    assert asked.status < 500, route
    if asked.status != 200 or "html" not in asked.headers["content-type"] or "<html" not in asked.text():
        return False
    visitor.goes_to(route.filled(key))
    return True


def _hangs_over(page: Any) -> list[str]:
    over = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return [f"{over} px too wide for a phone"] if over > 0 else []
