"""What is seen of a piece while it is written: how long it is, what stands in its way, what becomes of it."""

from __future__ import annotations

from typing import Any

from django.forms import BaseForm

from content.documents import VARIANT_FIELDS
from content.limits import checks_of, length_of_variant
from content.models import Piece, Variant
from content.previewing import preview_of
from content.shaping import form_of, length_of
from listening import networks


def look_of(piece: Piece, variant: Variant | None, form: BaseForm) -> dict[str, Any]:
    """Return what is seen of the body, or of a variant, as it is typed in a form."""
    if variant is None:
        return {"body": typed(form, "body", piece.body)}
    shaped = as_typed(variant, form)
    shape, length = form_of(shaped.channel), length_of_variant(shaped)
    problems = checks_of(shaped, variant.media_rows.all())
    return {
        "variant": shaped,
        "network": networks.label_of(shaped.channel.network),
        "shape": shape,
        "problems": problems,
        "is_blocked": any(one.is_blocking for one in problems),
        "length": length,
        "preview": preview_of(shaped, list(variant.media_rows.all())),
        # What is added to the text itself: the link, a title, hashtags.
        "more": length.used - length_of(shaped, shaped.text),
    }


def as_typed(variant: Variant, form: BaseForm) -> Variant:
    """Return a variant that says what stands in a form, and that nobody saves."""
    shaped = Variant(piece=variant.piece, channel=variant.channel, pk=variant.pk)
    values = form.cleaned_data if form.is_bound and form.is_valid() is not None else {}
    for name in VARIANT_FIELDS:
        setattr(shaped, name, values.get(name, getattr(variant, name)))
    return shaped


def typed(form: BaseForm, name: str, otherwise: str) -> str:
    """Return what stands in a field of a form, whether it is valid or not."""
    return str(form.data.get(name, otherwise)) if form.is_bound else otherwise
