"""Reads a page as somebody who hears it: its outline, its landmarks, and whether everything in it has a name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
LANDMARKS = {"nav": "navigation", "aside": "complementary", "search": "search", "section": "region", "form": "form"}
NEEDS_NO_LABEL = {"hidden", "submit", "button", "reset", "image"}


@dataclass
class Element:
    """One element with what stands in it: elements and text, in order."""

    tag: str
    given: dict[str, str]
    parent: Element | None = None
    inside: list[Element | str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"<{self.tag} {' '.join(f'{name}={value!r}' for name, value in list(self.given.items())[:3])}>"

    def all(self) -> Iterator[Element]:
        """Every element below, in order, but for what is not shown until somebody asks."""
        for one in self.inside:
            if isinstance(one, Element) and not one.is_silent:
                yield one
                yield from one.all()

    @property
    def is_silent(self) -> bool:
        """Whether nobody hears it, or not before they ask for it."""
        return self.tag in {"template", "dialog"} or "hidden" in self.given or self.given.get("aria-hidden") == "true"

    def text(self) -> str:
        """What is read out of it: its words, and the names of the pictures in it."""
        if self.is_silent:
            return ""
        own = self.given.get("aria-label") or (self.given.get("alt") if self.tag == "img" else "") or ""
        said = [one if isinstance(one, str) else one.text() for one in self.inside]
        return own or " ".join(" ".join(said).split())

    def is_within(self, *tags: str) -> bool:
        """Whether it stands inside one of these."""
        return self.parent is not None and (self.parent.tag in tags or self.parent.is_within(*tags))


class Reader(HTMLParser):
    """Takes a page apart into its elements."""

    def __init__(self) -> None:
        super().__init__()
        self.top = self.here = Element("", {})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, self.here)
        self.here.inside.append(element)
        if tag not in VOID:
            self.here = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.here = self.here.parent or self.top

    def handle_endtag(self, tag: str) -> None:
        open_one: Element | None = self.here
        while open_one and open_one.tag != tag:
            open_one = open_one.parent
        if open_one:
            self.here = open_one.parent or self.top

    def handle_data(self, data: str) -> None:
        self.here.inside.append(data)


def complaints(page: str, reader: Reader) -> Iterator[str]:
    """What somebody who hears the page, or goes through it by keyboard, would stumble over."""
    elements = list(reader.top.all())
    ids = Counter(element.given["id"] for element in elements if "id" in element.given)
    by_id = {element.given["id"]: element for element in elements if "id" in element.given}
    yield from (f"{name} is there {count} times" for name, count in ids.items() if count > 1)
    if page.lstrip().lower().startswith("<!doctype"):
        yield from _outline(elements)
    yield from _landmarks(elements, by_id)
    yield from _names(elements, by_id)
    yield from _lists(elements)


def _outline(elements: list[Element]) -> Iterator[str]:
    if sum(element.tag == "main" for element in elements) != 1:
        yield "there is not one main part"
    levels = [(int(element.tag[1]), element) for element in elements if element.tag in {"h1", "h2", "h3", "h4", "h5"}]
    if [level for level, _element in levels].count(1) != 1:
        yield "there is not one heading of the page"
    before = 1
    for level, element in levels:
        if level > before + 1:
            yield f"{element} “{element.text()}” comes after a heading of level {before}"
        before = level


def _landmarks(elements: list[Element], by_id: dict[str, Element]) -> Iterator[str]:
    named: Counter[tuple[str, str]] = Counter()
    for element in elements:
        role = element.given.get("role") or LANDMARKS.get(element.tag, "")
        name = _name(element, by_id, said=False)
        if role in LANDMARKS.values() and (name or role not in {"region", "form"}):
            named[role, name] += 1
    yield from (f"{count} landmarks are called “{name}” ({role})" for (role, name), count in named.items() if count > 1)


def _names(elements: list[Element], by_id: dict[str, Element]) -> Iterator[str]:
    labelled = {element.given["for"] for element in elements if element.tag == "label" and "for" in element.given}
    for element in elements:
        given = element.given
        for name in ("for", "aria-labelledby", "aria-describedby", "aria-controls"):
            for key in given.get(name, "").split():
                if key not in by_id and element.tag != "output":
                    yield f"{element} names {key}, which is not there ({name})"
        if element.tag in {"input", "select", "textarea"} and given.get("type") not in NEEDS_NO_LABEL:
            if given.get("id") not in labelled and not element.is_within("label") and not _name(element, by_id):
                yield f"{element} has no label"
        elif element.tag in {"button", "a", "summary", "th"} and not _name(element, by_id):
            yield f"{element} has no name"
        elif element.tag == "a" and not given.get("href", "").strip():
            yield f"{element} leads nowhere"
        elif element.tag == "img" and "alt" not in given:
            yield f"{element} has no text instead"
        if element.tag in {"a", "button", "summary"} and element.is_within("a", "button", "summary"):
            yield f"{element} is inside another that can be pressed"


def _lists(elements: list[Element]) -> Iterator[str]:
    for element in elements:
        wanted = {"ul": {"li"}, "ol": {"li"}, "dl": {"dt", "dd", "div"}}.get(element.tag)
        for one in element.inside if wanted else ():
            if isinstance(one, Element) and one.tag not in {*(wanted or ()), "template", "script"}:
                yield f"{one} stands in a list and is no item of it"
            elif isinstance(one, str) and one.strip():
                yield f"“{one.strip()}” stands in a list and is no item of it"


def _name(element: Element, by_id: dict[str, Element], *, said: bool = True) -> str:
    """What it is called; what it says counts where that is how it gets its name."""
    keys = element.given.get("aria-labelledby", "").split()
    pointed = " ".join(by_id[key].text() for key in keys if key in by_id)
    title = element.given.get("title", "")
    return pointed or element.given.get("aria-label", "") or (element.text() if said else "") or title
