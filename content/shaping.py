"""What a variant becomes at its network, before it goes out: the network says it, by what its server told us."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from content.models import Variant
from listening import networks
from listening.models import Channel
from listening.networks.protocols import Replies
from listening.networks.publishing import OutgoingPiece, PieceForm, ShapesPieces, Span

# A piece is shaped before anybody knows when it goes out.
_SOMETIME = datetime(2000, 1, 1, tzinfo=UTC)


def form_of(channel: Channel) -> PieceForm:
    """Return what a piece can have in a channel; where its network says nothing, a person posts it as they can."""
    if network := _network(channel):
        return network.piece_form(facts_of(channel))
    return PieceForm(limits=networks.counted(channel.network, "", facts_of(channel))[1])


def facts_of(channel: Channel) -> dict[str, Any]:
    """Return what the connection of a channel knows of its server."""
    return dict(channel.connection.facts) if channel.connection else {}


def takes_first_comment(channel: Channel) -> bool:
    """Whether something can be answered below our own post."""
    return networks.can(channel.network, Replies)


def words_of(variant: Variant) -> str:
    """Return all words that the network counts, as they would stand there."""
    return words_of_piece(variant, outgoing_of(variant))


def words_of_piece(variant: Variant, outgoing: OutgoingPiece) -> str:
    """Return the same of a piece that is on its way out for a variant."""
    network = _network(variant.channel)
    return outgoing.text if network is None else network.piece_words(outgoing)


def length_of(variant: Variant, words: str) -> int:
    """Count words as the variant's network does."""
    return networks.counted(variant.channel.network, words, facts_of(variant.channel))[0]


def spans_of(variant: Variant, text: str) -> Sequence[Span]:
    """Return what in a text is a link, a mention or a hashtag there."""
    network = _network(variant.channel)
    return network.piece_spans(text) if network else ()


def outgoing_of(variant: Variant) -> OutgoingPiece:
    """Return the variant as its network would get it, without its media."""
    return OutgoingPiece(
        key="",
        text=variant.text,
        at=_SOMETIME,
        title=variant.title,
        language=variant.language,
        link=variant.link,
        warning=variant.warning,
        visibility=variant.visibility,  # type: ignore[arg-type]
        slug=variant.slug,
        categories=tuple(variant.categories),
        tags=tuple(variant.tags),
    )


def _network(channel: Channel) -> ShapesPieces | None:
    found: object = networks.get(channel.network) if networks.is_installed(channel.network) else None
    return found if isinstance(found, ShapesPieces) else None
