"""What changed between two versions of a piece, for people: in the body and in each of its variants."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from content.documents import Document
from content.models import Piece, Variant
from engagement.models.joinings import Step
from listening.difference import Part, compare
from listening.languages import language_name
from roles.wording import labelled, listed


@dataclass(frozen=True)
class Change:
    """One field that is otherwise than before, with what went and what is new in it."""

    label: str
    parts: Sequence[Part]


@dataclass(frozen=True)
class Section:
    """The body, or one variant: whether it is new or was taken away, and its changed fields."""

    title: str
    network: str = ""
    kind: str = "changed"
    changes: Sequence[Change] = ()


def changes_between(before: Document | None, after: Document) -> list[Section]:
    """Return what is otherwise in a document than in the one before; everything is new where there was none."""
    found = []
    old = before or {"piece": {}, "variants": {}}
    if changes := list(_changes(Piece, old["piece"], after["piece"])):
        found.append(Section(_("Text"), changes=changes))
    for key in dict.fromkeys([*after["variants"], *old["variants"]]):
        was, is_now = old["variants"].get(key), after["variants"].get(key)
        said = is_now or was
        changes = list(_changes(Variant, was or {}, is_now or {}))
        kind = "changed" if was and is_now else "new" if is_now else "gone"
        if changes or kind != "changed":
            found.append(Section(said["channel_name"], said["network"], kind, changes))
    return found


# What is kept by key is another kind of change, which the log tells.
_BY_KEY = {"topic", "department", "campaign", "series", "channel", "channel_name", "network"}


def _changes(model: Any, was: dict[str, Any], is_now: dict[str, Any]) -> Iterator[Change]:
    for name in dict.fromkeys([*is_now, *was]):
        old, new = _said(name, was.get(name)), _said(name, is_now.get(name))
        if name in _BY_KEY or old == new:
            continue
        label = _("Media") if name == "media" else str(model._meta.get_field(name).verbose_name)
        yield Change(label[:1].upper() + label[1:], compare(old, new))


def _said(name: str, value: Any) -> str:
    """A value as people read it."""
    if value in (None, "", []):
        return ""
    if name == "media":
        return "\n\n".join(labelled(one["name"], one["alt"]) if one["alt"] else one["name"] for one in value)
    if name == "language":
        return language_name(value)
    labels = {"step": Step, "kind": Piece.Kind, "visibility": Variant.Visibility}
    if name in labels:
        return str(dict(labels[name].choices).get(value, value))
    return listed(value) if isinstance(value, list) else str(value)
