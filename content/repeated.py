"""Whether what is planned says almost the same as something else on its channel, as stories of mentions are found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache

from django.db.models.functions import Left

from content.models import Publication, Variant
from listening.stories.likeness import Telling, keys_of, likeness, tell

# Who said the same on a channel within so long is repeating themselves.
WITHIN = timedelta(days=14)
# So much of a text is compared, and with so many of those that are nearest in time.
LONGEST, MOST = 1_000, 200


def alike_among(texts: Iterable[tuple[int, int, str, datetime]]) -> Mapping[int, int]:
    """Which say almost the same as an earlier one on their channel: (key, channel, text, moment) in, key by key out."""
    found: dict[int, int] = {}
    met: defaultdict[int, dict[int, list[tuple[int, str, datetime]]]] = defaultdict(dict)
    for key, channel, text, at in texts:
        said_there = met[channel]
        for number in _keys(text):
            here = said_there.setdefault(number, [])
            if here and key not in found:
                near = (other for other, said, then in here if abs(at - then) <= WITHIN and _alike(text, said))
                if (other := next(near, None)) is not None:
                    found[key] = other
            if len(here) < 3:
                here.append((key, text, at))
    return found


def alike_one(variant: Variant, due_at: datetime, *, publication: Publication | None = None) -> Publication | None:
    """What is planned or was said on the channel near a moment, and says almost the same; the nearest of them."""
    rows = Publication.objects.taking_place().between(due_at - WITHIN, due_at + WITHIN).filter(channel=variant.channel)
    if publication is not None:
        rows = rows.exclude(pk=publication.pk)
    near = rows.annotate(said=Left("variant__text", LONGEST)).select_related("variant__piece", "variant__channel")
    nearest = sorted(near.in_time()[:MOST], key=lambda row: abs(row.due_at - due_at))
    own = variant.text[:LONGEST]
    return next((row for row in nearest if _alike(own, row.said)), None)


@lru_cache(maxsize=4096)
def _told(text: str) -> Telling:
    return tell("", text)


@lru_cache(maxsize=4096)
def _keys(text: str) -> tuple[int, ...]:
    return tuple(keys_of(_told(text)))


@lru_cache(maxsize=4096)
def _alike(one: str, other: str) -> bool:
    return bool(likeness(_told(one), _told(other)))
