"""What changed between two versions of a text, for people: by words, in the paragraphs in which they stand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from listening.searching.history import Piece, difference

Shape = Literal["text", "item", "heading"]
# Of a long stretch that stayed as it was, so many paragraphs are shown at each end.
AROUND = 1
# Above these sizes words or paragraphs are not compared one by one: what went and what came stand whole.
MOST_WORDS, MOST_PARTS = 250_000, 250_000
ALIKE, LOOK_AHEAD = 0.5, 8
_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])\s+")
# Marks within a line that a reader does not see.
_MARKS = re.compile(r"\*\*|__|`|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)")
_LINK = re.compile(r"\[([^\]]*)\]\(([^)\s]*)\)")
_HEADING = re.compile(r"\s{0,3}#{1,6}\s+")


@dataclass(frozen=True)
class Part:
    """A paragraph, item or heading: what stayed, what went and what is new in it; or how many are left out."""

    kind: Literal["same", "changed", "gone", "new", "left_out"]
    shape: Shape = "text"
    pieces: Sequence[Piece] = ()
    count: int = 0


def compare(before: str, after: str) -> list[Part]:
    """Return the text after, with what changed in each of its paragraphs, and those that went."""
    old, new = _paragraphs(before), _paragraphs(after)
    if len(old) * len(new) > MOST_PARTS:
        return [*(_whole("gone", part) for part in old), *(_whole("new", part) for part in new)]
    found: list[Part] = []
    for kind, start, end, begins, ends in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            found += [_whole("same", part) for part in old[start:end]]
        else:
            found += _against(old[start:end], new[begins:ends])
    return _shortened(found)


def _paragraphs(text: str) -> list[tuple[Shape, str]]:
    """Cut Markdown where a reader sees a break; how its lines are wrapped makes no difference."""
    found: list[tuple[Shape, str]] = []
    goes_on = False
    for line in text.splitlines():
        if not line.strip():
            goes_on = False
        elif heading := _HEADING.match(line):
            found.append(("heading", line[heading.end() :].strip()))
            goes_on = False
        elif item := _ITEM.match(line):
            found.append(("item", line[item.end() :].strip()))
            goes_on = True
        elif goes_on and not line.lstrip().startswith(("|", ">")):
            shape, said = found[-1]
            found[-1] = (shape, f"{said} {line.strip()}")
        else:
            found.append(("text", line.strip()))
            goes_on = True
    return found


def _whole(kind: Literal["same", "gone", "new"], part: tuple[Shape, str]) -> Part:
    return Part(kind, part[0], [(kind, _plain(part[1]))])


def _plain(text: str) -> str:
    """The words as a reader sees them, with the addresses of links behind them."""
    return _MARKS.sub("", _LINK.sub(r"\1 (\2)", text))


def _pieces(old: str, new: str) -> list[Piece]:
    """What changed in the words; where only marks did, in those."""
    was, is_now = _plain(old), _plain(new)
    return _calm(difference(was, is_now) if was != is_now else difference(old, new))


def _against(old: Sequence[tuple[Shape, str]], new: Sequence[tuple[Shape, str]]) -> list[Part]:
    """Pair paragraphs that are alike, in their order; the others went or are new."""
    found: list[Part] = []
    at = 0
    for part in old:
        near = range(at, min(at + LOOK_AHEAD, len(new)))
        likes = [(_likeness(part[1], new[place][1]), -place) for place in near]
        likeness, place = max(likes, default=(0.0, 0))
        if likeness < ALIKE:
            found.append(_whole("gone", part))
            continue
        found += [_whole("new", fresh) for fresh in new[at:-place]]
        found.append(Part("changed", new[-place][0], _pieces(part[1], new[-place][1])))
        at = -place + 1
    return [*found, *(_whole("new", fresh) for fresh in new[at:])]


def _likeness(one: str, other: str) -> float:
    old, new = re.findall(r"\w+", one), re.findall(r"\w+", other)
    if len(old) * len(new) > MOST_WORDS:
        return 0.0
    return SequenceMatcher(None, old, new, autojunk=False).ratio()


def _calm(pieces: Sequence[Piece]) -> list[Piece]:
    """Take changed words with nothing but a gap between them as one change."""
    found: list[Piece] = []
    gone = new = ""
    for kind, text in [*pieces, ("same", "")]:
        if kind == "same" and text and not text.strip() and (gone or new):
            gone, new = gone + text, new + text
        elif kind == "same":
            found += [("gone", gone), ("new", new), ("same", text)]
            gone = new = ""
        elif kind == "gone":
            gone += text
        else:
            new += text
    return [piece for piece in found if piece[1]]


def _shortened(parts: Sequence[Part]) -> list[Part]:
    """Leave out what stayed as it was, but for what stands beside a change."""
    near = {
        place + step for place, part in enumerate(parts) if part.kind != "same" for step in range(-AROUND, AROUND + 1)
    }
    found: list[Part] = []
    for place, part in enumerate(parts):
        if place in near:
            found.append(part)
        elif found and found[-1].kind == "left_out":
            found[-1] = Part("left_out", count=found[-1].count + 1)
        else:
            found.append(Part("left_out", count=1))
    return found
