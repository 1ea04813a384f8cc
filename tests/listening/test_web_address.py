"""What stands behind a link on our pages leads to the web, whatever an adapter let through."""

from __future__ import annotations

import pytest

from listening.identity import web_address


@pytest.mark.parametrize("url", ["https://example.org/a?b=c", "HTTP://example.org/"])
def test_the_web_is_linked(url: str) -> None:
    assert web_address(url, 100) == url


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", " javascript:alert(1)", "data:text/html,x", "/etc", "", "ftp://a"]
)
def test_nothing_else_is(url: str) -> None:
    assert web_address(url, 100) == ""
