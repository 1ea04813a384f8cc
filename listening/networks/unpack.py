"""Unpacks compressed answers piece by piece, so that a small one cannot grow without end."""

from __future__ import annotations

import zlib
from typing import Protocol

from listening.networks.protocols import Unreachable, Unreadable
from listening.networks.words import _

_GZIP_MAGIC = b"\x1f\x8b"
_GZIP, _ZLIB, _RAW = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS


class Unpacker(Protocol):
    """Takes an answer in pieces and gives it back as it was before packing."""

    def feed(self, chunk: bytes) -> bytes: ...

    def end(self) -> None: ...


def unpacker(encoding: str, limit: int) -> Unpacker:
    """Choose by Content-Encoding; at most one byte more than the limit ever comes out."""
    names = [name.strip().lower() for name in encoding.split(",") if name.strip().lower() not in {"", "identity"}]
    if not names:
        return _Plain()
    if names in (["gzip"], ["x-gzip"], ["deflate"]):
        return _Deflated(limit)
    raise Unreadable(_("The server packed its answer as %(names)s, which was not asked for.", names=", ".join(names)))


def gunzip(data: bytes, limit: int) -> bytes:
    """Unpack a whole gzip file, up to the limit."""
    unpack = _Deflated(limit)
    plain = unpack.feed(data)
    if len(plain) > limit:
        raise Unreadable(_("Unpacked, the file is larger than %(size)s MB.", size=format(limit / 1_000_000, "g")))
    try:
        unpack.end()
    except Unreachable as error:
        raise Unreadable(_("The packed file is cut off.")) from error
    return plain


class _Plain:
    def feed(self, chunk: bytes) -> bytes:
        return chunk

    def end(self) -> None:
        return None


class _Deflated:
    def __init__(self, limit: int) -> None:
        self._left = limit + 1
        self._start = b""
        self._engine: zlib._Decompress | None = None
        self._plain = False
        self._finished = True

    def feed(self, chunk: bytes) -> bytes:
        if self._plain:
            return chunk
        if self._engine is None:
            self._start += chunk
            if len(self._start) < 2:
                return b""
            chunk, self._start = self._start, b""
            if not self._choose(chunk):
                return chunk
        return self._inflate(chunk)

    def end(self) -> None:
        if not self._finished or self._start:
            raise Unreachable(_("The answer broke off before its end."))

    def _choose(self, start: bytes) -> bool:
        if start[:2] == _GZIP_MAGIC:
            self._engine = zlib.decompressobj(_GZIP)
        elif start[0] & 0x0F == 8 and int.from_bytes(start[:2], "big") % 31 == 0:
            self._engine = zlib.decompressobj(_ZLIB)
        elif start.lstrip()[:1] in {b"<", b"{", b"\xef"}:
            # Announced as packed, yet sent plainly: seen behind proxies that unpack without saying so.
            self._plain = True
        else:
            self._engine = zlib.decompressobj(_RAW)
        return not self._plain

    def _inflate(self, chunk: bytes) -> bytes:
        assert self._engine is not None
        parts: list[bytes] = []
        try:
            while chunk and self._left > 0:
                if self._engine.eof:
                    if chunk[:2] != _GZIP_MAGIC:
                        break  # Padding after the end is allowed.
                    self._engine = zlib.decompressobj(_GZIP)
                plain = self._engine.decompress(chunk, self._left)
                self._left -= len(plain)
                parts.append(plain)
                chunk = self._engine.unconsumed_tail or self._engine.unused_data
        except zlib.error as error:
            raise Unreadable(_("The server packed its answer, and it could not be unpacked.")) from error
        self._finished = self._engine.eof
        return b"".join(parts)
