"""That nothing is late without a word: what missed its time is put before a person, and plans follow the clocks."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from content.first_comments import comments_out
from content.gate import goes_on_by_itself
from content.mailing import remind_of_publication
from content.models import Piece, Publication
from content.planning import due_of
from content.publishing import State, go_on, look_at_plan, miss, publications_out, stand_by
from engagement.stop_querysets import go_through
from listening.way_out.reminding import remind as remind_of

AT_ONCE = 200
# What is planned for later is looked at when it comes so near.
SOON = timedelta(days=7)


def look_after_late(*, at: datetime) -> int:
    """Miss what is late by more than its grace, and ask again what waited; returns how many were looked at."""
    rows = Publication.objects.not_begun().order_by("due_at", "pk")
    # What is ready and was not put off is missed by the worker whose turn it is.
    late = rows.too_late(at).exclude(state=State.READY, problem="").values_list("pk", flat=True)
    waits = rows.filter(state__in=[State.WAITING, State.HELD], due_at__lte=at).values_list("pk", flat=True)
    keys = sorted({*late[:AT_ONCE], *waits[:AT_ONCE]})
    for key in keys:
        with transaction.atomic():
            go_through()
            publications_out.lock_above(key)
            held = Publication.objects.not_begun().select_for_update(of=("self",), no_key=True).with_everything()
            row = held.filter(pk=key).first()
            if row is None or row.due_at > at:  # moved, taken off or begun meanwhile
                continue
            if at > row.missed_at:
                miss(row, at=at)
            elif row.state == State.WAITING:
                stand_by(row, at=at)
            elif row.state == State.HELD and goes_on_by_itself(row, at=at):
                go_on(row, at=at)
    return len(keys)


def look_at_plans(*, at: datetime) -> int:
    """Ask again what is planned soon waits for: whoever must have a say may be another now; returns how many pieces."""
    states = [State.WAITING, State.READY, State.BY_HAND]
    keys = (
        Publication.objects.filter(state__in=states, due_at__lt=at + SOON)
        .order_by("variant__piece")
        .values_list("variant__piece", flat=True)
    )
    pieces = list(keys.distinct())
    for key in pieces:
        with transaction.atomic():
            go_through()
            look_at_plan(Piece.objects.select_for_update(no_key=True, of=("self",)).get(pk=key), at=at)
    return len(pieces)


def reckon_due_times(*, at: datetime) -> int:
    """Reckon anew when plans are due, as zones are known now: a country may have changed its clocks since.

    Returns how many moved.
    """
    moved = 0
    rows = Publication.objects.not_begun().filter(due_at__gt=at)
    for row in rows.only("on_day", "at_time", "zone", "due_at", "next_attempt_at").iterator(chunk_size=500):
        try:
            due_at = due_of(row.on_day, row.at_time, row.zone)
        except ValidationError:  # a zone that is not known here any more: it stays at the moment that it had
            continue
        if due_at != row.due_at:
            same = Publication.objects.not_begun().filter(pk=row.pk, due_at=row.due_at)
            moved += same.update(due_at=due_at, next_attempt_at=due_at)
    return moved


def remind(*, at: datetime) -> int:
    """Write to those who must act on a publication, or on what was to be said below it; returns how many were told."""
    told = remind_of(publications_out, write=lambda row, owner: remind_of_publication(row, owner, at=at), at=at)
    return told + remind_of(
        comments_out, write=lambda row, owner: remind_of_publication(row.publication, owner, at=at), at=at
    )
