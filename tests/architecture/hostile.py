"""Words that would rather be markup, put into every row, and what a page made of them."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urlsplit

from django.apps import apps
from django.db import models

from roles.tenancy import Owned

MARK = "x-planted"
WORDS = (
    f"\"'><{MARK} onmouseover=alert(1)></textarea></title></script><img src=//planted.example/a onerror=alert(2)>"
    "<svg onload=alert(3)></svg>{{ 7|add:7 }}{% now %}${7*7}<!-- &lt;b&gt; \u202egnp.exe\u202c \ufeff=HYPERLINK(1)"
)
# Columns that people or networks fill with what they like. Addresses are not among them: no door takes one that does
# not begin with http (listening.identity.web_address and its neighbours).
FREE = {
    "about", "account_name", "alt", "answer", "body", "comment", "description", "detail", "display_name",
    "first_comment",
    "handle", "headline", "label", "name", "note", "page_title", "problem", "question", "quote", "reason", "said",
    "source_name", "subject", "summary", "text", "title", "triage_reason", "warning", "why", "words",
}  # fmt: skip


def plant(key: int) -> int:
    """Fill the free words of the rows with that key; returns how many columns were."""
    planted = 0
    for model in apps.get_models():
        if not issubclass(model, Owned):
            continue
        words = {column.name: WORDS[: column.max_length or 2000] for column in _free(model)}
        if words:
            planted += len(words) * model._base_manager.filter(pk=key).update(**words)
    return planted


def _free(model: type[models.Model]) -> Iterator[models.Field[object, object]]:
    for column in model._meta.concrete_fields:
        if isinstance(column, models.CharField | models.TextField) and column.name in FREE and not column.choices:
            yield column


class Page(HTMLParser):
    """What a browser would take for markup."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.complaints: list[str] = []
        self.tags: set[str] = set()
        self.words = self.scripts = 0
        self.feed(html)

    def updatepos(self, i: int, j: int) -> int:
        """Nobody asks on which line something stands; to count them takes a tenth of the reading."""
        return j

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A planted element, a handler, or an address that does something or leads another computer's picture here."""
        self.tags.add(tag)
        self.scripts += tag == "script"
        if tag == MARK:
            self.complaints.append(f"<{tag}>")
        for name, value in attrs:
            address = urlsplit((value or "").strip()) if name in {"href", "src", "action", "formaction"} else None
            if (
                name.startswith("on")
                or (
                    address
                    and address.scheme in {"javascript", "vbscript", "data"}
                    and not (value or "").startswith("data:image/")
                )
                or (address and name == "src" and address.netloc)
            ):
                self.complaints.append(f"<{tag} {name}={value}>")

    def handle_data(self, data: str) -> None:
        """Words that are shown as they are."""
        self.words += data.count(f"<{MARK}")
        if "14${" in data:
            self.complaints.append("what looks like a template was read as one")
