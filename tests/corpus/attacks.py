"""Where words, files and addresses lie that were made to harm, if they do; nothing of them is part of the project."""

from __future__ import annotations

import json
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.hostile import Page

ATTACKS = Path(__file__).resolve().parents[3] / "shared" / "data" / "D_adversarial"
# The project is tested without that folder too.
where_attacks = pytest.mark.skipif(not ATTACKS.exists(), reason="the attacks are not on this machine")
# What no page of ours needs, whatever is written in it.
NEVER = {
    "applet",
    "base",
    "embed",
    "frame",
    "iframe",
    "marquee",
    "math",
    "noembed",
    "object",
    "param",
    "plaintext",
    "xmp",
}


def lines(path: str) -> list[str]:
    """The lines of a file, as they stand there."""
    return (ATTACKS / path).read_text(errors="replace").splitlines() if ATTACKS.exists() else []


def rows(path: str) -> list[dict[str, Any]]:
    """The objects of a file with one in each line."""
    return [json.loads(line) for line in lines(path)]


@cache
def documents() -> dict[str, bytes]:
    """Every file of the folder, by its name."""
    return {path.name: path.read_bytes() for path in sorted(ATTACKS.rglob("*")) if path.is_file()}


@cache
def words() -> tuple[str, ...]:
    """Everything that somebody may type or say, each once: strings, markup, formulas, dates, addresses."""
    naughty: list[str] = json.loads((ATTACKS / "naughty_strings" / "blns.json").read_bytes())
    markup = [str(row["payload"]) for row in rows("html_js/xss_payloads.jsonl")]
    markup += [body.decode(errors="replace") for name, body in documents().items() if name.endswith(".test")]
    said = [*naughty, *formulas(), *lines("xml_attacks/xml-attacks.txt"), *days(), *addresses(), *markup]
    return tuple(dict.fromkeys(said))


def formulas() -> list[str]:
    """What a spreadsheet would run."""
    return lines("csv_crlf/csv_injection_payloads.txt")


def days() -> list[str]:
    """Dates as somebody once wrote them, and such as are none."""
    named = [str(row["input"]) for row in rows("dates/dates_gold_other.jsonl")]
    return [*named, *(str(row["example"]) for row in rows("dates/date_shapes.open.jsonl"))]


def addresses() -> list[str]:
    """What leads to where no page is."""
    return [str(row["url"]) for row in rows("ssrf/ssrf_urls.jsonl")]


@lru_cache(maxsize=16)
def _plain(html: str) -> Page:
    """Read once, however many pages are held against it."""
    return Page(html)


def strange(html: str, plain: str) -> list[str]:
    """What stands in a page as markup that does not stand in one with plain words."""
    one, other = Page(html), _plain(plain)
    more = [f"<{tag}>" for tag in one.tags - other.tags - {"a", "br", "mark", "time"} if tag in NEVER or "-" in tag]
    return [*one.complaints, *more, *({"scripts"} if one.scripts > other.scripts else ())]
