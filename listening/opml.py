"""Lists of feeds as other readers keep them: OPML, read with suspicion and written plainly. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from lxml import etree

LARGEST = 5_000_000
MOST_LINES = 5_000
DEEPEST = 30
NO_TYPE = gettext_noop("The file defines entities or a document type, which no list of feeds needs. It was not read.")
_FORBIDDEN = dict.fromkeys([*range(9), 11, 12, *range(14, 32), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF])


class NotOpml(ValueError):
    """The file is no list of feeds, or one that is not read; `str()` says why."""


class Line(NamedTuple):
    """One feed of a list: where it is, what it is called, in which folder it lay."""

    address: str
    title: str = ""
    folder: str = ""


def read(document: bytes) -> list[Line]:
    """Return the feeds of a list in their order, each address once."""
    if len(document) > LARGEST:
        raise NotOpml(_("The file is larger than %(most)s MB; no list of feeds is.") % {"most": LARGEST // 1_000_000})
    # A list of feeds needs no document type. One that brings entities along wants something else.
    if b"<!DOCTYPE" in document.upper() or b"<!ENTITY" in document.upper() or _hides(document):
        raise NotOpml(_(NO_TYPE))
    body = next((element for element in _parsed(document) if _name(element) == "body"), None)
    if body is None:
        raise NotOpml(_("This is XML, but no OPML: it has no body with outlines."))
    found: dict[str, Line] = {}
    _gather(body, (), found)
    if not found:
        raise NotOpml(_("The list names no feed: none of its outlines has an xmlUrl."))
    return list(found.values())


def write(lines: Iterable[Line], *, title: str, at: datetime) -> bytes:
    """Return a list as OPML 2.0, by folders; any reader of feeds takes it."""
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = _writable(title)
    etree.SubElement(head, "dateCreated").text = f"{at:%a, %d %b %Y %H:%M:%S} GMT"
    body = etree.SubElement(root, "body")
    folders: dict[str, etree._Element] = {}
    for line in lines:
        parent = body
        if line.folder:
            if line.folder not in folders:
                name = _writable(line.folder)
                folders[line.folder] = etree.SubElement(body, "outline", text=name, title=name)
            parent = folders[line.folder]
        name = _writable(line.title or line.address)
        etree.SubElement(parent, "outline", type="rss", text=name, title=name, xmlUrl=_writable(line.address))
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _hides(document: bytes) -> bool:
    """Whether the letters are not written as they look: UTF-16 and its kin would hide a document type."""
    return document[:4].find(b"\x00") >= 0 or document[:2] in {b"\xff\xfe", b"\xfe\xff"}


def _parsed(document: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(document.lstrip(), parser)
    except (etree.XMLSyntaxError, ValueError) as problem:
        raise NotOpml(_("The file is no sound XML: %(problem)s") % {"problem": str(problem)[:200]}) from problem
    if root.getroottree().docinfo.internalDTD is not None:
        raise NotOpml(_(NO_TYPE))
    return root


def _gather(element: etree._Element, folders: tuple[str, ...], found: dict[str, Line]) -> None:
    if len(folders) > DEEPEST:
        raise NotOpml(_("The folders of the list lie deeper in each other than anyone sorts feeds. It was not read."))
    for outline in element:
        if _name(outline) != "outline":
            continue
        said = {str(name).lower(): str(value).strip() for name, value in outline.attrib.items()}
        title = " ".join((said.get("title") or said.get("text") or "").split())[:200]
        address = said.get("xmlurl", "")
        if address:
            found.setdefault(address, Line(address[:4000], title, " / ".join(folders)[:120]))
            if len(found) > MOST_LINES:
                raise NotOpml(_("The list names more than %(most)s feeds. Divide it.") % {"most": MOST_LINES})
        _gather(outline, (*folders, title) if title and not address else folders, found)


def _name(element: etree._Element) -> str:
    tag: object = element.tag  # comments have a function here
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


def _writable(text: str) -> str:
    return text.translate(_FORBIDDEN)
