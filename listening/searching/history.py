"""What a tracking query said before: who changed it, when, and how."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import Any

from listening.models import TrackingQuery
from roles.models import AuditEntry
from roles.sentences import sentence

KEPT = 50
Piece = tuple[str, str]


def history(query: TrackingQuery) -> list[dict[str, Any]]:
    """Return the changes of a query, the newest first, each with the pieces of its expression that changed."""
    entries = AuditEntry.objects.filter(subject_kind="trackingquery", subject_id=query.pk).order_by("-pk")[:KEPT]
    return [{"at": entry.at, "sentence": sentence(entry), **_changed(entry)} for entry in entries]


def _changed(entry: AuditEntry) -> dict[str, Any]:
    before, after = entry.before or {}, entry.after or {}
    written = str(after.get("expression", ""))
    pieces: list[Piece] = []
    if "expression" in before and written:
        pieces = difference(str(before["expression"]), written)
    elif written:
        pieces = [("same", written)]
    names = (str(before.get("name", "")), str(after.get("name", ""))) if "name" in before and "name" in after else None
    return {"pieces": pieces, "names": names, "although_wide": after.get("although_wide", "")}


def difference(before: str, after: str) -> list[Piece]:
    """Cut two texts into what both say (“same”), what went (“gone”) and what is new (“new”), by words."""
    old, new = (re.findall(r"\w+|\s+|[^\w\s]", text) for text in (before, after))
    pieces: list[Piece] = []
    for kind, start, end, begins, ends in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(("same", "".join(old[start:end])))
            continue
        pieces += [("gone", "".join(old[start:end])), ("new", "".join(new[begins:ends]))]
    return [piece for piece in pieces if piece[1]]
