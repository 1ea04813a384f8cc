"""Markdown taken apart into paragraphs and their runs, for paper; what it means stays what it means on the page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from markdown_it.token import Token

from roles.markdown import read

# Where a link may lead to.
SCHEMES = ("https://", "http://", "mailto:")


def pieces(text: str) -> list[dict[str, Any]]:
    """Paragraphs, headings, items and code in their order, each with runs of text."""
    found: list[dict[str, Any]] = []
    lists: list[int | None] = []
    heading, quoted, marker = 0, 0, ""
    for token in read(text):
        match token.type:
            case "heading_open":
                heading = int(token.tag[1:])
            case "heading_close":
                heading = 0
            case "ordered_list_open":
                lists.append(int(token.attrGet("start") or 1))
            case "bullet_list_open":
                lists.append(None)
            case "ordered_list_close" | "bullet_list_close":
                lists.pop()
            case "list_item_open":
                marker = f"{lists[-1]}." if lists[-1] is not None else "•"
                lists[-1] = lists[-1] + 1 if lists[-1] is not None else None
            case "blockquote_open":
                quoted += 1
            case "blockquote_close":
                quoted -= 1
            case "inline":
                runs = _runs(token.children or ())
                found.append({"heading": heading, "depth": len(lists) + quoted, "marker": marker, "runs": runs})
                marker = ""
            case "fence" | "code_block":
                runs = [_run(token.content.rstrip("\n"), ["code"], "")]
                found.append({"heading": 0, "depth": len(lists) + quoted, "marker": marker, "runs": runs})
                marker = ""
    return found


def _runs(children: Iterable[Token]) -> Sequence[dict[str, Any]]:
    runs: list[dict[str, Any]] = []
    styles: list[str] = []
    link = ""
    for child in children:
        if child.type in {"text", "code_inline"}:
            runs.append(_run(child.content, [*styles, *(["code"] if child.type == "code_inline" else [])], link))
        elif child.type in {"softbreak", "hardbreak"}:
            runs.append(_run("\n" if child.type == "hardbreak" else " ", [], ""))
        elif child.type == "link_open":
            href = str(child.attrGet("href") or "")
            link = href if href.startswith(SCHEMES) else ""
        elif child.type == "link_close":
            link = ""
        elif child.type.endswith("_open"):
            styles.append(child.type.removesuffix("_open"))
        elif child.type.endswith("_close"):
            styles.remove(child.type.removesuffix("_close"))
    return runs


def _run(text: str, styles: Sequence[str], link: str) -> dict[str, Any]:
    return {"text": text, "styles": list(styles), "link": link}
