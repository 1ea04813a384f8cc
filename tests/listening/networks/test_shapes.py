"""What a network says beforehand of a piece: its form, the words that count, what is marked; and Markdown as HTML."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from listening import networks
from listening.networks.markup import html_of_markdown
from listening.networks.publishing import OutgoingPiece, ShapesPieces

AT = datetime(2026, 4, 10, 12, 0, tzinfo=UTC)
SHAPING = [one for one in networks.all_networks() if isinstance(one, ShapesPieces)]


@pytest.mark.parametrize("network", SHAPING, ids=lambda one: one.name)
def test_a_network_says_beforehand_what_becomes_of_a_piece(network: ShapesPieces) -> None:
    assert network.piece_form({}).look in {"microblog", "page", "forum", "mail", "feed"}
    assert network.piece_words(OutgoingPiece(key="", text="Wheels", at=AT)) == "Wheels"
    assert list(network.piece_spans("no marks")) == []


def test_a_server_says_how_much_it_takes() -> None:
    mastodon = networks.get("mastodon")
    assert isinstance(mastodon, ShapesPieces)
    shape = mastodon.piece_form({"max_characters": 5000, "max_media": 8, "media_types": ["image/png"]})
    assert (shape.limits.text, shape.most_media, shape.media_types) == (5000, 8, ("image/png",))
    piece = OutgoingPiece(
        key="", text="Wheels", at=AT, title="Saturday", link="https://a.example/", tags=("true wheels",)
    )
    assert mastodon.piece_words(piece) == "Saturday\n\nWheels\n\nhttps://a.example/\n\n#truewheels"


def test_marks_are_those_that_the_network_makes() -> None:
    mastodon = networks.get("mastodon")
    assert isinstance(mastodon, ShapesPieces)
    text = "Ask @leila@bikes.example about #wheels: https://www.example.org/a/very/long/way/to/say/wheels."
    found = [(span.kind, text[span.start : span.end], span.shown) for span in mastodon.piece_spans(text)]
    assert found == [
        ("mention", "@leila@bikes.example", "@leila"),
        ("tag", "#wheels", ""),
        ("link", "https://www.example.org/a/very/long/way/to/say/wheels", "example.org/a/very/long/way/to…"),
    ]


def test_markdown_becomes_html_without_anything_of_the_writers_own() -> None:
    shown = html_of_markdown("# One\n\n**two** <script>x</script> https://a.example/b. [c](javascript:alert(1))", top=3)
    assert "<h3>One</h3>" in shown and "<strong>two</strong>" in shown
    assert '<a href="https://a.example/b">https://a.example/b</a>.' in shown
    assert "<script" not in shown and 'href="javascript' not in shown
