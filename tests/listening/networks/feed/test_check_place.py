"""What people type when they mean a feed."""

from __future__ import annotations

import pytest

from listening.networks.feed import network


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("https://example.org/feed.xml", "https://example.org/feed.xml"),
        ("  example.org/feed ", "https://example.org/feed"),
        ("example.org", "https://example.org/"),
        ("HTTP://Example.ORG/Feed", "http://example.org/Feed"),
        ("feed://example.org/a", "https://example.org/a"),
        ("feed:http://example.org/a", "http://example.org/a"),
        ("https://example.org/a?b=c&d=%20#top", "https://example.org/a?b=c&d=%20"),
        ("http://127.0.0.1:9200/feed", "http://127.0.0.1:9200/feed"),
        ("localhost:9200/feed", "https://localhost:9200/feed"),
        ("example.org:8443/x", "https://example.org:8443/x"),
        ("http://intranet/feed", "http://intranet/feed"),
        ("https://[::1]:80/a", "https://[::1]:80/a"),
    ],
)
def test_an_address_is_written_out(typed: str, place: str) -> None:
    assert network.check_place(typed) == place
    assert network.check_place(place) == place


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "Enter the address"),
        ("our blog", "no spaces"),
        ("nonsense", "does not look like an address"),
        ("ftp://example.org/feed", "begins with https"),
        ("mailto:a@example.org", "begins with https"),
        ("javascript:alert(1)", "begins with https"),
        ("https://user:secret@example.org/", "user name or a password"),
        ("https://", "web address|names no site"),
        ("https://example.org:99999/", "not a web address"),
        ("https://[::1/", "not a web address"),
        ("https://example.org/" + "x" * 5000, "not longer"),
    ],
)
def test_what_is_no_address_is_explained(typed: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        network.check_place(typed)
