"""What stands in the way of a variant at its network: the same rules for the page, the API and whoever plans."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from content.models import Variant, VariantMedia
from content.shaping import form_of, length_of, takes_first_comment, words_of
from content.tracking import as_long
from listening.networks.publishing import PieceForm

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Problem:
    """Something that a network would refuse (`is_blocking`) or a reader would miss; `field` is where it stands."""

    field: str
    kind: Literal["length", "missing", "not_there", "media", "alt", "odd"]
    message: str
    is_blocking: bool = True


@dataclass(frozen=True)
class Length:
    """How long a variant is, as its network counts, and how long it may be there; None where there is no limit."""

    used: int
    most: int | None
    bytes_over: int = 0

    @property
    def left(self) -> int | None:
        """How much may still be written; less than nothing where it is too long."""
        return None if self.most is None else self.most - self.used

    @property
    def is_over(self) -> bool:
        """Whether it is too long."""
        return self.bytes_over > 0 or (self.left is not None and self.left < 0)


def length_of_variant(variant: Variant) -> Length:
    """Count a variant as its network does: with what is added to the text there."""
    words, limits = as_long(words_of(variant), variant), form_of(variant.channel).limits
    return Length(length_of(variant, words), limits.text, limits.bytes_over(words))


def checks_of(variant: Variant, media: Iterable[VariantMedia] | None = None) -> list[Problem]:
    """Return what is wrong with a variant, what blocks first; its media are read unless they are handed in."""
    form = form_of(variant.channel)
    rows = list(variant.media_rows.select_related("media")) if media is None else list(media)
    found = [problem for check in _CHECKS for problem in check(variant, form, rows)]
    return sorted(found, key=lambda problem: not problem.is_blocking)


_Rows = Sequence[VariantMedia]
_Check = Callable[[Variant, PieceForm, _Rows], Iterator[Problem]]


def _length(variant: Variant, form: PieceForm, media: _Rows) -> Iterator[Problem]:
    length = length_of_variant(variant)
    if not (variant.text.strip() or media):
        yield Problem("text", "missing", _("There is nothing to read yet."))
    elif length.used < form.limits.least and not media:
        yield Problem("text", "length", _("It is shorter than %(n)s characters.") % {"n": form.limits.least})
    if length.left is not None and length.left < 0:
        said = ngettext("It is %(n)s character too long.", "It is %(n)s characters too long.", -length.left)
        yield Problem("text", "length", said % {"n": number_format(-length.left, force_grouping=True)})
    if length.bytes_over:
        said = ngettext("It is %(n)s byte too long.", "It is %(n)s bytes too long.", length.bytes_over)
        yield Problem("text", "length", said % {"n": number_format(length.bytes_over, force_grouping=True)})


def _title(variant: Variant, form: PieceForm, media: _Rows) -> Iterator[Problem]:
    title = variant.title.strip()
    if form.title == "required" and not title:
        yield Problem("title", "missing", _("It needs a title there."))
    elif title and form.title == "none":
        yield Problem("title", "not_there", _("There is no title there. Write it into the text."))
    elif title and form.title == "card" and not (variant.link and not media):
        yield Problem("title", "not_there", _("A title is shown only with the card of a link. Write it into the text."))
    elif title and form.title != "card" and not form.shortest_title <= len(title) <= form.longest_title:
        said = {"least": form.shortest_title, "most": form.longest_title}
        yield Problem("title", "length", _("A title has %(least)s to %(most)s characters there.") % said)


def _link(variant: Variant, form: PieceForm, media: _Rows) -> Iterator[Problem]:
    if not variant.link:
        return
    if not variant.link.startswith(("https://", "http://")) or any(sign.isspace() for sign in variant.link):
        yield Problem("link", "odd", _("This is not a web address. It begins with https:// and has no spaces."))
    elif media and form.refuses_card_with_media:
        yield Problem("link", "not_there", _("Either media or the card of a link. Put the link into the text."))


def _what_is_not_there(variant: Variant, form: PieceForm, _media: _Rows) -> Iterator[Problem]:
    if variant.warning and form.warning == "none":
        yield Problem("warning", "not_there", _("There are no content warnings there. Say it in the text."))
    if variant.visibility and variant.visibility not in form.visibilities:
        yield Problem("visibility", "not_there", _("This cannot be chosen there."))
    if variant.slug and not form.has_slug:
        yield Problem("slug", "not_there", _("The address cannot be chosen there."))
    if variant.first_comment.strip() and not takes_first_comment(variant.channel):
        yield Problem("first_comment", "not_there", _("There is no first comment there. Put it into the text."))
    for name, most in (("categories", form.most_categories), ("tags", form.most_tags)):
        values = getattr(variant, name)
        if values and most == 0:
            yield Problem(name, "not_there", _("There are none of these there."))
        elif most is not None and len(values) > most:
            said = ngettext("At most %(n)s is taken there.", "At most %(n)s are taken there.", most)
            yield Problem(name, "length", said % {"n": most})


def _media(variant: Variant, form: PieceForm, media: _Rows) -> Iterator[Problem]:
    if media and form.most_media == 0:
        yield Problem("media", "not_there", _("No media go there from here. Put a link to them into the text."))
        return
    if form.most_media is not None and len(media) > form.most_media:
        yield Problem("media", "media", _("At most %(n)s of the media go there.") % {"n": form.most_media})
    if not form.mixes_media and len(media) > 1 and any(not _is_image(row) for row in media):
        yield Problem("media", "media", _("A film or a sound goes alone there."))
    for row in media:
        yield from _one_of_media(row, form)


def _one_of_media(row: VariantMedia, form: PieceForm) -> Iterator[Problem]:
    said = {"name": row.media.name}
    # A picture is made as small as it has to be, and of a type that goes there (`content.renditions`).
    is_made_to_fit = _is_image(row) and any(kind.startswith("image/") for kind in form.media_types)
    if not is_made_to_fit and not row.media.content_type.startswith(form.media_types):
        yield Problem("media", "media", _("“%(name)s” is of a kind that does not go there.") % said)
    most = None if is_made_to_fit else form.largest_film
    if most is not None and row.media.size > most:
        said |= {"most": number_format(most / MEGABYTE, 1)}
        yield Problem("media", "media", _("“%(name)s” is larger than the %(most)s MB that go there.") % said)
    words = (row.alt or row.media.alt).strip()
    if not words:
        yield Problem("media", "alt", _("“%(name)s” says nothing to those who cannot see or hear it.") % said)
    elif form.longest_alt is not None and len(words) > form.longest_alt:
        said |= {"most": str(form.longest_alt)}
        yield Problem("media", "alt", _("What “%(name)s” says has more than %(most)s characters.") % said)


def _is_image(row: VariantMedia) -> bool:
    return row.media.content_type.startswith("image/")


def _oddities(variant: Variant, form: PieceForm, _media: _Rows) -> Iterator[Problem]:
    """What no network refuses and readers miss all the same."""
    if not variant.language and not variant.piece.language:
        yield Problem("language", "odd", _("It does not say in which language it is."), is_blocking=False)
    if not form.is_markdown and ("](" in variant.text or "**" in variant.text):
        yield Problem("text", "odd", _("Marks such as **bold** are shown as they are typed there."), is_blocking=False)


_CHECKS: Sequence[_Check] = (_length, _title, _link, _what_is_not_there, _media, _oddities)
