"""Markdown as plain words, and where plain words can be cut: for networks that draw no marks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from markdown_it.token import Token

from roles.markdown import read

# Where a sentence ends: after its mark and what closes it, before a gap; or after a mark that needs none.
_END = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s|$)|[。！？]+[」』）]*")
_GAP = re.compile(r"\s+")
CUT = "…"


def plain_text(markdown: str) -> str:
    """Return what a reader sees of Markdown: paragraphs with an empty line between them, addresses behind links."""
    return "\n\n".join(_blocks(read(markdown))).strip()


def first_link(markdown: str) -> str:
    """Return the first address that the text links to or names; empty where there is none."""
    for token in read(markdown):
        for child in token.children or ():
            if child.type == "link_open" and (href := str(child.attrGet("href") or "")).startswith(
                ("https://", "http://")
            ):
                return href
            if child.type == "text" and (bare := re.search(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]", child.content)):
                return bare[0]
    return ""


def _blocks(tokens: Sequence[Token]) -> Iterator[str]:
    items: list[str] = []
    depth, mark = 0, ""
    for token in tokens:
        if token.type == "list_item_open":
            mark = f"{token.info}. " if token.info else "• "
        elif token.type in {"bullet_list_open", "ordered_list_open"}:
            depth += 1
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            depth -= 1
            if not depth:
                yield "\n".join(items)
                items = []
        elif token.type == "inline" and depth:
            items.append(mark + _words(token.children or ()))
            mark = ""
        elif token.type == "inline":
            yield _words(token.children or ())
        elif token.type in {"fence", "code_block"}:
            yield token.content.rstrip()


def _words(children: Sequence[Token]) -> str:
    said: list[str] = []
    href, begins = "", 0
    for token in children:
        if token.type in {"softbreak", "hardbreak"}:
            said.append("\n" if token.type == "hardbreak" else " ")
        elif token.type == "link_open":
            href, begins = str(token.attrGet("href") or ""), len(said)
        elif token.type == "link_close":
            if href and href not in "".join(said[begins:]):
                said.append(f" ({href})")
        else:
            said.append(token.content)
    return "".join(said)


def cut(text: str, fits: Callable[[str], bool]) -> str:
    """Return the text as far as it fits: to the end of a sentence, else of a word with “…”; `fits` counts as asked."""
    text = text.strip()
    if fits(text):
        return text
    ends = [found.end() for found in _END.finditer(text)]
    if end := _longest(ends, lambda place: fits(text[:place].rstrip())):
        return text[:end].rstrip()
    gaps = [found.start() for found in _GAP.finditer(text)]
    if end := _longest(gaps, lambda place: fits(text[:place].rstrip() + CUT)):
        return text[:end].rstrip() + CUT
    end = _longest(range(1, len(text)), lambda place: fits(text[:place] + CUT))
    return text[:end] + CUT if end else ""


def _longest(places: Sequence[int], fits: Callable[[int], bool]) -> int:
    """Return the last place that fits, 0 where none does; what is longer never fits where a shorter one does not."""
    low, high = 0, len(places)
    while low < high:
        middle = (low + high) // 2
        if fits(places[middle]):
            low = middle + 1
        else:
            high = middle
    return places[low - 1] if low else 0
