"""A report on paper and in mails: the same blocks and the same drawings as on the page, set by Typst.

What people wrote is handed over as data and never as markup, so nothing in it is taken for a command.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from django.conf import settings
from django.template.loader import get_template
from django.utils import formats
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from measurement import letters
from measurement.block import Block
from measurement.pictures import Picture
from measurement.prose import pieces
from measurement.reporting import Told
from roles.tenancy import active_organization
from roles.wording import labelled, listed

TEMPLATE: Path = settings.BASE_DIR / "templates" / "measurement" / "paper" / "report.typ"
# The series' colours in light, as in css/tokens.css.
SERIES = ("#0d6b49", "#c0861d", "#122699", "#e030bd", "#b0650e", "#7f17cf", "#2284ba", "#94918f")
STYLE = "".join((
    "text{font-size:13px;fill:#525a54}",
    ".chart__axis{stroke:#83897f}.chart__grid{stroke:#e0e1d9}.chart__hit{fill:none}",
    ".chart__bar{fill:currentColor;stroke:#ffffff;stroke-width:1}.chart__hatch{fill:none;stroke:#ffffff;stroke-width:1.5}",
    ".chart__point{fill:currentColor;stroke:#ffffff;stroke-width:1.5}",
    ".chart__line{fill:none;stroke:currentColor;stroke-width:2;stroke-linejoin:round}",
    ".chart__line--1{stroke-dasharray:7 4}.chart__line--2{stroke-dasharray:2 4}",
    ".chart__line--3{stroke-dasharray:9 4 2 4}.chart__line--4{stroke-dasharray:16 5}",
    ".chart__line--5{stroke-dasharray:4 2}.chart__line--6{stroke-dasharray:12 3 2 3 2 3}",
    ".chart__line--7{stroke-dasharray:1 6}",
    ".chart__note line{stroke:#525a54;stroke-dasharray:2 3}.chart__note circle{fill:#ffffff;stroke:#525a54}",
    ".chart__note text{fill:#1a1e1b;font-size:11px}",
    *(f".series-{number}{{color:{colour}}}" for number, colour in enumerate(SERIES, start=1)),
))  # fmt: skip
# How sharp a picture in a mail is: three dots for each of the page's.
DOTS = 216
MISSING = "□"


def as_pdf(told: Told) -> bytes:
    """Set a report on as many pages as it needs."""
    [paper] = _compiled(_sheet(told), "pdf")
    return paper


def as_pictures(told: Told) -> dict[int, bytes]:
    """The pictures of a report, by the places of their blocks, as mail programs show them."""
    drawn = [number for number, block in enumerate(told.blocks) if block.picture or block.week]
    if not drawn:
        return {}
    sheet = {**_sheet(told, size="narrow"), "only": drawn}
    return dict(zip(drawn, _compiled(sheet, "png"), strict=True))


def _compiled(sheet: Mapping[str, Any], form: Literal["pdf", "png"], *, standards: Sequence[Any] = ()) -> list[bytes]:
    import typst

    made: Any = typst.compile(
        TEMPLATE, format=form, ppi=DOTS, root=TEMPLATE.parent, font_paths=letters.fonts(), ignore_system_fonts=True,
        sys_inputs={"report": json.dumps(sheet)}, pdf_standards=list(standards),
    )  # fmt: skip
    return list(made) if isinstance(made, list) else [made]


def _sheet(told: Told, *, size: str = "wide") -> dict[str, Any]:
    """All that is set, as plain data in which every letter has a sign."""
    odd: set[str] = set()
    words = {"at": formats.date_format(_local(told), "DATETIME_FORMAT")}
    language = (get_language() or "en").split("-")[0]
    sheet = _printable({
        "lang": language, "fonts": letters.families(language),
        "organization": str(active_organization()),
        "title": str(told.report),
        "days": told.days,
        "lead": told.lead,
        "practice": _("These are figures of the practice field.") if told.side == "practice" else "",
        "foot": _("Read on %(at)s. What is counted as it lies there, such as the backlog, is of that moment.") % words,
        "better": _("Better:"), "worse": _("Worse:"),
        "only": None,
        "blocks": [_block(block, size) for block in told.blocks],
    }, odd)  # fmt: skip
    sheet["missing"] = _missing(odd)
    return dict(sheet)


def _local(told: Told) -> Any:
    return told.at.astimezone(told.window.zone)


def _block(block: Block, size: str) -> dict[str, Any]:
    return {
        "kind": block.kind, "title": block.title, "lines": list(block.lines), "prose": pieces(block.text),
        "tiles": [
            {
                "name": one.name, "value": one.value, "then": one.then, "better": one.better,
                "usual": _("usual %(usual)s") % {"usual": one.usual_said} if one.usual_said else "",
            }
            for one in block.headlines
        ],
        "picture": _picture(block.picture, size, block.said) if block.picture else None,
        "week": block.week, "words": block.words, "bars": list(block.bars), "alt": block.said,
        "heads": list(block.heads), "rows": [[cell.text for cell in row] for row in block.rows],
    }  # fmt: skip


def _picture(picture: Picture, size: str, said: str) -> dict[str, Any]:
    chart = picture.wide if size == "wide" else picture.narrow
    drawn = get_template("measurement/paper/drawing.jinja", using="jinja2").render({
        "picture": picture, "chart": chart, "size": size, "frame": chart.frame,
    })  # fmt: skip
    head, body = drawn.split(">", 1)
    named = ",".join(f'"{name}"' for name in letters.families((get_language() or "en").split("-")[0]))
    return {
        "svg": f"{head}><style>{STYLE}text{{font-family:{named}}}</style>{body}",
        "alt": said, "summary": picture.summary,
        "legend": [
            {"colour": SERIES[colour - 1], "label": label, "is_line": bool(chart.lines), "mark": number % 8}
            for number, (colour, label) in enumerate(picture.series)
        ],
        "notes": [f"{note.number}  {labelled(listed([note.label, note.days]), note.title)}" for note in picture.notes],
    }  # fmt: skip


def _printable(value: Any, odd: set[str]) -> Any:
    """The same with a box for each letter that no font here has a sign for; those are kept in mind."""
    match value:
        case str():
            return "".join(_signs(unicodedata.normalize("NFC", value), odd))
        case Mapping():
            return {name: _printable(part, odd) for name, part in value.items()}
        case list() | tuple():
            return [_printable(part, odd) for part in value]
    return value


def _signs(text: str, odd: set[str]) -> Iterable[str]:
    for letter in text:
        if ord(letter) in letters.covered() or letter == "\n":
            yield letter
        elif letter in "\t\r\v\f" or unicodedata.category(letter) == "Zs":
            yield " "
        elif (kind := unicodedata.category(letter)) not in {"Cc", "Cf"}:
            odd.add(letter)
            # What only sits on another letter needs no box beside its own.
            yield "" if kind in {"Mn", "Me"} else MISSING


def _missing(odd: set[str]) -> str:
    """Which scripts cannot be set, in words; nothing where all can."""
    if not odd:
        return ""
    letters = [letter for letter in odd if unicodedata.category(letter).startswith("L")]
    scripts = sorted({unicodedata.name(letter, "?").split(" ")[0].split("-")[0].capitalize() for letter in letters})
    if not scripts:
        told = _("%(sign)s stands for signs that cannot be set on paper here; on the page they are.")
        return told % {"sign": MISSING}
    words = {"sign": MISSING, "scripts": listed(scripts[:6])}
    return (
        _("%(sign)s stands for letters that cannot be set on paper here (%(scripts)s); on the page they are.") % words
    )
