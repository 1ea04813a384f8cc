"""What a network says to people: marked where it stands, kept in English, put into their language when it is read.

An adapter knows no Django and no reader: a sentence goes through an error, a row and some hours before it is read. So
it travels as plain English. `listening.translating` knows it again by the sentence that it was made of, and
`config.catalogs` gathers what is marked.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

ENTRY_POINTS = "touchline.networks"


def _(words: str, /, **values: object) -> str:
    """Mark a sentence that people read, and fill it in: `_("It is out of order (%(status)s).", status=503)`."""
    return words % values if values else words


class _Reader:
    translate: Callable[[str], str] = staticmethod(str)


def translate_with(translate: Callable[[str], str]) -> None:
    """Say how words are put into the language of whoever reads; without it they stay English."""
    _Reader.translate = staticmethod(translate)


def in_readers_words(words: str) -> str:
    """Return words of a network in the language of whoever reads."""
    return _Reader.translate(str(words))


def folders_of_words() -> list[Path]:
    """Return where packages that bring a network have their own catalogues: `locale`, beside their code."""
    packages = sorted({point.module.partition(".")[0] for point in entry_points(group=ENTRY_POINTS)})
    specs = [find_spec(name) for name in packages]
    beside = [Path(folder) / "locale" for spec in specs if spec for folder in spec.submodule_search_locations or ()]
    return [folder for folder in beside if folder.is_dir()]
