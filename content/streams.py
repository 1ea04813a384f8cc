"""What WebM and Ogg tell of themselves: found where it stands and taken out there, so that nothing in the file moves.

Nothing is decoded. What cannot be walked to its end stays as it is, and goes on telling.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import cache
from itertools import count
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from content.films import Film

# Elements of WebM by their keys, as they stand in the file.
SEGMENT, INFO, TRACKS, TAGS, ATTACHMENTS = 0x18538067, 0x1549A966, 0x1654AE6B, 0x1254C367, 0x1941A469
CHECKSUM, TRACK, TRACK_NAME, VIDEO, WIDTH, HEIGHT = 0xBF, 0xAE, 0x536E, 0xE0, 0xB0, 0xBA
DURATION, SCALE = 0x4489, 0x2AD7B1
# When it was made, what it is called, which files stood beside it. The programs that made it are named by nothing.
TAKEN_OUT = {0x4461, 0x7BA9, 0x7384, 0x3C83AB, 0x3E83BB, CHECKSUM}
EMPTIED = {0x4D80, 0x5741}
VOID = b"\xec"
# Where a part does not say how long it is, each block of it is walked over: an hour of film has some 300,000.
MOST_ELEMENTS, MOST_PAGES, MOST_COMMENTS = 500_000, 200_000, 4_000_000
USUAL_SCALE = 1_000_000
# What says more of itself, in dots or seconds, says nothing.
LARGEST, LONGEST = 100_000, 1_000_000


def walk_webm(film: Film, file: IO[bytes], size: int) -> None:
    """Write down what a WebM tells, how long it lasts and how large it is; raises EOFError where it has no end."""
    so_far = count()
    for key, at, inside, end in _elements(file, 0, size, so_far):
        if key in {TAGS, ATTACHMENTS}:
            film.notes.append(_void(at, end))
        elif key == INFO:
            _info(film, file, inside, end, so_far)
        elif key == TRACKS:
            for kind, _at, begins, ends in _elements(file, inside, end, so_far):
                if kind == TRACK:
                    _track(film, file, begins, ends, so_far)
    film.tells = False


def _info(film: Film, file: IO[bytes], begins: int, ends: int, so_far: Iterator[int]) -> None:
    scale, lasts = USUAL_SCALE, 0.0
    for key, at, inside, end in _elements(file, begins, ends, so_far):
        if key in TAKEN_OUT:
            film.notes.append(_void(at, end))
        elif key in EMPTIED:
            film.notes.append((inside, end - inside, b""))
        elif key == SCALE:
            scale = _number(file, inside, end)
        elif key == DURATION and end - inside in {4, 8}:
            file.seek(inside)
            [lasts] = struct.unpack(">f" if end - inside == 4 else ">d", file.read(end - inside))
    if 0 < lasts * scale / 1e9 < LONGEST:
        film.duration = round(lasts * scale / 1e9, 2)


def _track(film: Film, file: IO[bytes], begins: int, ends: int, so_far: Iterator[int]) -> None:
    for key, at, inside, end in _elements(file, begins, ends, so_far):
        if key in {TRACK_NAME, CHECKSUM}:
            film.notes.append(_void(at, end))
        elif key == VIDEO:
            sides = {kind: _number(file, *place) for kind, _at, *place in _elements(file, inside, end, so_far)}
            width, height = sides.get(WIDTH, 0), sides.get(HEIGHT, 0)
            if 0 < width < LARGEST and 0 < height < LARGEST:
                film.width, film.height = width, height


def _elements(file: IO[bytes], begins: int, ends: int, so_far: Iterator[int]) -> Iterator[tuple[int, int, int, int]]:
    """Yield key, place, where the inside begins and where it ends; `so_far` counts all that was looked at.

    What holds all the rest, and what does not say where it ends, is entered: what is in it comes one after the other.
    """
    at = begins
    while at < ends:
        if next(so_far) > MOST_ELEMENTS:
            raise EOFError
        file.seek(at)
        head = file.read(12)
        key, wide = _key(head)
        length, more = _length(head[wide:])
        inside = at + wide + more
        if length is None or key == SEGMENT:
            at = inside
            continue
        if inside + length > ends:
            raise EOFError
        yield key, at, inside, inside + length
        at = inside + length


def _key(head: bytes) -> tuple[int, int]:
    """A key, and in how many bytes it stands."""
    wide = 9 - head[0].bit_length()
    if wide > 4 or len(head) < wide:
        raise EOFError
    return int.from_bytes(head[:wide]), wide


def _length(head: bytes) -> tuple[int | None, int]:
    """A length, None where it is not said, and in how many bytes it stands."""
    wide = 9 - head[0].bit_length()
    if wide > 8 or len(head) < wide:
        raise EOFError
    all_ones = (1 << 7 * wide) - 1
    said = int.from_bytes(head[:wide]) & all_ones
    return (None if said == all_ones else said), wide


def _number(file: IO[bytes], begins: int, ends: int) -> int:
    if ends - begins > 8:
        return 0
    file.seek(begins)
    return int.from_bytes(file.read(ends - begins))


def _void(at: int, end: int) -> tuple[int, int, bytes]:
    """An element that says nothing, as long as the one that stands there."""
    whole = end - at
    head = VOID + (bytes([0x80 | whole - 2]) if whole <= 128 else (1 << 56 | whole - 9).to_bytes(8))
    return at, whole - len(head), head


def walk_ogg(film: Film, file: IO[bytes], size: int) -> None:
    """Write down what an Ogg tells, and how long it lasts; raises EOFError where it cannot be walked."""
    packets: dict[int, _Comments] = {}
    at, granule = 0, 0
    for _number_of in range(MOST_PAGES):
        if at == size:
            break
        file.seek(at)
        head = file.read(27)
        if head[:4] != b"OggS":
            raise EOFError
        [granule], serial, lacing = struct.unpack("<q", head[6:14]), head[14:18], file.read(head[26])
        begins, end = at + 27 + len(lacing), at + 27 + len(lacing) + sum(lacing)
        if end > size:
            raise EOFError
        stream = int.from_bytes(serial)
        if head[5] & 2 or stream not in packets:
            if stream in packets and not packets[stream].is_done:
                raise EOFError
            packets[stream] = _Comments()
        packets[stream].take(film, file, (at, begins, end), lacing)
        at = end
    else:
        raise EOFError
    if not all(one.is_done for one in packets.values()):
        raise EOFError
    # The mark of the last page is that of the last of several sounds.
    film.duration = _lasts(file, granule) if len(packets) == 1 else None
    film.tells = False


def _lasts(file: IO[bytes], granule: int) -> float | None:
    """How long a sound lasts, by the mark of its last page."""
    file.seek(28)
    head = file.read(16)
    if head[:8] == b"OpusHead":
        skipped, rate = int.from_bytes(head[10:12], "little"), 48_000
    else:
        skipped, rate = 0, int.from_bytes(head[12:16], "little")
    lasts = (granule - skipped) / rate if rate else 0
    return round(lasts, 2) if 0 < lasts < LONGEST else None


class _Comments:
    """The second packet of a stream, over however many pages: in it stands what the stream tells."""

    def __init__(self) -> None:
        self.number = 0
        # Its pages, and where in each it stands.
        self.pages: list[tuple[int, int, int, int]] = []
        self.is_done = False

    def take(self, film: Film, file: IO[bytes], page: tuple[int, int, int], lacing: bytes) -> None:
        """Go over one page; with the end of the packet it is emptied."""
        at, begins, end = page
        place = begins
        for length in lacing:
            if self.is_done:
                return
            if self.number == 1:
                if not self.pages or self.pages[-1][0] != at:
                    self.pages.append((at, end, place, place))
                self.pages[-1] = (*self.pages[-1][:3], place + length)
            place += length
            if length < 255:
                if self.number == 1:
                    self.is_done = True
                    self._empty(film, file)
                self.number += 1

    def _empty(self, film: Film, file: IO[bytes]) -> None:
        """Have a comment of blanks stand there, as long as all that stood there, on pages whose sums are right."""
        if sum(end - begins for _at, _to, begins, end in self.pages) > MOST_COMMENTS:
            raise EOFError
        said = b"".join(_read(file, begins, end) for _at, _to, begins, end in self.pages)
        blank = _blank_comments(said)
        if blank == said:
            return
        for at, to, begins, end in self.pages:
            page = bytearray(_read(file, at, to))
            page[begins - at : end - at], blank = blank[: end - begins], blank[end - begins :]
            page[22:26] = b"\0" * 4
            page[22:26] = _sum_of(page).to_bytes(4, "little")
            film.notes.append((at, 0, bytes(page)))


def _read(file: IO[bytes], begins: int, end: int) -> bytes:
    file.seek(begins)
    return file.read(end - begins)


def _blank_comments(said: bytes) -> bytes:
    """The packet without its words: of the program that made it, and of everything else."""
    head = next((one for one in (b"OpusTags", b"\x03vorbis") if said.startswith(one)), None)
    if head is None:
        raise EOFError
    at = len(head)
    length = int(struct.unpack_from("<I", said, at)[0])
    vendor, at = said[at : at + 4], at + 4 + length
    comments = int(struct.unpack_from("<I", said, at)[0])
    first = at + 4
    end = first
    for _each in range(comments):
        [long] = struct.unpack_from("<I", said, end)
        end += 4 + long
        if end > len(said):
            raise EOFError
    # Behind the comments of Opus may stand anything; behind those of Vorbis a mark that belongs there.
    rest = b"\0" * (len(said) - end) if head == b"OpusTags" else said[end:]
    room = end - first - 4
    words = struct.pack("<I", room) + b"_=".ljust(room)[:room] if comments else b""
    return head + vendor + b" " * length + struct.pack("<I", min(comments, 1)) + words + rest


@cache
def _table() -> list[int]:
    """The sums of single bytes, as Ogg reckons them."""
    found = []
    for byte in range(256):
        value = byte << 24
        for _bit in range(8):
            value = (value << 1 ^ (0x04C11DB7 if value & 0x80000000 else 0)) & 0xFFFFFFFF
        found.append(value)
    return found


def _sum_of(page: bytes | bytearray) -> int:
    """The check sum of a page in which its own place is empty."""
    table, value = _table(), 0
    for byte in page:
        value = (value << 8 & 0xFFFFFFFF) ^ table[value >> 24 ^ byte]
    return value
