"""What is typed and not saved: kept while one types, offered back, discarded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from content.models import Piece, PieceDraft, Variant
from roles.models import Member
from roles.permissions import allowed

LONGEST, MOST_FIELDS, MOST_KEPT = 400_000, 40, 12
_WINDOW = re.compile(r"[a-z0-9]{4,16}")


@allowed("content.write")
@transaction.atomic
def keep_piece_draft(
    piece: Piece,
    *,
    variant: Variant | None,
    window: str,
    fields: Mapping[str, str],
    version: int,
    by: Member,
    at: datetime,
) -> PieceDraft:
    """Keep what a member has typed in a window. The audit log has no interest in keystrokes.

    Raises ValidationError for a window without a name and for more than anybody types.
    """
    if not _WINDOW.fullmatch(window):
        raise ValidationError({"window": _("A window has a name of small letters and digits.")})
    if len(fields) > MOST_FIELDS or sum(map(len, fields.values())) > LONGEST:
        raise ValidationError({"fields": _("That is more than a piece can have.")})
    row, _is_new = PieceDraft.objects.update_or_create(
        piece=piece, variant=variant, member=by, window=window,
        defaults={"fields": dict(fields), "version": version, "saved_at": at},
    )  # fmt: skip
    old = PieceDraft.objects.filter(piece=piece, variant=variant, member=by).values_list("pk", flat=True)[MOST_KEPT:]
    PieceDraft.objects.filter(pk__in=list(old)).delete()
    return row


@allowed("content.write")
@transaction.atomic
def discard_piece_draft(draft: PieceDraft, *, by: Member, at: datetime) -> None:
    """Forget what a member typed and did not save; nobody forgets another's."""
    PieceDraft.objects.filter(pk=draft.pk, member=by).delete()


@allowed("content.write")
@transaction.atomic
def use_up_drafts(piece: Piece, *, variant: Variant | None, windows: tuple[str, ...], by: Member, at: datetime) -> None:
    """Remove what has been saved: the draft of the window, and of the one that it went on with."""
    PieceDraft.objects.filter(piece=piece, variant=variant, member=by, window__in=windows).delete()
