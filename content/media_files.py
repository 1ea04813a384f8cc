"""What an uploaded file is, told by its content and by nothing else, and made fit to be kept."""

from __future__ import annotations

import hashlib
import re
import shutil
import unicodedata
from dataclasses import dataclass
from io import BytesIO
from tempfile import TemporaryFile
from typing import IO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from content import films, pictures

PICTURE_HEADS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")
PHONE_PICTURES = {b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"avif"}
# A picture is read whole into memory; larger files are films, or no pictures for a network.
MOST_PICTURE_BYTES = 50_000_000
LONGEST_NAME = 200
# Letters that are not seen, and those that turn the direction: what looks like .png must not be something else.
UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn"}


@dataclass(frozen=True)
class Fit:
    """A file as it may be kept. `tells` where it may still say who made it, where and with what."""

    file: IO[bytes]
    size: int
    digest: str
    content_type: str
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    tells: bool = False


def made_fit(file: IO[bytes], size: int) -> Fit:
    """Return what is in the file as it may be kept; raises ValidationError with a plain reason where it may not."""
    file.seek(0)
    head = file.read(512)
    if not head:
        raise ValidationError(_("The file is empty."))
    if head.startswith(PICTURE_HEADS) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        return _picture(file, size)
    if head[4:8] == b"ftyp" and head[8:12] in PHONE_PICTURES:
        raise ValidationError(_("No network takes pictures in this format (HEIC or AVIF). Save it as JPEG."))
    if film := films.found(file, size):
        return _film(film, file, size)
    if b"<svg" in head.lower() or (head.lstrip()[:5].lower() == b"<?xml" and b"svg" in head.lower()):
        raise ValidationError(_("An SVG picture can carry programs, and no network takes it. Save it as PNG."))
    kinds = "JPEG, PNG, GIF, WebP, MP4, MOV, WebM, MP3, M4A, Ogg, WAV"
    raise ValidationError(
        _("By its content this is not a picture, film or sound that can be used. Choose one of: %(kinds)s.")
        % {"kinds": kinds}
    )


def digest_of_file(file: IO[bytes]) -> str:
    """The digest of a file's bytes."""
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # whatever can be read


def named(said: str) -> str:
    """A file's name without its folder and without letters that one does not see."""
    name = re.split(r"[/\\]", said)[-1]
    seen = "".join(letter for letter in name if unicodedata.category(letter) not in UNSEEN)
    return " ".join(seen.split())[:LONGEST_NAME] or _("Without a name")


def _picture(file: IO[bytes], size: int) -> Fit:
    if size > MOST_PICTURE_BYTES:
        raise ValidationError(
            _("A picture may have at most %(most)s megabytes.") % {"most": MOST_PICTURE_BYTES // 1_000_000}
        )
    clean = pictures.cleaned(file)
    digest = hashlib.sha256(clean.data).hexdigest()
    return Fit(BytesIO(clean.data), len(clean.data), digest, clean.content_type, clean.width, clean.height)


def _film(film: films.Film, file: IO[bytes], size: int) -> Fit:
    kept = TemporaryFile()  # noqa: SIM115 - whoever asked closes it
    file.seek(film.begins)
    shutil.copyfileobj(file, kept, 1 << 20)
    if film.ends and film.ends < size:
        kept.truncate(film.ends - film.begins)
    films.blanked(film, kept)
    length = kept.seek(0, 2)
    return Fit(
        kept, length, digest_of_file(kept), film.content_type, film.width, film.height, film.duration, film.tells
    )
