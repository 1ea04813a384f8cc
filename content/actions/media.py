"""Media: taking in, describing, removing."""

from __future__ import annotations

from datetime import datetime
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from content import media_files, renditions, storing
from content.media_querysets import going_out_with, stored_bytes
from content.models import Media, Rendition, Upload
from content.writing import hold, saved
from roles.audit import record, record_change
from roles.holding import hold_team
from roles.models import Member, Organization
from roles.permissions import allowed
from roles.uploading import MEGABYTE, largest_file, too_large


@allowed("content.manage_media")
def take_media(
    organization: Organization, *, file: IO[bytes], size: int, name: str, alt: str = "", upload: Upload | None = None,
    by: Member | None, at: datetime,
) -> Media:  # fmt: skip
    """Keep a picture, film or sound, made fit for it; what is there already is given back as it is.

    The upload that brought it ends with it.
    """
    if size > largest_file():
        raise too_large()
    came_as = media_files.digest_of_file(file)
    if known := Media.objects.same_as(came_as).first():
        with transaction.atomic():
            end_upload(upload, at=at)
            return described(known, alt, by=by, at=at)
    fit = media_files.made_fit(file, size)
    with fit.file:
        # Written before the transaction: it may take long, and must not hold anybody up.
        path = storing.stored("media", fit.digest, fit.file, at=at)
    with transaction.atomic():
        # Its room is given back first: what is kept is counted anew.
        end_upload(upload, at=at)
        refuse_over_quota(fit.size)
        if known := Media.objects.same_as(fit.digest).first():
            return described(known, alt, by=by, at=at)
        media = Media(
            file=path, name=media_files.named(name), content_type=fit.content_type, size=fit.size, width=fit.width,
            height=fit.height, duration=fit.duration, digest=fit.digest, came_as=came_as, tells=fit.tells,
            alt=alt.strip()[:1500], made_at=at, made_by=by,
        )  # fmt: skip
        media.save()
        storing.taken(path)
        renditions.ask_for(media, renditions.PREVIEW, at=at)
        record("take_media", media, by=by, at=at, after={"type": media.content_type, "size": media.size})
        return media


def described(media: Media, alt: str, *, by: Member | None, at: datetime) -> Media:
    """The media with words about it, where it had none and somebody says some."""
    return describe_media(media, alt=alt, by=by, at=at) if alt.strip() and not media.alt else media


@allowed("content.manage_media")
@transaction.atomic
def describe_media(media: Media, *, alt: str, name: str | None = None, by: Member | None, at: datetime) -> Media:
    """Say what is to be seen or heard, for those who do not see or hear it; what goes out with it is another then."""
    pieces = [hold(piece) for piece in going_out_with(media)]
    row: Media = Media.objects.select_for_update(no_key=True).get(pk=media.pk)
    before: dict[str, Any] = {"alt": row.alt, "name": row.name}
    row.alt = alt.strip()
    if name is not None:
        row.name = media_files.named(name)
    row.clean_fields(exclude={"made_by", "file", "width", "height", "duration"})
    after = {"alt": row.alt, "name": row.name}
    if after == before:
        return row
    if not row.alt and pieces:
        raise ValidationError({"alt": _("Variants go out with these words. Write others instead of none.")})
    row.save(update_fields=["alt", "name"])
    if row.alt != before["alt"]:
        for piece in pieces:
            saved(piece, by=by, at=at)
    record_change("describe_media", row, by=by, at=at, before=before, after=after)
    return row


@allowed("content.manage_media")
@transaction.atomic
def remove_media(media: Media, *, by: Member | None, at: datetime) -> None:
    """Remove what nothing uses, with its file and all that was made of it."""
    row = Media.objects.select_for_update().get(pk=media.pk)
    if uses := row.uses.count():
        said = ngettext("It is used in %(n)s variant. Take it out there first.",
                        "It is used in %(n)s variants. Take it out there first.", uses)  # fmt: skip
        raise ValidationError(said % {"n": uses})
    made = Rendition.objects.filter(media=row).values_list("file", flat=True)
    storing.given_up(row.path, *made, at=at)
    record("remove_media", row, by=by, at=at, before={"type": row.content_type, "size": row.size})
    row.delete()


def end_upload(upload: Upload | None, *, at: datetime) -> None:
    """Give back the room of a file's parts: it has become media, or never will."""
    row = Upload.objects.select_for_update().filter(pk=upload.pk).first() if upload is not None else None
    if row is not None:
        storing.given_up(*row.parts.values_list("path", flat=True), at=at)
        row.delete()


def refuse_over_quota(size: int) -> None:
    """Raise ValidationError where the organization has no room left; holds it until the transaction ends."""
    hold_team()
    room = settings.MEDIA_QUOTA_MEGABYTES * MEGABYTE - stored_bytes()
    if size > room:
        said = {"most": settings.MEDIA_QUOTA_MEGABYTES, "room": max(0, room) // MEGABYTE}
        raise ValidationError(
            _("There is no room left: of %(most)s megabytes %(room)s are free. Remove what nothing uses.") % said
        )
