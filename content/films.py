"""Films and sounds: told by what is in them, and freed of what they tell of themselves where that is possible.

Nothing is decoded: boxes and chunks are walked, within bounds, and notes in them are blanked in place, so that whatever
points into the file still points to the same place.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import IO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from content.streams import walk_ogg, walk_webm

MP4_FILMS = {
    b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"dash", b"MSNV", b"3gp4", b"3gp5",
}  # fmt: skip
MP4_SOUNDS = {b"M4A ", b"M4B ", b"F4A "}
# Where a film says who made it, where and with what.
NOTES = {b"udta", b"meta", b"uuid"}
WAVE_NOTES = {b"LIST", b"bext", b"id3 ", b"ID3 ", b"iXML", b"_PMX"}
MOST_PARTS = 5_000
BLANK = b"\0" * 65_536


@dataclass
class Film:
    """What was found out about a film or a sound; `tells` where it still may tell of who made it and where."""

    content_type: str
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    tells: bool = False
    notes: list[tuple[int, int, bytes]] = field(default_factory=list)
    # Where the content itself begins and ends, if notes stand around it.
    begins: int = 0
    ends: int = 0


def found(file: IO[bytes], size: int) -> Film | None:
    """Say what film or sound it is, None where it is neither; raises ValidationError where it is a broken one."""
    file.seek(0)
    head = file.read(64)
    try:
        if head[4:8] == b"ftyp":
            return _mp4(file, size, head)
        if head[:4] == b"\x1a\x45\xdf\xa3":
            return _webm(file, size)
        if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
            return _wave(file, size)
        if head[:4] == b"OggS":
            return _ogg(file, size, head)
        return _mp3(file, size, head)
    except (struct.error, IndexError, EOFError) as problem:
        raise ValidationError(
            _("The film or sound cannot be read to its end. Export it again and upload that.")
        ) from problem


def blanked(film: Film, file: IO[bytes]) -> None:
    """Blank in a copy what the film tells of itself."""
    for start, length, renamed in film.notes:
        file.seek(start)
        file.write(renamed)
        left = length
        while left > 0:
            left -= file.write(BLANK[:left])


def _boxes(file: IO[bytes], begins: int, ends: int) -> Iterator[tuple[bytes, int, int, int]]:
    """Yield kind, place of the kind, where the inside begins and where it ends."""
    at = begins
    for _number in range(MOST_PARTS):
        if at + 8 > ends:
            return
        file.seek(at)
        length, kind = struct.unpack(">I4s", file.read(8))
        inside = at + 8
        if length == 1:
            [length] = struct.unpack(">Q", file.read(8))
            inside += 8
        elif length == 0:
            length = ends - at
        if length < inside - at or at + length > ends:
            raise EOFError
        yield kind, at + 4, inside, at + length
        at += length
    raise EOFError


def _mp4(file: IO[bytes], size: int, head: bytes) -> Film | None:
    brand = head[8:12]
    if brand not in MP4_FILMS | MP4_SOUNDS | {b"qt  "}:
        return None
    kind = "video/quicktime" if brand == b"qt  " else "audio/mp4" if brand in MP4_SOUNDS else "video/mp4"
    film, kinds = Film(kind), set()
    for name, place, inside, end in _boxes(file, 0, size):
        kinds.add(name)
        if name in NOTES:
            film.notes += [(place, 0, b"free"), (inside, end - inside, b"")]
        if name == b"moov":
            _movie(film, file, inside, end)
    if b"moov" not in kinds or film.duration is None:
        raise EOFError
    if film.content_type == "video/mp4" and not film.width:
        film.content_type = "audio/mp4"
    return film


def _movie(film: Film, file: IO[bytes], begins: int, ends: int, *, deep: bool = False) -> None:
    for name, place, inside, end in _boxes(file, begins, ends):
        if name in NOTES:
            film.notes += [(place, 0, b"free"), (inside, end - inside, b"")]
        elif name == b"mvhd":
            file.seek(inside)
            said = file.read(32)
            if said[0] == 1:
                scale, length = struct.unpack(">IQ", said[20:32])
            else:
                scale, length = struct.unpack(">II", said[12:20])
            film.duration = round(length / scale, 2) if scale else None
        elif name == b"trak" and not deep:
            _movie(film, file, inside, end, deep=True)
        elif name == b"tkhd" and end - inside >= 8:
            file.seek(end - 8)
            width, height = (side >> 16 for side in struct.unpack(">II", file.read(8)))
            if width and height:
                film.width, film.height = width, height


def _webm(file: IO[bytes], size: int) -> Film | None:
    file.seek(0)
    head = file.read(256)
    place = head.find(b"\x42\x82")
    if place < 0 or head[place + 3 : place + 3 + (head[place + 2] & 0x7F)] != b"webm":
        return None
    return _walked(Film("video/webm", tells=True), walk_webm, file, size)


def _walked(film: Film, walk: Callable[[Film, IO[bytes], int], None], file: IO[bytes], size: int) -> Film:
    """The film with what it tells found; where it cannot be walked to its end, it stays so and goes on telling."""
    try:
        walk(film, file, size)
    except (struct.error, IndexError, EOFError):
        return Film(film.content_type, tells=True)
    return film


def _wave(file: IO[bytes], size: int) -> Film:
    film, at, rate, sound = Film("audio/wav"), 12, 0, 0
    for _number in range(MOST_PARTS):
        if at + 8 > size:
            break
        file.seek(at)
        name, length = struct.unpack("<4sI", file.read(8))
        if name == b"fmt ":
            [rate] = struct.unpack("<I", file.read(12)[8:12])
        if name == b"data":
            sound = min(length, size - at - 8)
        if name in WAVE_NOTES and at + 8 + length <= size:
            film.notes += [(at, 0, b"JUNK"), (at + 8, length, b"")]
        at += 8 + length + length % 2
    if not rate or not sound:
        raise EOFError
    film.duration = round(sound / rate, 2)
    return film


def _ogg(file: IO[bytes], size: int, head: bytes) -> Film | None:
    if head[28:36] == b"OpusHead" or head[28:35] == b"\x01vorbis":
        return _walked(Film("audio/ogg", tells=True), walk_ogg, file, size)
    return None


RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
KILOBITS_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
KILOBITS_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)


def _frame_length(head: bytes) -> int:
    """How long a frame of layer III is, by its head; 0 where it is none."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return 0
    version, bits, rate = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or bits in {0, 15} or rate == 3:
        return 0
    kilobits = (KILOBITS_1 if version == 3 else KILOBITS_2)[bits]
    return (144 if version == 3 else 72) * kilobits * 1000 // RATES[version][rate] + (head[2] >> 1 & 1)


def _mp3(file: IO[bytes], size: int, head: bytes) -> Film | None:
    """Two frames after each other make it one; tags before and behind are left away."""
    begins, ends = 0, size
    if head[:3] == b"ID3":
        begins = 10 + sum((byte & 0x7F) << 7 * (3 - number) for number, byte in enumerate(head[6:10]))
    file.seek(begins)
    length = _frame_length(file.read(4))
    if not length:
        return None
    file.seek(begins + length)
    if not _frame_length(file.read(4)):
        return None
    if size > 128:
        file.seek(size - 128)
        if file.read(3) == b"TAG":
            ends = size - 128
    return Film("audio/mpeg", begins=begins, ends=ends)
