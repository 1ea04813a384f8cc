"""What is passed over by axe is what it has seen, and nothing that looks otherwise on one page."""

from __future__ import annotations

from collections.abc import Callable

from tests.e2e.axe import check_with_axe
from tests.e2e.conftest import Visitor

PAGE = """
<!doctype html><html lang="en"><head><title>A page</title><style>
a {{ color: #000; background: #fff; display: inline-block; padding: 1rem }} {style}
</style></head><body class="{kind}"><nav class="sidebar" aria-label="House">
<a href="/one/"{one}>One</a> <a href="/two/">Two</a></nav><main><h1>A page</h1></main></body></html>
"""
FAINT = "color: #ddd"


def test_what_looks_otherwise_on_one_page_is_looked_at(visitor: Callable[..., Visitor]) -> None:
    who = visitor()

    def found(*, style: str = "", kind: str = "", one: str = "") -> list[str]:
        body = PAGE.format(style=style, kind=kind, one=one)
        who.page.route("**/made-up/", lambda route: route.fulfill(body=body, content_type="text/html"))
        who.page.goto(f"{who.address}/made-up/")
        return check_with_axe(who.page)

    assert found() == []
    # Not of the markup nor of the sheets' names: what says that the house is known passes it over.
    assert found(style=f"a {{ {FAINT} }}") == []
    (line,) = found(style=f"[aria-current] {{ {FAINT} }}", one=' aria-current="page"')
    assert line.startswith("color-contrast") and "One" in line
    assert len(found(style=f".loud a {{ {FAINT} }}", kind="loud")) == 2
