"""The short ways for what most feeds write give what the long ways give."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from listening import identity
from listening.networks.feed import dates, entry

PIECES = (
    "http://", "https://", "HTTPS://", "www.", "WWW.", "a", "Example.org", ":80", ":443", ":8080", ":99999", "/", "//",
    "/X/", "?", "?utm_source=1", "?a=1&b=", "&", "=", "#", "#f", ";", " ", "%20", "é", "[", "]", "@", "user:pw@",
    "/../", "\t", "\n", "\\", "|", "<", "\x00", "+",
)  # fmt: skip
addresses = st.tuples(
    st.sampled_from(("http://", "https://", "https://www.", "")), st.lists(st.sampled_from(PIECES), max_size=7)
).map(lambda parts: parts[0] + "".join(parts[1]))
moments = st.builds(
    "{}{} {} {} {:02}:{:02}:{:02} {}".format,
    st.sampled_from(("Mon, ", "Wed, ", "", "Wed ", "Xyz, ")),
    st.integers(0, 32),
    st.sampled_from(("Jan", "May", "Sep", "Sept", "Dec", "dec")),
    st.sampled_from((26, 1799, 1970, 2024, 2026, 9999)),
    st.integers(0, 24),
    st.sampled_from((0, 30, 59, 60)),
    st.sampled_from((0, 59, 60, 61)),
    st.sampled_from(("GMT", "UTC", "Z", "+0000", "-0530", "+1600", "+0099", "EST", "gmt")),
)


class Nothing:
    """A pattern that fits nothing, so that the long way is gone."""

    def fullmatch(self, text: str) -> None:
        return None


@pytest.fixture
def the_long_way(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Call something with the shortcuts closed."""

    def call(function: Any) -> Any:
        with monkeypatch.context() as closed:
            for module, name in ((identity, "_USUAL"), (entry, "_WHOLE_LINK"), (dates, "_MAIL")):
                closed.setattr(module, name, Nothing())
            return function()

    return call


calm = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@calm
@given(address=addresses, base=st.sampled_from(("", "http://b.org/x", "https://b.org/")))
def test_addresses(the_long_way: Any, address: str, base: str) -> None:
    assert identity.url_key(address) == the_long_way(lambda: identity.url_key(address))
    assert entry.web_link(address, base, []) == the_long_way(lambda: entry.web_link(address, base, []))


@calm
@given(written=moments)
def test_dates(the_long_way: Any, written: str) -> None:
    assert dates._read.__wrapped__(written) == the_long_way(lambda: dates._read.__wrapped__(written))
