"""Turns the bytes of a feed into text, by what they are rather than by what somebody says they are."""

from __future__ import annotations

import codecs
import re

from listening.networks.feed.limits import LARGEST
from listening.networks.protocols import Unreadable
from listening.networks.unpack import gunzip
from listening.networks.words import _

_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']\s*([A-Za-z0-9_.:-]{1,40})\s*[\"']", re.IGNORECASE)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_LANGUAGE = re.compile(rb"(?:<(?:dc:)?language>|xml:lang=[\"'])\s*([A-Za-z]{2})", re.IGNORECASE)
# XML 1.0 allows neither control characters nor lone surrogates, and PostgreSQL no NUL.
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_UNWANTED_ASCII = {code: None for code in range(0x20) if code not in (9, 10, 13)}
_TWISTED = re.compile("[\xc2-\xf4][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]")

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WITHOUT_MARK = (
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
)
# What the web means by these names (the WHATWG encoding standard reads them so, too).
_MEANT = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
_UNIVERSAL = {"utf-8", "utf-16", "utf-32", "utf-7", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"}
_DOUBLE_BYTE = {"gb18030", "big5", "cp950", "cp932", "euc_jp", "cp949", "big5hkscs"}
_BY_LANGUAGE = {"ja": ("cp932", "euc_jp"), "zh": ("gb18030", "big5"), "ko": ("cp949",)}
_COMMON_CYRILLIC = re.compile("[оеаинтсрвл]")


def _from_windows(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    stray = error.object[error.start : error.end]
    return stray.decode("cp1252", "replace"), error.end


codecs.register_error("touchline.windows", _from_windows)


def decode(body: bytes, content_type: str = "") -> tuple[str, list[str]]:
    """Return the text of a document and what had to be repaired on the way."""
    if body[:2] == b"\x1f\x8b":
        body = gunzip(body, LARGEST)
    if len(body) > LARGEST:
        raise Unreadable(
            _("The document is larger than %(size)s MB, so it was not read.", size=format(LARGEST / 1_000_000, "g"))
        )
    text, problem = _decode(body, content_type)
    return printable(text), [problem] if problem else []


def printable(text: str) -> str:
    """Drop the characters that neither XML nor the database accepts."""
    if text.isprintable():
        return text
    # For plain ASCII, translate is five times as fast as a regular expression; for the rest it is slower.
    return text.translate(_UNWANTED_ASCII) if text.isascii() else _UNWANTED.sub("", text)


def untwisted(text: str) -> str:
    """Return text that was UTF-8, taken for Windows-1252 and made UTF-8 again, as it was meant (`cafÃ©`: `café`)."""
    if text.isascii() or not _TWISTED.search(text):
        return text
    try:
        return b"".join(_single_byte(letter) for letter in text).decode("utf-8")
    except UnicodeError:
        return text


def _single_byte(letter: str) -> bytes:
    return letter.encode("latin-1") if letter <= "\xff" else letter.encode("cp1252")


def _decode(body: bytes, content_type: str) -> tuple[str, str]:
    for mark, name in _MARKS:
        if body.startswith(mark):
            return _leniently(body[len(mark) :], name)
    for start, name in _WITHOUT_MARK:
        if body.startswith(start):
            return _leniently(body, name)
    declared, charset = _declared(body), _known(_found(_CHARSET.search(content_type)))
    if b"\x1b" in body:
        for name in (charset, declared):
            if name.startswith("iso2022"):
                return _leniently(body, name)
    names = [name for name in dict.fromkeys((charset, declared)) if name and name not in _UNIVERSAL]
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return _legacy(body, names, declared, charset)
    if names and not body.isascii():
        if names[0] in _DOUBLE_BYTE and _strays(text) < 3 and (other := _strictly(body, names[0])):
            return other, ""
        return text, _("It says that it is written in %(name)s, but it is UTF-8.", name=names[0])
    return text, ""


def _legacy(body: bytes, names: list[str], declared: str, charset: str) -> tuple[str, str]:
    """Bytes that are not UTF-8: as announced where that works, else what fits best."""
    if len(names) == 2 and charset == "cp1252":
        names.reverse()  # Servers add this name to everything; the document's own word is the better one.
    repaired = body.decode("utf-8", "touchline.windows")
    claims_unicode = declared in _UNIVERSAL or charset in _UNIVERSAL
    if claims_unicode and (_mostly_unicode(body) or not names):
        return _guessed(body, repaired) if not _mostly_unicode(body) else (repaired, _("Some letters were not UTF-8."))
    for name in names:
        if text := _strictly(body, name):
            return text, ""
    if names:
        return body.decode(names[0], "replace"), _("Some letters are not %(name)s, although it says so.", name=names[0])
    return _guessed(body, repaired)


def _guessed(body: bytes, repaired: str) -> tuple[str, str]:
    language = _found(_LANGUAGE.search(body[:20_000])).lower()
    for name in _BY_LANGUAGE.get(language, ()):
        if text := _strictly(body, name):
            return text, _("It does not say how it is written; %(name)s was taken.", name=name)
    high = [byte for byte in body[:200_000] if byte >= 0x80]
    runs = re.findall(rb"[\x80-\xff]{4,}", body[:200_000])
    if len(high) > 20 and sum(map(len, runs)) * 2 > len(high):
        sample = b" ".join(runs)
        best = max(("cp1251", "koi8-r"), key=lambda name: len(_COMMON_CYRILLIC.findall(sample.decode(name, "replace"))))
        return body.decode(best, "replace"), _(
            "It does not say rightly how it is written; %(best)s was taken.", best=best
        )
    return repaired, _("It does not say rightly how it is written; Windows-1252 was taken where it is not UTF-8.")


def _mostly_unicode(body: bytes) -> bool:
    whole = len(re.findall(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}", body))
    stray = len(body.decode("utf-8", "replace").split("\ufffd")) - 1
    return whole > stray


def _strays(text: str) -> int:
    return sum(1 for letter in text if letter > "\x7f")


def _leniently(body: bytes, name: str) -> tuple[str, str]:
    try:
        return body.decode(name), ""
    except UnicodeDecodeError:
        handler = "touchline.windows" if name == "utf-8" else "replace"
        return body.decode(name, handler), _("Some letters could not be read.")


def _strictly(body: bytes, name: str) -> str:
    try:
        return body.decode(name)
    except UnicodeDecodeError:
        # Windows-1252 leaves five bytes without a meaning; one of them must not spoil the whole document.
        return body.decode(name, "replace") if name in {"cp1252", "cp1254", "cp874"} else ""


def _declared(body: bytes) -> str:
    found = _DECLARED.search(body[:1000])
    return _known(found.group(1).decode("ascii")) if found else ""


def _known(name: str) -> str:
    try:
        plain = codecs.lookup(name.strip()).name if name else ""
    except (LookupError, ValueError):
        return ""
    try:
        b"\x80".decode(plain or "ascii", "replace")
    except (LookupError, ValueError):
        return ""  # Python also has codecs, such as base64 and idna, that are no way of writing a document.
    if plain in {"unicode_escape", "raw_unicode_escape", "punycode"}:
        return ""
    return _MEANT.get(plain, plain)


def _found(match: re.Match[str] | re.Match[bytes] | None) -> str:
    if match is None:
        return ""
    group = match.group(1)
    return group.decode("ascii", "replace") if isinstance(group, bytes) else group
