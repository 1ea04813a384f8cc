"""Pictures made smaller, for our own pages and for what each network takes: rows with a due time, made by a worker."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from io import BytesIO

from celery.exceptions import SoftTimeLimitExceeded
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from content import media_housekeeping, pictures, storing
from content.models import Media, Rendition
from content.shaping import form_of
from listening.models import Channel
from roles.background import hint, turn_of

log = logging.getLogger(__name__)
# No picture that we keep is longer.
LONGEST_SIDE = 60_000
MOST_FAILURES = 5


@dataclass(frozen=True)
class Bounds:
    """How large a picture may be, and of what type, by its beginning; written out it names the rendition."""

    side: int = LONGEST_SIDE
    most_bytes: int | None = None
    types: tuple[str, ...] = ()

    def __str__(self) -> str:
        kinds = sha256(",".join(sorted(self.types)).encode()).hexdigest()[:8] if self.types else "any"
        return f"{self.side}/{self.most_bytes or 'any'}/{kinds}"

    def hold(self, media: Media) -> bool:
        """Whether a picture is within them as it is."""
        is_small = self.most_bytes is None or media.size <= self.most_bytes
        is_short = max(media.width or 0, media.height or 0) <= self.side
        return is_small and is_short and (not self.types or media.content_type.startswith(self.types))


@dataclass(frozen=True)
class Sendable:
    """A file as it is sent to a network."""

    body: bytes
    content_type: str


# What our own pages show where there is room for a thumb.
PREVIEW = Bounds(side=480, types=("image/jpeg", "image/png", "image/webp"))


def bounds_of(channel: Channel) -> Bounds:
    """Within what an account takes pictures, as its network and its server say."""
    form = form_of(channel)
    return Bounds(most_bytes=form.largest_image, types=form.media_types)


def ask_for(media: Media, bounds: Bounds, *, at: datetime) -> None:
    """Have a picture made within bounds, unless it is so already or was asked for before."""
    if media.kind != Media.Kind.PICTURE or bounds.hold(media):
        return
    _row, is_new = Rendition.objects.get_or_create(media=media, bounds=str(bounds), defaults={"due_at": at})
    if is_new:
        hint("content.tasks.make_renditions")


def made(media: Media, bounds: Bounds) -> Rendition | None:
    """The rendition within bounds, if it was made."""
    return Rendition.objects.filter(media=media, bounds=str(bounds)).exclude(file="").first()


def sendable(media: Media, channel: Channel, *, at: datetime) -> Sendable:
    """The file as an account takes it, made now where no worker has made it yet; raises ValidationError."""
    bounds = bounds_of(channel)
    if media.kind != Media.Kind.PICTURE or bounds.hold(media):
        return Sendable(_read(media.path), media.content_type)
    ask_for(media, bounds, at=at)
    row = made(media, bounds) or _make(Rendition.objects.get(media=media, bounds=str(bounds)), bounds, at=at)
    return Sendable(_read(row.file), row.content_type)


def make_due(*, now: Callable[[], datetime]) -> int:
    """Make some renditions that are due, of whatever organization; returns how many were taken."""
    claimed = media_housekeeping.claim_renditions(at=now())
    for organization, keys in claimed.items():
        with turn_of(organization):
            for row in Rendition.objects.filter(pk__in=keys).select_related("media").order_by("pk"):
                _try(row, at=now())
    return sum(map(len, claimed.values()))


def _try(row: Rendition, *, at: datetime) -> None:
    known = {str(bounds): bounds for bounds in (PREVIEW, *_wanted())}
    try:
        if row.bounds in known:
            _make(row, known[row.bounds], at=at)
        else:
            _put_off(row, _("No account takes this size any more."), None)
    except SoftTimeLimitExceeded:
        raise
    except ValidationError as problem:
        _put_off(row, " ".join(problem.messages), None)
    except Exception:  # a storage that is away, a file that was lost: looked at again, ever later
        log.exception("Rendition %s could not be made.", row.pk)
        wait = None if row.failures >= MOST_FAILURES else timedelta(minutes=2**row.failures)
        _put_off(row, _("The file could not be read or written."), None if wait is None else at + wait)


def _wanted() -> list[Bounds]:
    return [bounds_of(channel) for channel in Channel.objects.select_related("connection")]


def _make(row: Rendition, bounds: Bounds, *, at: datetime) -> Rendition:
    """Make it and keep it; where another worker was quicker, its file stays."""
    with default_storage.open(row.media.path) as file:
        small = pictures.reduced(file, side=bounds.side, most_bytes=bounds.most_bytes, types=bounds.types)
    path = storing.stored("renditions", sha256(small.data).hexdigest(), BytesIO(small.data), at=at)
    with transaction.atomic():
        kept = Rendition.objects.select_for_update(no_key=True).get(pk=row.pk)
        if not kept.file:
            kept.file, kept.content_type, kept.size = path, small.content_type, len(small.data)
            kept.width, kept.height = small.width, small.height
            storing.taken(path)
        kept.due_at, kept.problem = None, ""
        kept.save()
    return kept


def _put_off(row: Rendition, problem: str, due_at: datetime | None) -> None:
    row.failures, row.problem, row.due_at = row.failures + 1, problem[:500], due_at
    row.save(update_fields=["failures", "problem", "due_at"])


def _read(path: str) -> bytes:
    with default_storage.open(path) as file:
        return bytes(file.read())
