"""Turns the HTML that feeds carry into plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator
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
_PARAGRAPHS = frozenset("p h1 h2 h3 h4 h5 h6 blockquote pre table ul ol dl article section figure hr".split())
# While HTML is turned into text, control characters that no text contains stand for the ends of lines.
_LINE, _PARAGRAPH, _BREAK = "\x01", "\x02", "\x03"
_MARKS = {
    **dict.fromkeys(_BLOCKS, _LINE),
    **dict.fromkeys(_PARAGRAPHS, _PARAGRAPH),
    **dict.fromkeys(("td", "th"), " "),
    "br": _BREAK,
}
_MEETING = re.compile("[\x01\x02\x03][ \x01\x02\x03]*")
_SPECIAL = frozenset("pre plaintext xmp listing".split())
_PLAIN_TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*)((?:\s|/)[^<>]*)?>")
_LEFT_OVER = re.compile(r"<[a-zA-Z/!?]")
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
_LITERAL = re.compile(r"</?(?:plaintext|xmp|listing)\b[^<>]*>?", re.IGNORECASE)
_CLOSING = re.compile(r"</(?:a|b|i|em|strong|span|p|div|font|u)>", re.IGNORECASE)
_EMPTY_LINES = re.compile(r"\n{3,}")
_INVISIBLE = "\u200b\ufeff"


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
    for letter in _INVISIBLE:
        text = text.replace(letter, "")
    # Splitting and joining is several times faster than a regular expression that meets every single space.
    text = "\n".join([" ".join(line.split()) for line in text.split("\n")])
    if "\n\n\n" in text:
        text = _EMPTY_LINES.sub("\n\n", text)
    return text.strip()[:LONGEST_TEXT].rstrip()


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


class _Complicated(Exception):
    """HTML that wants a real parser."""


def _rendered(html: str) -> str:
    html = printable(html)
    try:
        return _laid_out(_simply(html))
    except _Complicated:
        return _laid_out(_thoroughly(_LITERAL.sub("", html)))


def _simply(html: str) -> str:
    """The short way for what most feeds carry: plain tags, nothing hidden, nothing strange."""
    text = _PLAIN_TAG.sub(_mark, " ".join(html.split()))
    if "<" in text and _LEFT_OVER.search(text):
        raise _Complicated
    return unescape(text).replace("\n", " ") if "&" in text else text


def _mark(found: re.Match[str]) -> str:
    tag, attributes = found[1].lower(), found[2]
    if tag in _SILENT or tag in _SPECIAL:
        raise _Complicated
    if attributes and (attributes.count('"') % 2 or ('"' not in attributes and attributes.count("'") % 2)):
        raise _Complicated  # A quoted value may hold the end of the tag.
    return _MARKS.get(tag, "")


def _thoroughly(html: str) -> str:
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(f"<div>{html}</div>".encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    if root is None:
        return unescape(re.sub(r"<[^>]{0,2000}>", " ", html))
    return "".join(_pieces(root))


def _pieces(root: etree._Element) -> Iterator[str]:
    kept_lines = 0
    walk = etree.iterwalk(root, events=("start", "end", "comment"))
    for event, element in walk:
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start" and tag in _SILENT:
            walk.skip_subtree()
        elif event == "start":
            kept_lines += tag == "pre"
            yield _MARKS.get(tag, "") if tag != "br" else ""
            yield _said(element.text, kept_lines)
        elif event == "end":
            kept_lines -= tag == "pre"
            yield _MARKS.get(tag, "") if tag not in _SILENT else ""
            yield _said(element.tail, kept_lines)


def _said(text: str | None, kept_lines: int) -> str:
    if not text:
        return ""
    return printable(text).replace("\n", _BREAK if kept_lines else " ")


def _laid_out(text: str) -> str:
    """Put line ends where blocks meet: as many as asked for, not as many as there are tags."""
    return _MEETING.sub(_line_ends, text)


def _line_ends(found: re.Match[str]) -> str:
    lines = 0
    for mark in found[0]:
        if mark == _BREAK:
            lines += 1
        elif mark != " ":
            lines = max(lines, 1 if mark == _LINE else 2)
    return "\n" * min(lines, 2)
