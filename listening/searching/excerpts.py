"""What a post says around the places that made it match."""

from __future__ import annotations

from collections.abc import Sequence

from listening.matching import Span

BEFORE, LONGEST = 60, 260

Parts = list[tuple[str, bool]]


def excerpt(title: str, text: str, spans: Sequence[Span]) -> Parts:
    """Return a passage of a post around its first match, in parts, each with whether it matched."""
    said = text if text and (not spans or any(span.field == "text" for span in spans)) else title
    here = [(span.start, span.end) for span in spans if (span.field == "text") == (said is text)]
    first = here[0][0] if here else 0
    # Cut where a word begins, if one begins near.
    begins = max(0, first - BEFORE)
    if begins and (space := said.find(" ", begins, first)) >= 0:
        begins = space + 1
    ends = min(len(said), begins + LONGEST)
    parts: Parts = [("…", False)] if begins else []
    place = begins
    for start, end in here:
        if start >= ends:
            break
        parts += [(said[place:start], False), (said[start : min(end, ends)], True)]
        place = min(end, ends)
    parts.append((said[place:ends], False))
    if ends < len(said):
        parts.append(("…", False))
    return [part for part in parts if part[0]]
