"""The gaps in a saved reply: `{author}`, `{author|there}`, and `{{` for a brace; nothing else has a meaning.

A text is read into parts once, and filled in one go: what a gap brings in is never read again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from roles.wording import listed

VARIABLES = {
    "author": gettext_lazy("the author's name"),
    "handle": gettext_lazy("the author's @handle"),
    "me": gettext_lazy("the writer's name"),
    "account": gettext_lazy("the name of the account that answers"),
    "organization": gettext_lazy("the organization's name"),
    "department": gettext_lazy("the department's name"),
    "topic": gettext_lazy("the topic"),
    "link": gettext_lazy("the address of the post"),
}
LONGEST_VALUE = 300
_SIGN = re.compile(r"\{\{|\}\}|\{|\}")
_NAME = re.compile(r"[a-z_]+")
_GAP = "\0"  # stands for a gap that stayed empty; no text of ours can contain it
# A gap that stayed empty takes the space before it along where a sign follows: "Hi {author}," becomes "Hi,".
_EMPTY_BEFORE_SIGN = re.compile(r"[ \t]*\0(?=[,.;:!?)]|\s|\Z)")


class TemplateError(ValueError):
    """What is wrong with a text, and where: `position` and `length` in characters."""

    def __init__(self, message: str, position: int, length: int) -> None:
        super().__init__(message)
        self.position, self.length = position, length


@dataclass(frozen=True)
class Gap:
    """A place to be filled, and what stands there where nothing is known."""

    name: str
    otherwise: str = ""


@dataclass(frozen=True)
class Filled:
    """A text without gaps, and the names of those that stayed empty."""

    text: str
    missing: tuple[str, ...] = ()


def parse(text: str) -> list[str | Gap]:
    """Read a text into what stands as it is and what is to be filled; raises TemplateError."""
    return list(_parts(text))


def _parts(text: str) -> Iterator[str | Gap]:
    at = 0
    while sign := _SIGN.search(text, at):
        if sign.start() > at:
            yield text[at : sign.start()]
        found = sign.group()
        if found in {"{{", "}}"}:
            yield found[0]
            at = sign.end()
        elif found == "}":
            raise TemplateError(_("There is a } that closes nothing. Write }} for a brace."), sign.start(), 1)
        else:
            gap, at = _gap(text, sign.start())
            yield gap
    if at < len(text):
        yield text[at:]


def _gap(text: str, begin: int) -> tuple[Gap, int]:
    end = text.find("}", begin)
    again = text.find("{", begin + 1, end if end >= 0 else len(text))
    if end < 0 or again >= 0:
        raise TemplateError(_("This { is never closed. Write {{ for a brace."), begin, 1)
    name, _bar, otherwise = text[begin + 1 : end].partition("|")
    name = name.strip()
    if name not in VARIABLES:
        raise TemplateError(_unknown(name), begin, end + 1 - begin)
    return Gap(name, otherwise.strip()), end + 1


def _unknown(name: str) -> str:
    known = listed(f"{{{each}}}" for each in VARIABLES)
    if not name:
        return _("There is nothing between the braces. Choose from: %(known)s.") % {"known": known}
    near = get_close_matches(name, VARIABLES, n=1)
    if not _NAME.fullmatch(name) or not near:
        return _("There is no {%(name)s}. Choose from: %(known)s.") % {"name": name, "known": known}
    return _("There is no {%(name)s}. Did you mean {%(near)s}?") % {"name": name, "near": near[0]}


def fill(text: str, values: Mapping[str, str]) -> Filled:
    """Fill the gaps; one of which nothing is known gets what it says otherwise, or closes. Raises TemplateError."""
    said, missing = [], []
    for part in _parts(text.replace(_GAP, "")):
        if isinstance(part, str):
            said.append(part)
            continue
        value = " ".join(values.get(part.name, "").replace(_GAP, "").split())[:LONGEST_VALUE] or part.otherwise
        if not value:
            missing.append(part.name)
        said.append(value or _GAP)
    whole = _EMPTY_BEFORE_SIGN.sub("", "".join(said)).replace(_GAP, "")
    return Filled(whole.strip(), tuple(dict.fromkeys(missing)))
