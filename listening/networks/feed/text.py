"""Turns the HTML that feeds carry into plain text."""

from __future__ import annotations

import re
from html import unescape
from html.entities import html5

from lxml import etree

from listening.networks.feed.encoding import printable
from listening.networks.feed.limits import LONGEST_TEXT, LONGEST_TITLE

_SILENT = frozenset(
    "script style head title template noscript iframe object embed applet svg canvas select datalist textarea "
    "audio video noembed noframes xml".split()
)
_BLOCKS = frozenset(
    "address article aside blockquote body center dd details dialog dir div dl dt fieldset figcaption figure footer "
    "form h1 h2 h3 h4 h5 h6 header hgroup hr li main menu nav ol option p pre section summary table tbody tfoot thead "
    "tr ul br".split()
)
_PARAGRAPHS = frozenset("p div h1 h2 h3 h4 h5 h6 blockquote pre table ul ol dl article section figure hr".split())
_CELLS = frozenset({"td", "th"})
_KNOWN_TAGS = (
    "a abbr acronym address article aside audio b bdi bdo big blink blockquote body br button caption center cite code "
    "col dd del details dfn dir div dl dt em embed fieldset figcaption figure font footer form frame frameset h1 h2 h3 "
    "h4 h5 h6 head header hr html i iframe img input ins kbd label legend li link main map mark marquee menu meta nav "
    "nobr noscript object ol option p param picture pre q rp rt ruby s samp script section select small source span "
    "strike strong style sub summary sup svg table tbody td template textarea tfoot th thead time title tr tt u ul var "
    "video wbr"
)
_TAG = re.compile(
    rf"</?(?:{'|'.join(_KNOWN_TAGS.split())})(?:[\s/][^<>]*)?>|<!--.*?-->|</?[a-z][\w:-]*\s[^<>=]*=[^<>]*>",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"</?[a-zA-Z!?]|&(?:#\d|#x|[a-zA-Z])")
_ESCAPED_TWICE = re.compile(
    r"</(?:p|div|a|span|strong|em|b|i|li|ul|h[1-6])>|<(?:p|br)\s*/?>|<(?:a\s+href|img\s+src)=", re.IGNORECASE
)
# After these a browser shows tags as they are written; nobody who writes a feed wants that.
_LITERAL = re.compile(r"</?(?:plaintext|xmp|listing)\b[^<>]*>?", re.I)
_CLOSING = re.compile(r"</(?:a|b|i|em|strong|span|p|div|font|u)>", re.IGNORECASE)
_SPACES = re.compile(r"[^\S\n\xa0]+|[\xa0\u200b\ufeff]+")
_GAPS = re.compile(r" ?\n ?")


def plain_text(html: str) -> str:
    """Return what a reader would see of some HTML, with a line for each block."""
    html = html[: LONGEST_TEXT * 4]
    if not _MARKUP.search(html):
        return tidy(html)
    text = _rendered(html)
    if "<" in text and "<" not in html and _ESCAPED_TWICE.search(text):
        # Escaped once more than it should be: nobody wants to read the tags.
        text = _rendered(text)
    return tidy(text)


def tidy(text: str) -> str:
    """Collapse white space, keep at most one empty line in a row, and cut what is beyond all reason."""
    text = printable(text).replace("\r\n", "\n").replace("\r", "\n")
    text = _GAPS.sub("\n", _SPACES.sub(" ", text))
    return re.sub(r"\n{3,}", "\n\n", text).strip()[:LONGEST_TEXT].rstrip()


def plain_title(title: str, *, is_html: bool = True) -> str:
    """Return a title on one line; tags go, but `Map<K, V>` and `a < b` stay as they are."""
    title = title[: LONGEST_TITLE * 4]
    if is_html and _MARKUP.search(title):
        title = unescape(_TAG.sub("", title))
        if _CLOSING.search(title):
            title = _TAG.sub("", title)
    return " ".join(printable(title).split())[:LONGEST_TITLE].strip()


def named_entity(name: str) -> str | None:
    """Return what an HTML entity stands for, or nothing when there is none of this name."""
    return html5.get(f"{name};")


def _rendered(html: str) -> str:
    html = _LITERAL.sub("", html)
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(f"<div>{html}</div>".encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    if root is None:
        return unescape(re.sub(r"<[^>]{0,2000}>", " ", html))
    return "".join(_pieces(root))


def _pieces(root: etree._Element) -> list[str]:
    pieces: list[str] = []
    walk = etree.iterwalk(root, events=("start", "end", "comment"))
    kept_lines = 0
    for event, element in walk:
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            if tag in _SILENT:
                walk.skip_subtree()
                continue
            kept_lines += tag == "pre"
            _open(pieces, tag)
            _say(pieces, element.text, kept_lines)
        elif event == "end":
            kept_lines -= tag == "pre"
            if tag not in _SILENT:
                _close(pieces, tag)
            _say(pieces, element.tail, kept_lines)
    return pieces


def _open(pieces: list[str], tag: str) -> None:
    if tag in _PARAGRAPHS:
        _break(pieces, 2 if tag != "div" else 1)
    elif tag in _BLOCKS and tag != "br":
        _break(pieces, 1)


def _close(pieces: list[str], tag: str) -> None:
    if tag == "br":
        pieces.append("\n")
    elif tag in _PARAGRAPHS:
        _break(pieces, 2 if tag != "div" else 1)
    elif tag in _BLOCKS:
        _break(pieces, 1)
    elif tag in _CELLS:
        pieces.append(" ")


def _break(pieces: list[str], lines: int) -> None:
    """Make sure that as many line ends stand before what follows, without adding to those already there."""
    there = 0
    for piece in reversed(pieces):
        stripped = piece.rstrip(" ")
        there += len(stripped) - len(stripped.rstrip("\n"))
        if stripped.strip("\n") or there >= lines:
            break
    if pieces and there < lines:
        pieces.append("\n" * (lines - there))


def _say(pieces: list[str], text: str | None, kept_lines: int) -> None:
    if text:
        pieces.append(text if kept_lines else re.sub(r"[\s]+", " ", text))
