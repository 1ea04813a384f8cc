"""What a person posts by hand: the words with links of ours in them, and the media with what is said of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from content.digest import digest_of
from content.models import Publication, TrackedLink, Variant, VariantMedia
from content.tracking import tracked, with_links
from listening import networks
from listening.networks.publishing import Publishes


@dataclass(frozen=True)
class ToPost:
    """What is posted by hand, as it is copied and downloaded; `is_edited` where it has another wording by now."""

    words: str
    first_comment: str
    media: tuple[VariantMedia, ...]
    is_edited: bool = False


def to_post(publications: Sequence[Publication]) -> dict[int, ToPost]:
    """Return what is posted by hand, by publication, of those that are; for many in as many queries as for one."""
    rows = [row for row in publications if is_by_hand(row)]
    if not rows:
        return {}
    links: dict[int | None, dict[str, TrackedLink]] = defaultdict(dict)
    for link in TrackedLink.objects.filter(publication__in=rows):
        links[link.publication_id][link.address] = link
    variants = Variant.objects.filter(pk__in={row.variant_id for row in rows}).with_media().in_bulk()
    found = {}
    for row in rows:
        variant, known = variants[row.variant_id], links[row.pk]
        variant.piece = row.variant.piece
        found[row.pk] = ToPost(
            words=with_links(words_of(variant), known),
            first_comment=with_links(variant.first_comment, known),
            media=tuple(variant.media_rows.all()),
            is_edited=row.state == Publication.State.ACCEPTED and digest_of(variant) != row.digest,
        )
    return found


def is_by_hand(row: Publication) -> bool:
    """Whether a person posts it, or has posted it, where no program leads."""
    is_out = row.state == Publication.State.ACCEPTED and not networks.can(row.channel.network, Publishes)
    return is_out or row.state == Publication.State.BY_HAND


def words_of(variant: Variant) -> str:
    """Return all words in the order in which a person posts them: title, text, link, and tags that it lacks."""
    said_already = variant.text.casefold()
    tags = ["#" + tag.removeprefix("#").replace(" ", "") for tag in variant.tags]
    missing = " ".join(tag for tag in tags if len(tag) > 1 and tag.casefold() not in said_already)
    link = variant.link if variant.link not in variant.text else ""
    return "\n\n".join(filter(None, (variant.title.strip(), variant.text.strip(), link, missing)))


def track_links(row: Publication) -> None:
    """Make the links of ours that the words get, each once. Inside a transaction, with the row held."""
    for words in (words_of(row.variant), row.variant.first_comment):
        tracked(words, row)
