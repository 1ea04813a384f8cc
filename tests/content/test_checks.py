"""What stands in the way of a variant: what the network itself would refuse, and no more."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from content.filling import filled_from_body
from content.limits import checks_of, length_of_variant
from content.models import Media, Piece, Variant, VariantMedia
from content.plain import cut, first_link, plain_text
from content.previewing import preview_of
from content.shaping import outgoing_of
from listening.models import Channel, Connection
from listening.networks.bluesky import writing as bluesky
from listening.networks.discourse import replying as discourse
from listening.networks.mastodon import publishing as mastodon
from listening.networks.mastodon.replying import checked_length
from listening.networks.protocols import Access, Refused
from listening.networks.publishing import OutgoingMedia, OutgoingPiece
from listening.networks.wordpress import writing as wordpress

TOPIC = "How we true a wheel"


def shaped(network: str, *, facts: dict[str, Any] | None = None, body: str = "", **said: Any) -> Variant:
    """A variant of no database."""
    channel = Channel(organization_id=1, network=network, handle="acme", name="Acme", account_id="1")
    if facts:
        channel.connection = Connection(organization_id=1, network=network, facts=facts)
    piece = Piece(organization_id=1, title="Wheels", body=body, language="en")
    return Variant(organization_id=1, piece=piece, channel=channel, **{"text": "Spokes first.", **said})


def picture(variant: Variant, *, alt: str = "A wheel.", kind: str = "image/png", size: int = 2000) -> VariantMedia:
    media = Media(organization_id=1, name="wheel.png", content_type=kind, size=size, alt=alt)
    return VariantMedia(organization_id=1, variant=variant, media=media)


def blocking(variant: Variant, media: list[VariantMedia] | None = None) -> list[tuple[str, str]]:
    return [(one.field, one.kind) for one in checks_of(variant, media or []) if one.is_blocking]


@pytest.mark.parametrize(
    ("network", "said", "found"),
    [
        ("practice", {}, []),
        ("practice", {"text": ""}, [("text", "missing")]),
        ("practice", {"title": "Wheels", "warning": "Blood", "text": "x" * 486}, [("text", "length")]),
        ("own-feed", {"title": "Wheels", "text": "x" * 9000, "visibility": "unlisted"}, [("visibility", "not_there")]),
        ("mastodon", {"text": "x" * 478, "link": "https://a.example/b"}, [("text", "length")]),
        ("mastodon", {"text": "x" * 475, "link": "https://a.example/a-long-way-to-say-it"}, []),
        ("mastodon", {"warning": "x" * 480, "text": "y" * 21}, [("text", "length")]),
        ("mastodon", {"visibility": "unlisted", "slug": "wheels"}, [("slug", "not_there")]),
        ("mastodon", {"link": "wheels"}, [("link", "odd")]),
        ("bluesky", {"text": "x" * 301}, [("text", "length")]),
        ("bluesky", {"text": "👩‍👩‍👧‍👦" * 200}, [("text", "length")]),
        ("bluesky", {"warning": "Blood", "title": "Wheels"}, [("title", "not_there"), ("warning", "not_there")]),
        ("bluesky", {"tags": ["a"] * 9, "visibility": "followers"}, [("visibility", "not_there"), ("tags", "length")]),
        ("wordpress", {}, [("title", "missing")]),
        ("wordpress", {"title": "Wheels", "slug": "wheels", "categories": ["a", "b"], "text": "x" * 9000}, []),
        ("discourse", {"title": "Wheels", "text": "x" * 40}, [("title", "length")]),
        ("discourse", {"title": TOPIC, "text": "x" * 40, "categories": ["a", "b"]}, [("categories", "length")]),
        ("taken-away", {"title": "Wheels", "text": "x" * 9000}, []),
    ],
)  # fmt: skip
def test_a_network_takes_what_it_takes(network: str, said: dict[str, Any], found: list[tuple[str, str]]) -> None:
    assert blocking(shaped(network, **said)) == found


def test_media_are_as_many_as_small_and_as_well_described_as_the_network_wants() -> None:
    variant = shaped("bluesky", link="https://a.example/")
    assert blocking(variant, [picture(variant)]) == [("link", "not_there")]
    variant = shaped("bluesky")
    assert blocking(variant, [picture(variant)] * 4) == []
    assert blocking(variant, [picture(variant)] * 5) == [("media", "media")]
    assert blocking(variant, [picture(variant, alt=" ")]) == [("media", "alt")]
    assert blocking(variant, [picture(variant, kind="video/mp4")]) == [("media", "media")]
    # A picture is made as small as it has to be, and of a type that goes there; a film is not.
    assert blocking(variant, [picture(variant, size=1_000_001)]) == []
    film = shaped("mastodon", facts={"video_size": 1_000_000})
    assert blocking(film, [picture(film, kind="video/mp4", size=1_000_001)]) == [("media", "media")]
    variant = shaped("mastodon")
    assert blocking(variant, [picture(variant), picture(variant, kind="video/mp4")]) == [("media", "media")]
    variant = shaped("discourse", title="How we true a wheel", text="")
    assert blocking(variant, [picture(variant)]) == []
    assert blocking(variant, [picture(variant, kind="video/mp4")]) == [("media", "media")]
    variant = shaped("practice")
    assert blocking(variant, [picture(variant)]) == [("media", "not_there")]


def test_limits_are_those_of_the_server_that_is_connected() -> None:
    long = shaped("mastodon", facts={"max_characters": 5000, "max_media": 8}, text="x" * 4000)
    assert (blocking(long), length_of_variant(long).most) == ([], 5000)
    assert blocking(long, [picture(long)] * 9) == [("media", "media")]


words = st.text(st.sampled_from("ab .é👩‍👧😀\n#@"), max_size=320)
fields = {
    "text": words,
    "title": st.sampled_from(["", "Wheels", "How we true a wheel, and why"]),
    "link": st.sampled_from(["", "https://a.example/wheels"]),
    "warning": st.sampled_from(["", "Blood"]),
    "visibility": st.sampled_from(["", "public", "unlisted"]),
    "slug": st.sampled_from(["", "wheels"]),
    "tags": st.lists(st.sampled_from(["wheel", "rim"]), max_size=9),
    "categories": st.lists(st.sampled_from(["wheel", "rim"]), max_size=2),
}


@pytest.mark.parametrize("network", ["mastodon", "bluesky", "wordpress", "discourse"])
@settings(max_examples=40)
@given(said=st.fixed_dictionaries(fields), pictures=st.integers(0, 5))
def test_what_is_not_blocked_no_adapter_refuses(network: str, said: dict[str, Any], pictures: int) -> None:
    variant = shaped(network, **said)
    media = [picture(variant) for _each in range(pictures)]
    if not blocking(variant, media):
        _refuse(network, variant, pictures)


def _refuse(network: str, variant: Variant, pictures: int) -> None:
    """Ask the adapter itself, as it does before it sends."""
    plain = outgoing_of(variant)
    media = tuple(OutgoingMedia("wheel.png", "image/png", b"x" * 2000, "A wheel.") for _each in range(pictures))
    outgoing = OutgoingPiece(**{name: getattr(plain, name) for name in plain.__slots__} | {"media": media})
    access = Access()
    match network:
        case "mastodon":
            mastodon._refuse_what_would_be_lost(access, outgoing)
            checked_length(access, mastodon.words_of_piece(outgoing), warning=outgoing.warning)
        case "bluesky":
            bluesky._refuse_what_would_be_lost(outgoing)
            if problem := bluesky.why_too_long(outgoing.text):
                raise Refused(problem)
        case "wordpress":
            wordpress._refuse_what_would_be_lost(outgoing)
        case "discourse":
            discourse._refuse_what_would_be_lost(access, outgoing)


def test_markdown_is_read_as_plain_words() -> None:
    body = "# Wheels\n\nTrue *them* [here](https://a.example/b) often.\n\n- one\n- two\n\n1. three\n\n> said\n\n"
    body += "```\ncode\n```"
    assert plain_text(body) == (
        "Wheels\n\nTrue them here (https://a.example/b) often.\n\n• one\n• two\n\n1. three\n\nsaid\n\ncode"
    )
    assert first_link(body) == "https://a.example/b"
    assert first_link("See https://a.example/c. Now") == "https://a.example/c"


@given(text=st.text(st.sampled_from("ab c. !?\n。"), max_size=300), most=st.integers(2, 60))
def test_what_is_cut_fits_and_was_said(text: str, most: int) -> None:
    found = cut(text, lambda part: len(part) <= most)
    assert len(found) <= most and text.strip().startswith(found.removesuffix("…"))
    assert found or not text.strip()


def test_a_text_is_cut_at_a_sentence_else_at_a_word() -> None:
    def fits(part: str) -> bool:
        return len(part) <= 24

    assert cut("Spokes first. Then the rim, slowly.", fits) == "Spokes first."
    assert cut("Spokes first and then the rim", fits) == "Spokes first and then…"
    assert cut("x" * 30, fits) == "x" * 23 + "…"


def test_a_variant_is_filled_with_its_link_and_fits() -> None:
    body = " ".join(["A sentence about wheels."] * 40) + " [More](https://a.example/wheels)."
    for network, most in (("mastodon", 500), ("bluesky", 300), ("practice", 500)):
        variant = shaped(network, body=body, text="")
        for name, value in filled_from_body(variant).items():
            setattr(variant, name, value)
        assert variant.link == "https://a.example/wheels" and variant.text.endswith("wheels.")
        assert blocking(variant) == [] and most - 30 < length_of_variant(variant).used <= most
    page = filled_from_body(shaped("wordpress", body=body, text=""))
    assert (page["title"], page["text"]) == ("Wheels", body)


def test_a_preview_is_drawn_from_what_goes_out() -> None:
    variant = shaped("mastodon", text="Ask @a@b.example " + "x" * 500, warning="Long", link="https://a.example/b")
    preview = preview_of(variant, [])
    assert preview.template == "content/looks/microblog.html" and preview.card and preview.card.host == "a.example"
    taken = "".join(part.text for part in preview.parts if not part.is_over)
    assert preview.is_cut and taken.startswith("Ask @a x") and len(taken) == 500 - len("Long")
    assert [part.kind for part in preview.parts][:2] == ["text", "mention"]
    page = preview_of(shaped("wordpress", text="# One\n\n<i>two</i>"), [])
    assert page.html == "<h4>One</h4>\n<p>&lt;i&gt;two&lt;/i&gt;</p>"
    assert preview_of(shaped("bluesky", link="https://a.example/", title="Wheels"), []).card.title == "Wheels"  # type: ignore[union-attr]
