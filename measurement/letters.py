"""The letters that paper has: those of the fonts that come along, and of those that the installation has besides."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import translation

# Of which letters the fonts that come along have signs: Latin, Greek, Cyrillic and Devanagari, Hebrew and Arabic
# without their points, and what stands between words.
COVERED = (
    (0x20, 0x7E), (0xA0, 0x377), (0x37A, 0x37F), (0x384, 0x38A), (0x38C, 0x38C), (0x38E, 0x3A1), (0x3A3, 0x3E1),
    (0x3F0, 0x52F), (0x5D0, 0x5EA), (0x621, 0x63A), (0x641, 0x64A), (0x900, 0x97F), (0x1E00, 0x1F15),
    (0x1F18, 0x1F1D), (0x1F20, 0x1F45), (0x1F48, 0x1F4D), (0x1F50, 0x1F57), (0x1F60, 0x1F7D), (0x1F80, 0x1FB4),
    (0x1FB6, 0x1FC4), (0x1FC6, 0x1FD3), (0x1FD6, 0x1FDB), (0x1FDD, 0x1FEF), (0x2010, 0x2027), (0x2030, 0x205E),
    (0x2070, 0x2071), (0x2074, 0x208E), (0x20A0, 0x20C0), (0x2100, 0x215F), (0x2190, 0x2193), (0x2212, 0x2212),
    (0x221E, 0x221E), (0x2248, 0x2248), (0x2260, 0x2260), (0x2264, 0x2265), (0x25A1, 0x25A1),
)  # fmt: skip
# By which of its names a language asks for its own form of what several scripts share; then whatever else is there.
OWN = {"ja": "Noto Sans CJK JP", "ko": "Noto Sans CJK KR", "zh": "Noto Sans CJK SC", "ar": "Noto Sans Arabic"}
BESIDES = ("Noto Sans Arabic", "Noto Sans Hebrew", "Noto Sans CJK JP", "Noto Sans Thai")


@cache
def fonts() -> Any:
    """All fonts that paper is set with, looked for once in a process."""
    import typst

    known = [str(files("fontpkg_noto_sans") / "files"), *(str(folder) for folder in folders())]
    return typst.Fonts(include_system_fonts=False, font_paths=known)


def folders() -> list[Path]:
    """Where the installation has fonts besides those that come along; a folder that is not there is passed over."""
    return [Path(name) for name in settings.PAPER_FONTS.split(":") if name and Path(name).is_dir()]


def families(language: str) -> list[str]:
    """The names under which letters are looked for, the first that has one first."""
    there = set(fonts().families()) if folders() else set()
    return ["Noto Sans", *(name for name in dict.fromkeys((OWN.get(language, ""), *BESIDES)) if name in there)]


@contextmanager
def in_words_of_paper() -> Iterator[str]:
    """Speak English meanwhile where paper lacks the letters of what is spoken; yields the name of what it lacks."""
    language = translation.get_language() or "en"
    name = dict(settings.LANGUAGES).get(language, "")
    if all(ord(letter) in covered() for letter in name):
        yield ""
        return
    with translation.override("en"):
        yield name


@cache
def covered() -> frozenset[int]:
    """The numbers of all letters that paper has a sign for."""
    found = {code for first, last in COVERED for code in range(first, last + 1)}
    ours = tuple(str(folder) for folder in folders())
    for font in fonts().fonts() if ours else []:
        if font.path and font.path.startswith(ours) and font.family in BESIDES and font.weight == 400:
            for first, last in _ranges(Path(font.path), font.index):
                found.update(range(first, last + 1))
    return frozenset(found)


def _ranges(path: Path, index: int) -> Iterator[tuple[int, int]]:
    """From which letter to which a font has signs, by the table in it that says so (OpenType's `cmap`)."""
    with path.open("rb") as file:
        start = 0
        if file.read(4) == b"ttcf":
            file.seek(12 + 4 * index)
            [start] = struct.unpack(">I", file.read(4))
        file.seek(start + 4)
        [tables] = struct.unpack(">H", file.read(2))
        file.seek(start + 12)
        places = {tag: (at, size) for tag, _sum, at, size in struct.iter_unpack(">4sIII", file.read(16 * tables))}
        file.seek(places[b"cmap"][0])
        data = file.read(places[b"cmap"][1])
    [count] = struct.unpack_from(">H", data, 2)
    for number in range(count):
        [at] = struct.unpack_from(">I", data, 4 + 8 * number + 4)
        [form] = struct.unpack_from(">H", data, at)
        if form == 12:
            [groups] = struct.unpack_from(">I", data, at + 12)
            parts = struct.iter_unpack(">III", data[at + 16 : at + 16 + 12 * groups])
            yield from ((first, last) for first, last, _sign in parts)
        elif form == 4:
            [twice] = struct.unpack_from(">H", data, at + 6)
            ends = struct.unpack_from(f">{twice // 2}H", data, at + 14)
            begins = struct.unpack_from(f">{twice // 2}H", data, at + 16 + twice)
            yield from ((first, last) for first, last in zip(begins, ends, strict=True) if last != 0xFFFF)
