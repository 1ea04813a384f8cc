"""Text folded for comparison in every script, cut into words, with the way back to the original characters.

A folded text is its tokens with one space before each (" acme & sons"). A token is a word, one character of a
script that is written without spaces, or one symbol that carries meaning (#, @, &, +, %, currency, emoji).
All other punctuation only separates. So a sequence of words occurs exactly where it is a substring between spaces.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate

SYMBOLS = frozenset("#@&+%")
REMEMBERED_WORDS = 200_000
LONGEST_REMEMBERED = 40

# Signs of ownership would turn into letters ("Acme™" into "acmetm") if compatibility forms were taken first.
_OWNERSHIP = {ord(sign): " " for sign in "™℠©®"}

# Letters that no decomposition relates to the letter people type instead.
_LETTERS = {
    "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h", "ŧ": "t", "ı": "i", "ŋ": "n",
    "ĸ": "k", "ƶ": "z", "ɨ": "i", "ʉ": "u", "ɐ": "a", "ک": "ك", "ی": "ي", "ى": "ي", "ې": "ي", "ة": "ه", "ہ": "ه",
    "ھ": "ه", "ٱ": "ا", "ـ": "",
}  # fmt: skip

# Letters of their own right, although Unicode can take a mark off them.
_WHOLE_LETTERS = frozenset("йїўќѓӣӯӥӱӵӹӝӟӧӫӭؤئ")

# Marks that may be left out when people write: accents, stress, Hebrew points, Arabic vowels, variation selectors.
# The marks of other scripts (Devanagari, Thai, ...) are vowels and belong to the word.
_LOOSE_MARKS = (
    (0x0300, 0x036F), (0x0483, 0x0489), (0x0591, 0x05BD), (0x05BF, 0x05BF), (0x05C1, 0x05C2), (0x05C4, 0x05C5),
    (0x05C7, 0x05C7), (0x0610, 0x061A), (0x064B, 0x065F), (0x0670, 0x0670), (0x06D6, 0x06ED), (0x08D3, 0x08FF),
    (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0x3099, 0x309A), (0xFE00, 0xFE0F), (0xFE20, 0xFE2F),
    (0x1F3FB, 0x1F3FF), (0xE0100, 0xE01EF),
)  # fmt: skip

# Chinese and Japanese: each character is a token, so that words are found inside unspaced text.
_SINGLE_CHARACTERS = (
    (0x3005, 0x3007), (0x3021, 0x3029), (0x3031, 0x3035), (0x303B, 0x303C), (0x3041, 0x3096), (0x309D, 0x309F),
    (0x30A1, 0x30FA), (0x30FC, 0x30FF), (0x3105, 0x312F), (0x31A0, 0x31BF), (0x31F0, 0x31FF), (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF), (0xA000, 0xA48C), (0xF900, 0xFAFF), (0x16FE0, 0x18DFF), (0x1B000, 0x1B2FF), (0x20000, 0x3FFFF),
)  # fmt: skip
# Where emoji younger than this Python stand.
_EMOJI = range(0x1F000, 0x1FC00)
_APOSTROPHES = range(0x02B9, 0x02C0)

_HANGUL = "\u1100-\u11ff\u3131-\u318e\ua960-\ua97c\uac00-\ud7ff"
_UNSPACED = "\u0e01-\u0e4e\u0e81-\u0ece\u1000-\u109f\ua9e0-\ua9fe\uaa60-\uaa7f\u1780-\u17d3\u17dd\u1950-\u19df"
_NEEDS_CUTTING = re.compile(f"[{_HANGUL}{_UNSPACED}]")
# What no word ends within: vowels written before, after, above and below a consonant, and stacked consonants.
_SYLLABLE = re.compile(
    "[\u0e40-\u0e44\u0ec0-\u0ec4]?"
    f"[{_UNSPACED}]"
    "(?:[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ecd"
    "\u102b-\u1038\u103a-\u103e\u1056-\u1059\u105e-\u1064\u1067-\u106d\u1071-\u1074\u1082-\u108d\u108f\u109a-\u109d"
    "\u17b4-\u17d1\u17d3\u17dd]"
    f"|[\u1039\u17d2][{_UNSPACED}])*"
    "[\u0e30\u0e32\u0e45\u0eb0\u0eb2]?"
)
# Korean joins particles to foreign words and numbers without a space.
_HANGUL_BORDER = re.compile(f"(?<=[{_HANGUL}])(?=[^{_HANGUL} ])|(?<=[^{_HANGUL} ])(?=[{_HANGUL}])")
_EMPHASIS = re.compile(r"(?<![^ ])_+|_+(?![^ ])")
# What joins onto the character before it, besides marks: parts of Korean syllables, narrow kana voicing, skin tones.
_JOINING = ((0x1160, 0x11FF), (0x3131, 0x318E), (0xD7B0, 0xD7FB), (0xFF9E, 0xFFDC), (0x1F3FB, 0x1F3FF))


def _within(code: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= code <= last for first, last in ranges)


def _fold_letter(letter: str) -> str:
    if (digit := unicodedata.decimal(letter, None)) is not None:
        return str(digit)
    if letter in _WHOLE_LETTERS:
        return letter
    parts = unicodedata.normalize("NFD", letter)
    if all(_within(ord(mark), _LOOSE_MARKS) for mark in parts[1:]):
        letter = parts[0]
    return _LETTERS.get(letter, letter)


def _fold_character(character: str) -> str:
    """The folded form of one character that is already in compatibility form and without case."""
    code = ord(character)
    category = unicodedata.category(character)
    if _within(code, _LOOSE_MARKS):
        return ""
    if _within(code, _SINGLE_CHARACTERS):
        return f" {character} "
    if category == "Cf":
        return " " if code == 0x200B else ""
    if (category[0] in "LNM" or category == "Pc") and code not in _APOSTROPHES:
        return _fold_letter(character)
    symbol = character in SYMBOLS or category in ("Sc", "So")
    unknown_emoji = category == "Cn" and code in _EMOJI
    return f" {character} " if symbol or unknown_emoji else " "


class _CharacterTable(dict[int, str]):
    """Folded characters by code point, filled as they are met."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _fold_character(chr(code))
        return folded


