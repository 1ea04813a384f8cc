"""How a variant looks at its network: drawn from the same words and marks that go out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import urlsplit

from django.utils.safestring import SafeString

from content.limits import length_of_variant
from content.models import Variant, VariantMedia
from content.shaping import form_of, length_of, outgoing_of, spans_of, words_of_piece
from listening.models import Channel
from listening.networks.markup import html_of_markdown
from listening.networks.publishing import PieceForm

Kind = Literal["text", "link", "mention", "tag"]


@dataclass(frozen=True)
class Part:
    """Some words of a text: what they are, and whether they are beyond what the network takes."""

    kind: Kind
    text: str
    is_over: bool = False


@dataclass(frozen=True)
class Card:
    """What a network shows of a link; most fetch its title themselves."""

    host: str
    title: str = ""


@dataclass(frozen=True)
class Preview:
    """A variant as its readers see it."""

    shape: PieceForm
    channel: Channel
    variant: Variant
    parts: Sequence[Part]
    html: SafeString
    media: Sequence[VariantMedia]
    card: Card | None

    @property
    def template(self) -> str:
        """The template that draws such a look."""
        return f"content/looks/{self.shape.look}.html"

    @property
    def is_cut(self) -> bool:
        """Whether some of the words are beyond what the network takes."""
        return any(part.is_over for part in self.parts)


def preview_of(variant: Variant, media: Sequence[VariantMedia]) -> Preview:
    """Return how a variant looks at its network."""
    shape = form_of(variant.channel)
    outgoing = outgoing_of(variant)
    # A warning that folds the text is counted with it and stands apart.
    words = words_of_piece(variant, replace(outgoing, warning="") if shape.warning == "folds" else outgoing)
    # html_of_markdown lets nothing of the writer's own through.
    html = SafeString(html_of_markdown(words, top=4)) if shape.is_markdown else SafeString("")
    return Preview(
        shape=shape,
        channel=variant.channel,
        variant=variant,
        parts=[] if shape.is_markdown else _parts(variant, words, _end_of_what_fits(variant, words)),
        html=html,
        media=media,
        card=_card(variant, shape, media),
    )


def _end_of_what_fits(variant: Variant, words: str) -> int:
    """Return how many characters of the words the network takes."""
    limits, used = form_of(variant.channel).limits, length_of_variant(variant)
    if not used.is_over:
        return len(words)
    before = used.used - length_of(variant, words)
    low, high = 0, len(words)
    while low < high:
        middle = (low + high + 1) // 2
        taken = words[:middle]
        fits = limits.text is None or length_of(variant, taken) + before <= limits.text
        if fits and not limits.bytes_over(taken):
            low = middle
        else:
            high = middle - 1
    return low


def _parts(variant: Variant, words: str, end: int) -> list[Part]:
    parts: list[Part] = []
    place = 0
    for span in spans_of(variant, words):
        parts += _cut("text", words, place, span.start, end)
        if span.shown and span.end <= end:
            parts.append(Part(span.kind, span.shown))
        else:
            parts += _cut(span.kind, words, span.start, span.end, end)
        place = span.end
    return [*parts, *_cut("text", words, place, len(words), end)]


def _cut(kind: Kind, words: str, start: int, stop: int, end: int) -> list[Part]:
    """Return some of the words, in two where what fits ends within them."""
    pieces = [(words[start : min(stop, end)], False), (words[max(start, end) : stop], True)]
    return [Part(kind, text, is_over) for text, is_over in pieces if text]


def _card(variant: Variant, shape: PieceForm, media: Sequence[VariantMedia]) -> Card | None:
    host = _host(variant.link)
    if not shape.has_card or media or not host:
        return None
    return Card(host, variant.title if shape.title == "card" else "")


def _host(link: str) -> str:
    try:
        return urlsplit(link).hostname or ""
    except ValueError:
        return ""
