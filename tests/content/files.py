"""Files as people and attackers upload them, made here."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image

GPS, MAKE, ORIENTATION = 0x8825, 0x010F, 0x0112


def picture(kind: str = "JPEG", *, size: tuple[int, int] = (60, 40), **options: Any) -> bytes:
    """A picture that is red on its left half, so that one sees where it is turned."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def photograph() -> bytes:
    """As a telephone takes it: lying on its side, with the place, the maker and a comment."""
    exif = Image.Exif()
    exif[MAKE], exif[ORIENTATION] = "Secret camera", 6
    exif[GPS] = {1: "N", 2: (52.0, 22.0, 30.0), 3: "E", 4: (4.0, 53.0, 0.0)}
    return picture(exif=exif, comment=b"taken at home", quality=95)


def moving(frames: int = 3) -> bytes:
    """A moving picture."""
    images = [Image.new("RGB", (20, 10), (shade * 20 % 256, 10, 10)) for shade in range(frames)]
    out = BytesIO()
    images[0].save(out, "GIF", save_all=True, append_images=images[1:], duration=50, loop=0, comment=b"by somebody")
    return out.getvalue()


def bomb(width: int = 30_000, height: int = 30_000) -> bytes:
    """A PNG of some bytes that says it is as large as a town."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + body


def box(name: bytes, *inside: bytes) -> bytes:
    """A box of an MP4 file."""
    body = b"".join(inside)
    return struct.pack(">I", 8 + len(body)) + name + body


def film(brand: bytes = b"isom", *, place: bytes = b"+52.3740+004.8897/") -> bytes:
    """An MP4 of two and a half seconds, 640 by 360, that says where it was made."""
    mvhd = box(b"mvhd", b"\0" * 12, struct.pack(">II", 1000, 2500), b"\0" * 80)
    tkhd = box(b"tkhd", b"\0" * 76, struct.pack(">II", 640 << 16, 360 << 16))
    notes = box(b"udta", box(b"\xa9xyz", place))
    moov = box(b"moov", mvhd, box(b"trak", tkhd, notes), notes, box(b"meta", b"\0" * 4, place))
    return box(b"ftyp", brand, b"\0\0\2\0isomiso2") + moov + box(b"mdat", b"\x01\x02\x03" * 50)


def sound() -> bytes:
    """An MP3 of two frames with a tag before and one behind."""
    frame = b"\xff\xfb\x90\x00" + b"\0" * 413
    tag = b"ID3\x03\0\0" + bytes([0, 0, 0, 20]) + b"Secret artist".ljust(20, b"\0")
    return tag + frame * 3 + b"TAG" + b"Secret artist".ljust(125, b"\0")


def wave() -> bytes:
    """A WAV of a second with a note of who made it."""
    form = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8)
    note = b"LIST" + struct.pack("<I", 14) + b"Secret artist\0"
    data = b"data" + struct.pack("<I", 8000) + b"\x80" * 8000
    body = b"WAVE" + form + note + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def webm() -> bytes:
    """The head of a WebM."""
    return b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm\x42\x87\x81\x04" + b"\0" * 400