_CHARACTERS = _CharacterTable()


def _fold_characters(text: str) -> str:
    """Every character folded, tokens that stand alone between spaces, words not yet cut."""
    text = unicodedata.normalize("NFKC", text.translate(_OWNERSHIP))
    return unicodedata.normalize("NFKC", text.casefold()).translate(_CHARACTERS)


def _without_emphasis(folded: str) -> str:
    """Spaces instead of the low lines around a word (“_never_”); handles and tags may begin and end with them."""
    if "_" not in folded or "@" in folded or "#" in folded:
        return folded
    return _EMPHASIS.sub(lambda found: " " * len(found[0]), folded)


def _cut(folded: str) -> str:
    """Spaces put in where a script writes none; nothing else is changed."""
    if _NEEDS_CUTTING.search(folded) is None:
        return folded
    return _HANGUL_BORDER.sub(" ", _SYLLABLE.sub(r" \g<0> ", folded))


def _fold_word(word: str) -> str:
    tokens = _cut(_without_emphasis(_fold_characters(word))).split()
    return " " + " ".join(tokens) if tokens else ""


class _WordTable(dict[str, str]):
    """Folded words by how they were written: most words of a text were met before."""

    def __missing__(self, word: str) -> str:
        folded = _fold_word(word)
        if len(word) <= LONGEST_REMEMBERED:
            if len(self) >= REMEMBERED_WORDS:
                self.clear()
            self[word] = folded
        return folded


_WORDS = _WordTable()
_folded_word = _WORDS.__getitem__


def fold(text: str) -> str:
    """The tokens of a text, one space before each; without case, width, accents and punctuation."""
    return "".join(map(_folded_word, text.split()))


