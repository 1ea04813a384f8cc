"""How much of an uploaded file is taken in at all, whichever page it is sent to."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.utils.translation import gettext as _

MEGABYTE = 1_000_000


def largest_file() -> int:
    """How many bytes a file may have."""
    return int(settings.MEDIA_FILE_MEGABYTES) * MEGABYTE


def too_large() -> ValidationError:
    """Why a file that is too large is not taken."""
    return ValidationError(
        _("The file is larger than the %(most)s megabytes that one may have.") % {"most": largest_file() // MEGABYTE}
    )


def was_too_large(request: Any) -> bool:
    """Whether a file was left out of a form because it was too large."""
    return bool(getattr(request, "left_out_too_large", False))


class Bounded(FileUploadHandler):
    """Stops writing a file that is too large before it has filled the disk; the rest is read and thrown away."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin to count."""
        super().new_file(*args, **kwargs)
        self.seen = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Hand on what still fits."""
        self.seen += len(raw_data)
        if self.seen > largest_file():
            if self.request is not None:
                self.request.left_out_too_large = True  # type: ignore[attr-defined]
            raise StopUpload(connection_reset=False)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the handlers that follow."""
