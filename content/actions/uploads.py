"""Uploads in parts: beginning, adding, giving up; when the last part is there it becomes media."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO
from tempfile import TemporaryFile

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from content import media_files, media_housekeeping, storing
from content.actions.media import end_upload, refuse_over_quota, take_media
from content.models import Media, Upload, UploadPart
from roles.background import turn_of
from roles.models import Member, Organization
from roles.permissions import require
from roles.tenancy import active_organization
from roles.uploading import largest_file, too_large

LASTS = timedelta(days=1)
MOST_AT_ONCE = 20
AT_ONCE = 200
LARGEST_PART = 16_000_000


class OtherOffset(Exception):
    """The part does not begin where the file ends so far; `received` says where that is."""

    def __init__(self, received: int) -> None:
        super().__init__(_("The file goes on elsewhere."))
        self.received = received


@transaction.atomic
def begin_upload(organization: Organization, *, name: str, size: int, by: Member, at: datetime) -> Upload:
    """Announce a file; nothing is written down about it before it is whole."""
    require(by, "content.manage_media")
    if size > largest_file():
        raise too_large()
    if size < 1:
        raise ValidationError(_("The file is empty."))
    refuse_over_quota(size)
    if Upload.objects.filter(begun_by=by, ends_at__gt=at).count() >= MOST_AT_ONCE:
        raise ValidationError(_("Too many of your files are on their way. Let some arrive first."))
    return Upload.objects.create(name=media_files.named(name), size=size, begun_at=at, begun_by=by, ends_at=at + LASTS)


def add_to_upload(upload: Upload, *, begins: int, data: bytes, by: Member, at: datetime) -> Media | None:
    """Add the next part; returns the media when it was the last. Raises OtherOffset where it is not the next."""
    require(by, "content.manage_media")
    if data:
        _keep(upload, begins=begins, data=data, at=at)
    if upload.received < upload.size:
        return None
    return _finish(upload, by=by, at=at)


@transaction.atomic
def drop_upload(upload: Upload, *, by: Member, at: datetime) -> None:
    """Give up a file that did not come to its end."""
    require(by, "content.manage_media")
    end_upload(upload, at=at)


def end_old_uploads(*, at: datetime) -> int:
    """Give up, of all organizations, what has not come to its end in time; returns how many files."""
    ended = 0
    for organization in media_housekeeping.organizations_with_old_uploads(at=at):
        with turn_of(organization):
            for upload in Upload.objects.filter(ends_at__lte=at).order_by("ends_at")[:AT_ONCE]:
                with transaction.atomic():
                    end_upload(upload, at=at)
                ended += 1
    return ended


def _keep(upload: Upload, *, begins: int, data: bytes, at: datetime) -> None:
    path = storing.stored("uploads", str(upload.pk), BytesIO(data), at=at)
    with transaction.atomic():
        row = Upload.objects.select_for_update().get(pk=upload.pk)
        if begins != row.received:
            raise OtherOffset(row.received)
        if row.received + len(data) > row.size:
            raise ValidationError(_("More came than was announced. Upload the file again."))
        UploadPart.objects.create(upload=row, begins=begins, path=path)
        storing.taken(path)
        row.received += len(data)
        row.save(update_fields=["received"])
    upload.received = row.received


def _finish(upload: Upload, *, by: Member, at: datetime) -> Media:
    """Make media of the parts. What cannot be media is given up; whatever else fails can be asked for again."""
    with TemporaryFile() as whole:
        for part in upload.parts.order_by("begins"):
            with default_storage.open(part.path) as piece:
                for chunk in piece.chunks():
                    whole.write(chunk)
        try:
            return take_media(
                active_organization(), file=whole, size=upload.size, name=upload.name, upload=upload, by=by, at=at
            )
        except ValidationError:
            drop_upload(upload, by=by, at=at)
            raise
