"""What a member typed and did not save, beside what is saved: offered back as long as both differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.forms import BaseForm
from django.http import QueryDict

from content.models import Piece, PieceDraft, Variant
from content.piece_changes import Change
from content.piece_forms import BodyForm, VariantForm
from listening.difference import compare
from roles.models import Member

MOST_OFFERED = 3


@dataclass(frozen=True)
class Offered:
    """A draft, and how it differs from what is saved."""

    draft: PieceDraft
    changes: Sequence[Change]


def offered_to(member: Member, piece: Piece, variant: Variant | None, *, but: str = "") -> list[Offered]:
    """Return what a member left unsaved in other windows, the newest first; `but` is what they go on with."""
    rows = PieceDraft.objects.filter(piece=piece, variant=variant, member=member).exclude(window=but)
    form = form_of_part(piece, variant)
    found = (Offered(row, changes) for row in rows[:MOST_OFFERED] if (changes := _changes(row, form)))
    return list(found)


def form_of_part(piece: Piece, variant: Variant | None, data: Any = None) -> BaseForm:
    """Return the form of a body or of a variant, with what is saved or with what was typed."""
    if variant is not None:
        return VariantForm(data, variant=variant)
    return BodyForm(data, initial=BodyForm.values_of(piece))


def form_of_draft(piece: Piece, variant: Variant | None, draft: PieceDraft) -> BaseForm:
    """Return the form with what was typed into it; what a draft does not say is as it is saved."""
    saved = form_of_part(piece, variant)
    data = QueryDict(mutable=True)
    for name in saved.fields:
        data[name] = str(draft.fields.get(name, _saved(saved, name)))
    return form_of_part(piece, variant, data)


def _changes(draft: PieceDraft, form: BaseForm) -> list[Change]:
    found = []
    for name, typed in draft.fields.items():
        if name not in form.fields:
            continue
        was, is_now = _saved(form, name), str(typed).replace("\r\n", "\n").rstrip()
        if was != is_now:
            found.append(Change(str(form.fields[name].label), compare(was, is_now)))
    return found


def _saved(form: BaseForm, name: str) -> str:
    """What a field shows of what is saved, as somebody would have typed it."""
    value = form.get_initial_for_field(form.fields[name], name)
    if isinstance(value, list):
        return ", ".join(value)
    value = getattr(value, "pk", value)
    return "" if value is None else str(value).rstrip()
