"""Files as people and attackers upload them, made here."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image

GPS, MAKE, ORIENTATION = 0x8825, 0x010F, 0x0112
# What is to be seen or heard, which nobody may touch.
PACKET = bytes(range(1, 200))


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


def element(key: str, inside: bytes, *, is_open: bool = False) -> bytes:
    """An element of a WebM; one that is open does not say how long it is."""
    said = bytes([0x80 | len(inside)]) if len(inside) < 127 else (1 << 56 | len(inside)).to_bytes(8)
    return bytes.fromhex(key) + (b"\xff" if is_open else said) + inside


def whole_webm(note: bytes) -> bytes:
    """A WebM of three seconds, as a browser records it, in which a note stands wherever one can stand."""
    head = element("1a45dfa3", element("4282", b"webm"))
    info = element("1549a966", b"".join([
        element("bf", b"\1\2\3\4"), element("2ad7b1", (1_000_000).to_bytes(4)),
        element("4489", struct.pack(">d", 3000.0)), *(element(key, note) for key in ("4461", "7ba9", "4d80", "5741")),
    ]))  # fmt: skip
    sides = element("e0", element("b0", (640).to_bytes(2)) + element("ba", (360).to_bytes(2)))
    tracks = element("1654ae6b", element("ae", element("d7", b"\1") + element("536e", note) + sides))
    cluster = element("1f43b675", element("e7", b"\0") + element("a3", b"\x81\0\0\x80" + PACKET), is_open=True)
    tags = element("1254c367", element("7373", element("67c8", element("4487", note) * 20)))
    attached = element("1941a469", element("61a7", element("466e", note)))
    return head + element("18538067", info + tracks + cluster + cluster + tags + attached, is_open=True)


def ogg(note: bytes, *, of: str = "opus", cover: int = 0, times: int = 1) -> bytes:
    """A sound of two seconds with a note in its comments, and a cover of so many bytes; several after each other."""
    said = [b"ARTIST=" + note, b"COVER=" + b"x" * cover]
    comments = b"".join([
        struct.pack("<I", len(note)), note, struct.pack("<I", len(said)),
        *(struct.pack("<I", len(one)) + one for one in said),
    ])  # fmt: skip
    if of == "opus":
        first = b"OpusHead\1\1" + struct.pack("<HIhB", 312, 48_000, 0, 0)
        packets, last = [b"OpusTags" + comments + b"behind it " + note], 96_312
    else:
        first = b"\x01vorbis" + struct.pack("<IBIiiiBB", 0, 1, 44_100, 0, 0, 0, 0xB8, 1)
        packets, last = [b"\x03vorbis" + comments + b"\1", b"\x05vorbis" + PACKET], 88_200
    one = b""
    for chain in range(times):
        pages = [(2, 0, [first]), (0, 0, packets), (4, last, [PACKET])]
        one += b"".join(_pages(kind, granule, chain + 7, held) for kind, granule, held in pages)
    return one


def _pages(kind: int, granule: int, serial: int, packets: list[bytes]) -> bytes:
    """Packets on as many pages as they need."""
    lacing = b"".join(bytes([255] * (len(one) // 255) + [len(one) % 255]) for one in packets)
    body, found = b"".join(packets), b""
    for start in range(0, len(lacing), 255):
        part = lacing[start : start + 255]
        head = b"OggS\0" + bytes([kind | (start > 0)]) + struct.pack("<qIII", granule, serial, start // 255, 0)
        page = head + bytes([len(part)]) + part + body[: sum(part)]
        body = body[sum(part) :]
        found += page[:22] + ogg_sum(page).to_bytes(4, "little") + page[26:]
    return found


def ogg_sum(page: bytes) -> int:
    """The check sum of a page, bit by bit: as a long division, with nothing in its own place."""
    left = 0
    for byte in page[:22] + b"\0" * 4 + page[26:]:
        for bit in range(7, -1, -1):
            over = left >> 31
            left = (left << 1 & 0xFFFFFFFF) ^ (0x04C11DB7 if over ^ (byte >> bit & 1) else 0)
    return left


def webm() -> bytes:
    """The head of a WebM."""
    return b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm\x42\x87\x81\x04" + b"\0" * 400