def spelling(text: str) -> str:
    """The tokens of a text with capitals and accented letters as they are; only width and loose signs are folded."""
    written: list[str] = []
    for character in unicodedata.normalize("NFKC", text.translate(_OWNERSHIP)):
        folded = _CHARACTERS[ord(character)]
        written.append(folded.replace(folded.strip(), character) if folded.strip() else folded)
    return " ".join("".join(written).split())


def is_unspaced(character: str) -> bool:
    """Whether the character belongs to a script that writes words without spaces between them."""
    return _within(ord(character), _SINGLE_CHARACTERS) or re.match(f"[{_UNSPACED}]", character) is not None


def is_hangul(character: str) -> bool:
    """Whether the character is Korean, where particles are written onto the end of words."""
    return re.match(f"[{_HANGUL}]", character) is not None


def pieces(word: str) -> Iterator[tuple[int, int]]:
    """Where a word may be cut so that its parts fold to the same as the whole: a base with all that joins onto it."""
    start = 0
    for place in range(1, len(word)):
        character = word[place]
        if unicodedata.category(character)[0] != "M" and not _within(ord(character), _JOINING):
            yield start, place
            start = place
    if word:
        yield start, len(word)


def _token_places(word: str) -> list[tuple[int, int]]:
    """Where each token of a word came from, as (start, end) in the word."""
    if word.isascii() and word.isalnum():
        return [(0, len(word))]
    characters: list[str] = []
    origins: list[tuple[int, int]] = []
    for start, end in pieces(word):
        folded = _fold_characters(word[start:end])
        characters.append(folded)
        origins.extend([(start, end)] * len(folded))
    uncut = _without_emphasis("".join(characters))
    places: list[tuple[int, int]] = []
    position, inside = 0, False
    for character in _cut(uncut):
        if character == " ":
            inside = False
            position += position < len(uncut) and uncut[position] == " "
            continue
        start, end = origins[position]
        if inside:
            places[-1] = (places[-1][0], end)
        else:
            places.append((start, end))
        inside = True
        position += 1
    return places


class _TokenPlacesTable(dict[str, list[tuple[int, int]]]):
    """Where the tokens of a word came from, for words met before."""

    def __missing__(self, word: str) -> list[tuple[int, int]]:
        places = _token_places(word)
        if len(word) <= LONGEST_REMEMBERED:
            if len(self) >= REMEMBERED_WORDS:
                self.clear()
            self[word] = places
        return places


_TOKEN_PLACES = _TokenPlacesTable()


class FoldedText:
    """One text folded, and the way back from a token to the original, worked out when asked."""

    __slots__ = ("_borders", "_known", "_offsets", "_pieces", "_words", "folded", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._words = text.split()
        self._pieces = list(map(_folded_word, self._words))
        self.folded = "".join(self._pieces)
        # Where each word's tokens end in `folded`.
        self._borders: list[int] | None = None
        # Where each word begins in the original, as far as was asked.
        self._offsets: list[int] = []
        self._known: dict[int, list[tuple[int, int]]] = {}

    def place(self, position: int) -> tuple[int, int]:
        """The (start, end) in the original of the token whose space is at this position of `folded`."""
        if self._borders is None:
            self._borders = list(accumulate(map(len, self._pieces)))
        number = bisect_right(self._borders, position)
        begins = self._borders[number] - len(self._pieces[number])
        token = self.folded.count(" ", begins, position)
        offset = self._offset(number)
        start, end = self._token_places(number)[token]
        return offset + start, offset + end

    def _offset(self, number: int) -> int:
        offsets, words, text = self._offsets, self._words, self.text
        known = len(offsets)
        after = offsets[-1] + len(words[known - 1]) if offsets else 0
        for word in words[known : number + 1]:
            begins = text.index(word, after)
            offsets.append(begins)
            after = begins + len(word)
        return offsets[number]

    def _token_places(self, number: int) -> list[tuple[int, int]]:
        word = self._words[number]
        if len(word) <= LONGEST_REMEMBERED:
            return _TOKEN_PLACES[word]
        if number not in self._known:
            self._known[number] = _token_places(word)
        return self._known[number]
