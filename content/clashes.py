"""What stands in the way of saying something at a moment; it is shown where one plans, and forbids nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from content.holding import held_back
from content.meanwhile import between
from content.models import Publication, Variant
from content.repeated import alike_one
from content.slots import CLOSE
from roles.wording import in_order

MOST = 5
MOMENT = timedelta(minutes=1)


class Clash(NamedTuple):
    """One reason to choose another time; `piece` is what it is about, where that is one."""

    kind: str
    words: str
    piece: int | None = None


def clashes_of(
    variant: Variant, due_at: datetime, *, at: datetime, publication: Publication | None = None
) -> list[Clash]:
    """What stands in the way of a variant at a moment, `publication` being the one that would be moved there."""
    found = [*_close(variant, due_at, publication), *_meanwhile(variant, due_at)]
    if (reason := held_back(variant.department, at=at)) and not any(one.words == reason for one in found):
        found.append(Clash("held", _("%(reason)s Until that is over nothing goes out.") % {"reason": reason}))
    if (other := alike_one(variant, due_at, publication=publication)) is not None:
        said = {"title": other.variant.piece, "when": _said(other.due_at)}
        words = _("“%(title)s” says almost the same on this channel: %(when)s.") % said
        found.append(Clash("alike", words, other.variant.piece_id))
    return found


def _close(variant: Variant, due_at: datetime, publication: Publication | None) -> Iterable[Clash]:
    rows = Publication.objects.taking_place().between(due_at - CLOSE + MOMENT, due_at + CLOSE)
    rows = rows.filter(channel=variant.channel).select_related("variant__piece")
    if publication is not None:
        rows = rows.exclude(pk=publication.pk)
    for row in rows.in_time()[:MOST]:
        said = {"title": row.variant.piece, "when": _said(row.due_at)}
        words = _("“%(title)s” goes out on the same channel: %(when)s.") % said
        yield Clash("close", words, row.variant.piece_id)


def _meanwhile(variant: Variant, due_at: datetime) -> Iterable[Clash]:
    for one in between(due_at, due_at + MOMENT):
        if one.concerns(variant.piece.department_id, due_at):
            yield Clash("meanwhile", one.words)


def _said(at: datetime) -> str:
    return formats.date_format(timezone.localtime(at), in_order("j M Y, H:i"))
