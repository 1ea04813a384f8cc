"""Pieces: beginning, editing, dropping, picking up again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from content.documents import PIECE_FIELDS, fields_of
from content.models import Idea, Piece, Publication
from content.versions import keep_version, to_write
from content.writing import hold, saved
from engagement.refusals import Refusal
from roles.audit import record
from roles.models import Department, Member
from roles.permissions import allowed, require


def begin_piece(title: str, *, by: Member, at: datetime, **said: Any) -> Piece:
    """Begin a piece; `said` are its other fields, with `idea` and `from_piece` for what it comes from.

    Raises ValidationError for what a field does not take.
    """
    return _begin(said.get("department"), title=title, said=said, by=by, at=at)


@allowed("content.write")
@transaction.atomic
def _begin(_department: Department | None, *, title: str, said: dict[str, Any], by: Member, at: datetime) -> Piece:
    row = Piece(title=title.strip(), author=by, created_at=at, saved_at=at, saved_by=by, **_known(said))
    row.full_clean(exclude=["author", "saved_by"])
    row.save()
    if row.idea_id:
        used = Idea.objects.filter(pk=row.idea_id).exclude(state=Idea.State.MERGED)
        used.update(state=Idea.State.USED, settled_at=at, settled_by=by)
    keep_version(row, by, at)
    record("begin_piece", row, by=by, at=at, after={"idea": row.idea_id, "from_piece": row.from_piece_id})
    return row


@allowed("content.write")
@transaction.atomic
def edit_piece(piece: Piece, /, *, version: int | None = None, by: Member, at: datetime, **said: Any) -> Piece:
    """Change fields of a piece; what the writer left as it was in `version` stays as others made it since.

    Raises Opposed where somebody changed the same since, Refusal where it was dropped, ValidationError for what a field
    does not take, and NotAllowed where it would go to a department in which one may not write.
    """
    row = hold(piece)
    said = to_write(row, None, _known(said), fields_of(row, PIECE_FIELDS), version=version)
    if not said:
        return row
    if "department" in said:
        require(by, "content.write", said["department"])
    for name, value in said.items():
        setattr(row, name, value)
    row.full_clean(exclude=["author", "saved_by"])
    saved(row, by=by, at=at, fields=tuple(said))
    record("edit_piece", row, by=by, at=at, after={"fields": list(said), "version": row.version})
    return row


@allowed("content.write")
@transaction.atomic
def drop_piece(piece: Piece, *, by: Member, at: datetime) -> Piece:
    """Put a piece aside; it stays in the records. Raises Refusal while something of it is on its way out."""
    row: Piece = Piece.objects.select_for_update(of=("self",), no_key=True).get(pk=piece.pk)
    if row.state == Piece.State.DROPPED:
        return row
    if Publication.objects.under_way().filter(variant__piece=row).exists():
        raise Refusal(_("Something of it is planned. Take that off the plan first."))
    row.state = Piece.State.DROPPED
    saved(row, by=by, at=at, fields=("state",))
    record("drop_piece", row, by=by, at=at)
    return row


@allowed("content.write")
@transaction.atomic
def pick_up_piece(piece: Piece, *, by: Member, at: datetime) -> Piece:
    """Go on with a piece that was dropped."""
    row: Piece = Piece.objects.select_for_update(of=("self",), no_key=True).get(pk=piece.pk)
    if row.state == Piece.State.DROPPED:
        row.state = Piece.State.OPEN
        saved(row, by=by, at=at, fields=("state",))
        record("pick_up_piece", row, by=by, at=at)
    return row


def _known(said: dict[str, Any]) -> dict[str, Any]:
    unknown = set(said) - {*PIECE_FIELDS, "idea", "from_piece"}
    if unknown:
        raise TypeError(f"A piece has no {', '.join(sorted(unknown))}.")
    return said | ({"title": said["title"].strip()} if "title" in said else {})
